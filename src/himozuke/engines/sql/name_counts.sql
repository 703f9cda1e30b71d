-- reads: names (distinct kanji keys of the asked links), forms (the kanji key of everybody in the register)
-- one row per key: how many people of the register bear that name
-- order: none
SELECT
    forms.k,
    count(*) AS people
FROM forms
JOIN names ON names.k = forms.k
GROUP BY forms.k
