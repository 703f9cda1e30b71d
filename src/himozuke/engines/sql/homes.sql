-- reads: people (idx of a link, pos of the person it belongs to), holders (pos of entries)
-- one row per link that belongs to one of the holders
-- order: pos, idx
SELECT
    people.idx,
    people.pos
FROM people
JOIN holders ON holders.pos = people.pos
ORDER BY
    people.pos,
    people.idx
