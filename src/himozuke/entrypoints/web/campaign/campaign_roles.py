"""Who takes part in a campaign: those who see the nation's figures, and the bodies themselves."""

from __future__ import annotations

from himozuke.ports.actor import Role

NATION = frozenset({Role.HEADQUARTERS, Role.MINISTRY_VIEWER})
BODY = frozenset({Role.INSURER_CLERK, Role.INSURER_SUPERVISOR, Role.MUNICIPALITY_CLERK})
EVERYBODY_HERE = NATION | BODY
HEADQUARTERS = frozenset({Role.HEADQUARTERS})
