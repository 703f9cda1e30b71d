-- reads: asked (keys of the links to challenge), forms (pos, keys, birth)
-- one row per form that shares a whole name or a whole address with some asked link
-- order: none
SELECT
    forms.pos,
    forms.birth,
    forms.k,
    forms.n,
    forms.a,
    forms.kh
FROM forms
WHERE forms.k IN (SELECT asked.k FROM asked)
    OR forms.n IN (SELECT asked.n FROM asked)
    OR forms.a IN (SELECT asked.a FROM asked)
