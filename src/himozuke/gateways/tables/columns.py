"""The columns of a file of links and of a register, and how a header is recognised as one of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from himozuke.errors import InputRejectedError, Sentence

_IGNORED = re.compile(r"[\s_\-‐−・.()\[\]【】「」:*※\ufeff]+")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of table: its name for people, its columns, and the other names each goes by."""

    name: str
    names_by_column: Mapping[str, tuple[str, ...]]

    @property
    def columns(self) -> tuple[str, ...]:
        """The canonical names of all columns the kind knows."""
        return tuple(self.names_by_column)


_FIVE_ITEMS: dict[str, tuple[str, ...]] = {
    "individual_number": ("個人番号", "マイナンバー"),
    "kanji_name": ("漢字氏名", "氏名", "氏名漢字"),
    "kana_name": ("カナ氏名", "氏名カナ", "氏名フリガナ", "フリガナ", "氏名の振り仮名"),
    "birth_date": ("生年月日",),
    "sex": ("性別",),
    "address": ("住所",),
}
LINKS = Kind(
    "links",
    {
        "link_id": ("紐付けID",),
        "scheme_number": ("制度固有番号",),
        "insurer_number": ("保険者番号",),
        "symbol": ("記号", "被保険者証記号"),
        "number": ("番号", "被保険者証番号"),
        "branch": ("枝番", "被保険者証枝番"),
        **_FIVE_ITEMS,
        "acquired_by": ("取得方法",),
        "acquired_items": ("照会項目",),
        "acquired_hits": ("該当件数",),
        "acquired_on": ("取得年月日",),
        "registered_on": ("登録年月日",),
        "valid_from": ("資格取得年月日",),
        "valid_to": ("資格喪失年月日",),
        "operator": ("入力者",),
        "batch": ("バッチ",),
    },
)
REGISTER = Kind(
    "register",
    {
        **_FIVE_ITEMS,
        "furigana_certified": ("振り仮名公証",),
        "former_kanji_names": ("旧氏名",),
        "former_kana_names": ("旧カナ氏名", "旧氏名カナ"),
        "former_addresses": ("前住所",),
        "alias": ("通称",),
        "alias_kana": ("通称カナ",),
        "parallel_kanji_name": ("併記漢字",),
        "status": ("状態",),
        "status_on": ("異動年月日",),
        "previous_number": ("変更前個人番号",),
        "protected": ("支援措置",),
    },
)


# columns of few distinct values that are needed as codes only, never as the text of the file
CODED = frozenset(
    {"acquired_by", "acquired_items", "acquired_hits", "acquired_on", "registered_on", "valid_from", "valid_to"}
    | {"insurer_number", "symbol", "branch", "sex", "operator", "batch"}
    | {"furigana_certified", "status", "status_on", "protected"}
)


def folded(header: str) -> str:
    """The header without width, case, spaces and signs."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", header)).lower()


def column_by_header(kind: Kind) -> dict[str, str]:
    """Canonical column by every folded name it goes by."""
    return {folded(name): column for column, names in kind.names_by_column.items() for name in (column, *names)}


def headers_of(columns: Iterable[str], headers: Sequence[str], kind: Kind) -> list[str]:
    """The headers that by their name are one of some columns."""
    known, wanted = column_by_header(kind), set(columns)
    return [header for header in headers if known.get(folded(header)) in wanted]


def count_known(headers: Sequence[str], kind: Kind) -> int:
    """How many headers are names of columns the kind knows."""
    known = column_by_header(kind)
    return sum(folded(header) in known for header in headers)


def recognise(
    headers: Sequence[str], kind: Kind, header_by_column: Mapping[str, str], *, source: str
) -> dict[str, int]:
    """Find each canonical column's place among the headers; the mapping goes before the names.

    Raises :class:`InputRejectedError` when a column stands twice, or no Individual Number is there.
    """
    place_by_column = _mapped(headers, kind, header_by_column, source)
    known = column_by_header(kind)
    taken = set(place_by_column.values())
    for place, header in enumerate(headers):
        column = known.get(folded(header))
        if column is None or place in taken or column in header_by_column:
            continue
        if column in place_by_column:
            twice = headers[place_by_column[column]]
            raise InputRejectedError(
                Sentence(
                    f"{source}を読めません。見出し「{twice}」と「{header}」が、どちらも{column}を表します。一つにするか、対応表（--mapping）で示してください。",
                    f"Cannot read {source}: the headers “{twice}” and “{header}” both mean {column}; "
                    "keep one of them, or say which in a mapping file (--mapping).",
                )
            )
        place_by_column[column] = place
    if not place_by_column:
        raise InputRejectedError(
            Sentence(
                f"{source}を読めません。{len(headers)}個の見出しのうち、{kind.name}の列として知られているものがありません。説明のとおりの列名にするか、対応表（--mapping）で示してください。",
                f"Cannot read {source}: none of its {len(headers)} headers is a known column of {kind.name}; "
                "name the columns as documented, or say which is which in a mapping file (--mapping).",
            )
        )
    if "individual_number" not in place_by_column:
        raise InputRejectedError(
            Sentence(
                f"{source}を読めません。個人番号（individual_number）の列がありません。列を加えるか、対応表（--mapping）でどの列かを示してください。",
                f"Cannot read {source}: it has no column individual_number (個人番号); "
                "add it, or say which column it is in a mapping file (--mapping).",
            )
        )
    return place_by_column


def _mapped(headers: Sequence[str], kind: Kind, header_by_column: Mapping[str, str], source: str) -> dict[str, int]:
    places = {folded(header): place for place, header in reversed(list(enumerate(headers)))}
    place_by_column: dict[str, int] = {}
    for column, header in header_by_column.items():
        if column not in kind.names_by_column:
            raise InputRejectedError(
                f"Cannot read {source} with this mapping: {kind.name} have no column {column}; "
                f"known are {', '.join(kind.columns)}."
            )
        place = places.get(folded(header))
        if place is None:
            raise InputRejectedError(
                f"Cannot read {source} with this mapping: it has no header “{header}” (for {column}); "
                f"its headers are {', '.join(headers)}."
            )
        place_by_column[column] = place
    return place_by_column
