-- reads: links (one row per link), entries (one row per person)
-- one row per link whose Individual Number is some person's number today
-- order: none
SELECT
    links.idx,
    entries.pos,
    entries.status,
    entries.status_on,
    entries.evidence,
    links.row_hash = entries.row_hash AND links.complete AND entries.complete AS settled
FROM links
JOIN entries ON entries.number = links.number
