-- reads: asked (one row per link whose items do not all agree: idx, own, keys, birth and its parts),
--        forms (one row per name and address under which a person can be found: pos, keys, birth;
--        forms that agree with no asked link on two items may be left out)
-- one row per link and other entry that agree on at least two items: no single wrong item hides a rival
-- order: none
SELECT DISTINCT
    found.idx,
    found.pos
FROM (
    SELECT asked.idx, asked.own, forms.pos
    FROM asked JOIN forms ON forms.n = asked.n AND forms.birth = asked.birth
    UNION ALL
    SELECT asked.idx, asked.own, forms.pos
    FROM asked JOIN forms ON forms.k = asked.k AND forms.birth = asked.birth
    UNION ALL
    SELECT asked.idx, asked.own, forms.pos
    FROM asked JOIN forms ON forms.a = asked.a AND forms.kh = asked.kh
    UNION ALL
    SELECT asked.idx, asked.own, forms.pos
    FROM asked JOIN forms ON forms.n = asked.n AND forms.a = asked.a
    UNION ALL
    SELECT asked.idx, asked.own, forms.pos
    FROM asked JOIN forms ON forms.k = asked.k AND forms.a = asked.a
    UNION ALL
    SELECT asked.idx, asked.own, forms.pos
    FROM asked JOIN forms ON forms.birth = asked.birth AND forms.a = asked.a
    UNION ALL
    SELECT asked.idx, asked.own, forms.pos
    FROM asked JOIN forms ON forms.birth = asked.birth AND forms.kt = asked.kt
    UNION ALL
    SELECT asked.idx, asked.own, forms.pos
    FROM asked JOIN forms ON forms.birth = asked.birth AND forms.nt = asked.nt
    UNION ALL
    SELECT asked.idx, asked.own, forms.pos
    FROM asked JOIN forms ON forms.k = asked.k AND forms.birth // 100 = asked.year_month
    UNION ALL
    SELECT asked.idx, asked.own, forms.pos
    FROM asked JOIN forms ON forms.k = asked.k AND forms.birth % 10000 = asked.month_day
    UNION ALL
    SELECT asked.idx, asked.own, forms.pos
    FROM asked JOIN forms ON forms.k = asked.k
        AND forms.birth // 10000 = asked.birth_year AND forms.birth % 100 = asked.birth_day
) AS found
WHERE found.pos <> found.own
