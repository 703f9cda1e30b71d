-- reads: entries
-- one row per register row whose number an earlier row already bears
-- order: pos
SELECT
    entries.pos,
    entries.register_row
FROM entries
JOIN (
    SELECT
        number,
        min(pos) AS first_pos
    FROM entries
    GROUP BY number
    HAVING count(*) > 1
) AS twice ON twice.number = entries.number
WHERE entries.pos > twice.first_pos
ORDER BY entries.pos
