-- reads: names (distinct kanji keys of the asked links), entries
-- one row per key: how many people of the register bear that name
-- order: none
SELECT
    entries.k,
    count(*) AS people
FROM entries
JOIN names ON names.k = entries.k
GROUP BY entries.k
