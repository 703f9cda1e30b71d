-- reads: unmatched (idx and number of links found under no current number), entries
-- one row per link whose Individual Number somebody bore before it was changed
-- order: none
SELECT
    unmatched.idx,
    entries.pos,
    entries.status,
    entries.status_on,
    entries.evidence
FROM unmatched
JOIN entries ON entries.previous_number = unmatched.number
WHERE entries.previous_number > 0
