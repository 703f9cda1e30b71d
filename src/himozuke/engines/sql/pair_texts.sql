-- reads: pairs (idx of a link, pos of an entry), entries
-- one row per pair, with what the register holds of the entry
-- order: none
SELECT
    pairs.idx,
    pairs.pos,
    entries.number,
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
FROM pairs
JOIN entries ON entries.pos = pairs.pos
