"""Which font draws which character, asked before anything is printed.

Two collections of ideographic variants are about, and no font holds both: Adobe-Japan1 in Noto,
Moji_Joho in IPAmj明朝. A font that lacks a sequence draws the plain shape without a word, so every
(character, selector) is looked up first and a name goes to the font that has it whole.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

from himozuke.errors import MissingGlyphError, Sentence

_PACKAGES = ("noto_cjk_sans_jp_regular", "noto_cjk_sans_jp_bold")
#: Where systems keep the font of the Moji_Joho collection, which has all characters of the resident register.
_SYSTEM_FONTS = (
    Path("/usr/share/fonts/truetype/ipamj/ipamjm.ttf"),
    Path("/usr/share/fonts/ipa-mj-mincho/ipamjm.ttf"),
    Path("/Library/Fonts/ipamjm.ttf"),
)
_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
_VARIATION_SEQUENCES = 14  # the cmap format that holds them
_UNDRAWN = {"\n", "\t", "\u200b"}


@dataclass(frozen=True, slots=True)
class Face:
    """One font: its family as the typesetter knows it, and what it can draw."""

    family: str
    path: Path
    characters: frozenset[int]
    sequences: frozenset[tuple[int, int]]

    def draws(self, character: str) -> bool:
        """Tell whether one character, with its selector if it bears one, comes out as it stands."""
        if character in _UNDRAWN:
            return True
        if len(character) == 1:
            return ord(character) in self.characters
        return (ord(character[0]), ord(character[1])) in self.sequences


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text one font draws."""

    text: str
    family: str


def split_characters(text: str) -> Iterator[str]:
    """Take a text apart into characters, a variation selector staying with its base.

    >>> [len(c) for c in split_characters("葛" + chr(0xE0100) + "木")]
    [2, 1]
    """
    held = ""
    for c in text:
        if held and any(ord(c) in selectors for selectors in _SELECTORS):
            yield held + c
            held = ""
            continue
        if held:
            yield held
        held = c
    if held:
        yield held


@cache
def open_face(path: Path) -> Face:
    """Read what a font can draw."""
    with TTFont(path, lazy=True) as font:
        plain: set[int] = set()
        sequences: set[tuple[int, int]] = set()
        for table in font["cmap"].tables:
            if table.format == _VARIATION_SEQUENCES:
                for selector, glyphs in table.uvsDict.items():
                    sequences.update((base, selector) for base, _ in glyphs)
            elif table.isUnicode():
                plain.update(table.cmap)
        return Face(font["name"].getDebugName(1) or path.stem, path, frozenset(plain), frozenset(sequences))


def packaged_fonts() -> list[Path]:
    """The font files that come with the program, the body face first."""
    found = []
    for package in _PACKAGES:
        spec = importlib.util.find_spec(package)
        if spec is not None and spec.origin is not None:
            found += sorted(Path(spec.origin).parent.glob("*.otf"))
    return found


def font_files(given: Path | None) -> list[Path]:
    """The font files an installation adds: one file, or every one of a folder; none where nothing is given."""
    if given is None or given.is_file():
        return [given] if given else []
    return sorted(path for path in given.glob("*") if path.suffix.lower() in (".ttf", ".otf", ".ttc"))


class Typecase:
    """The fonts at hand: the body face, then those that stand in for characters it lacks."""

    def __init__(self, extra: Sequence[Path] = ()) -> None:
        packaged = packaged_fonts()
        added = [*extra, *(path for path in _SYSTEM_FONTS if path.exists())]
        faces = [open_face(path) for path in [*packaged, *added]]
        self.folders = list(dict.fromkeys(str(face.path.parent) for face in faces))
        self.families = list(dict.fromkeys(face.family for face in faces))
        self._faces = [next(face for face in faces if face.family == family) for family in self.families]

    def runs(self, text: str) -> list[Run]:
        """Say which font draws which piece: one font the whole text where one can, so that a name has one hand.

        MissingGlyphError names every character that none of them can draw as it stands.
        """
        characters = list(split_characters(text))
        whole = next((face for face in self._faces if all(face.draws(c) for c in characters)), None)
        if whole is not None:
            return [Run(text, whole.family)]
        missing = [c for c in characters if not any(face.draws(c) for face in self._faces)]
        if missing:
            raise MissingGlyphError(_explain(text, missing))
        runs: list[Run] = []
        for c in characters:
            current = next((face for face in self._faces if runs and face.family == runs[-1].family), None)
            face = current if current and current.draws(c) else next(f for f in self._faces if f.draws(c))
            if face is current:
                runs[-1] = Run(runs[-1].text + c, face.family)
            else:
                runs.append(Run(c, face.family))
        return runs


def code_points(character: str) -> str:
    """Write a character with its code points.

    >>> code_points("邉" + chr(0xE010F))
    'U+9089 U+E010F'
    """
    return " ".join(f"U+{ord(c):04X}" for c in character)


def _explain(text: str, missing: Sequence[str]) -> Sentence:
    shown = ", ".join(f"{c} ({code_points(c)})" for c in dict.fromkeys(missing))
    kept = text if len(text) <= 40 else text[:40] + "…"  # noqa: PLR2004  # enough to find the line
    return Sentence(
        f"「{kept}」を印刷できません。{shown}をそのままの字形で持つ書体がなく、別の字形にすると別の氏名になります。"
        "この字を持つ書体（IPAmj明朝など。HIMOZUKE_FONTSでファイルを指定できます）を入れるか、本人が使っている表記に改めてから、もう一度印刷してください。",
        f"Cannot print 「{kept}」: no font at hand draws {shown} as it stands, and another shape would be another name. "
        "Install IPAmj明朝 (or name a font file in HIMOZUKE_FONTS) that has it, or enter the spelling the person uses, then print again.",
    )
