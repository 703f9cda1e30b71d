-- reads: wanted (ord, pos of an entry), entries
-- one row per wanted entry, with everything a reader may need
-- order: ord
SELECT
    wanted.ord,
    entries.pos,
    entries.number,
    entries.status,
    entries.status_on,
    entries.protected,
    entries.birth,
    entries.sex_code,
    entries.kanji_name,
    entries.kana_name,
    entries.birth_date,
    entries.sex,
    entries.address,
    entries.former_kanji_names,
    entries.former_kana_names,
    entries.former_addresses,
    entries.alias,
    entries.alias_kana,
    entries.parallel_kanji_name
FROM wanted
JOIN entries ON entries.pos = wanted.pos
ORDER BY wanted.ord
