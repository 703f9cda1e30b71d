"""Statements on the bodies that a campaign asks."""

from __future__ import annotations

# Reads organisation. One row a code that no insurer and no municipality has.
UNKNOWN = """
SELECT DISTINCT asked.code
FROM unnest(%s::text[]) AS asked (code)
WHERE NOT EXISTS (
    SELECT FROM organisation AS body WHERE body.code = asked.code AND body.kind IN ('insurer', 'municipality')
)
ORDER BY asked.code
"""

# Writes campaign_survey: removes one that was never answered.
TAKE_BACK = """
DELETE FROM campaign_survey
WHERE campaign_id = %(campaign_id)s AND organisation_id = %(organisation_id)s AND scheme = %(scheme)s AND version = 0
"""
