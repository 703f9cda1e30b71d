"""What the access log says of a showing: the items, and the consents under which they were shown."""

from __future__ import annotations

from collections.abc import Mapping

from himozuke.eligibility.model import GivenConsent, Qualification, Viewable

#: What the access log calls what was shown.
LOGGED: Mapping[Viewable, str] = {
    Viewable.CHECKUPS: "checkups",
    Viewable.MEDICINES: "medicines",
    Viewable.DIAGNOSES: "procedures",
    Viewable.PROCEDURES: "procedures",
}


def consent_text(consent: GivenConsent) -> str:
    """A consent as the log keeps it: to what, and since when."""
    return f"{consent.viewable} {consent.given_at.isoformat(timespec='seconds')}"


def items(shown: Qualification) -> list[str]:
    """What the access log calls what is shown of a qualification."""
    certificates = (("limits", shown.limits), ("diseases", shown.diseases))
    return ["qualification", *(name for name, held in certificates if held)]


def allowed(shown: Qualification, consents: Mapping[Viewable, GivenConsent]) -> str:
    """The consents under which certificates are shown; asked by number, the institution says that it has one."""
    named = {item: consents.get(Viewable(item)) for item in items(shown)[1:]}
    return ", ".join(consent_text(one) if one is not None else f"{item} told" for item, one in named.items())
