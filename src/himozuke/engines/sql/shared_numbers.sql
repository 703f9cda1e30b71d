-- reads: links
-- one row per link whose Individual Number stands on more than one row of the file
-- order: number, idx
SELECT
    links.idx,
    links.number
FROM links
JOIN (
    SELECT number
    FROM links
    GROUP BY number
    HAVING count(*) > 1
) AS twice ON twice.number = links.number
ORDER BY
    links.number,
    links.idx
