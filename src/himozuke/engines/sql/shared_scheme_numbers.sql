-- reads: links
-- one row per link whose scheme number stands on more than one row of the file
-- order: scheme_hash, idx
SELECT
    links.idx,
    links.scheme_hash
FROM links
JOIN (
    SELECT scheme_hash
    FROM links
    WHERE scheme_hash <> 0
    GROUP BY scheme_hash
    HAVING count(*) > 1
) AS twice ON twice.scheme_hash = links.scheme_hash
ORDER BY
    links.scheme_hash,
    links.idx
