"""Which differences between a link and its entry have a name, and which nothing explains.

Called only where nobody else fits: the challenge comes before any explanation.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from himozuke.link.items import ITEMS, Trait
from himozuke.link.pattern import ItemClass, NameClass, Pattern

_NEAR_NAMES = (NameClass.NEAR_GIVEN, NameClass.NEAR_SURNAME)
_SURNAME_ONLY = (NameClass.SURNAME_DIFFERS, NameClass.NEAR_SURNAME)
_OTHER_GIVEN = (NameClass.DIFFERENT, NameClass.GIVEN_DIFFERS)
_OTHER_NAMES = (*_OTHER_GIVEN, NameClass.SURNAME_DIFFERS)
_NOT_SEEN = (NameClass.UNKNOWN, NameClass.MISSING)


@dataclass(slots=True)
class Reading:
    """How the five items of one comparison read.

    ``explained`` and ``unexplained`` are reason codes; ``register_lacks`` says that what is missing is missing in the register; ``differs``
    that that something is not plain
    agreement, ``to_correct`` that the insurer should mend its record, ``thin`` that what agrees is too
    little to tell this person from others.
    """

    explained: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    register_lacks: bool = False
    differs: bool = False
    to_correct: bool = False
    thin: bool = False

    def name(self, reason: str, *, correct: bool, differs: bool = True) -> None:
        """Give a difference its name; ``differs=False`` for what no rule asks to hold."""
        if reason not in self.explained:
            self.explained.append(reason)
        self.differs = self.differs or differs
        self.to_correct = self.to_correct or correct

    def lacks(self, item: str, pattern: Pattern, held: int, *, correct: bool) -> None:
        """Say that an item is empty on one side, or that the scheme has no room for it."""
        bit = 1 << ITEMS.index(item)
        required = bool(pattern.required & bit)
        if held & bit:
            correct = correct and not self.register_lacks  # there the insurer has nothing to mend
            self.name(f"missing_{item}", correct=correct and required, differs=required or item == "address")
        else:
            self.name("not_held", correct=False, differs=False)

    def doubt(self, *items: str) -> None:
        """Say that nothing explains the difference in these items."""
        self.unexplained += [f"unexplained_{i}" for i in items if f"unexplained_{i}" not in self.unexplained]
        self.differs = True


def explain_items(pattern: Pattern, traits: Trait, held: int = 31) -> Reading:
    """Find a name for every difference of a pattern.

    ``held`` has a bit for each item that the scheme's records have room for.
    """
    reading = Reading(register_lacks=Trait.REGISTER_LACKS in traits)
    _note_agreeing_traits(reading, traits)
    _explain_names(reading, pattern, traits, held)
    _explain_birth_date(reading, pattern, held)
    _explain_sex(reading, pattern, held)
    _explain_address(reading, pattern, traits, held)
    reading.thin = _is_thin(pattern)
    return reading


def _note_agreeing_traits(reading: Reading, traits: Trait) -> None:
    for trait, reason in (
        (Trait.FORMER_NAME, "former_name"),
        (Trait.ALIAS, "alias"),
        (Trait.FORMER_ADDRESS, "former_address"),
    ):
        if trait in traits:
            reading.explained.append(reason)


def _explain_names(reading: Reading, pattern: Pattern, traits: Trait, held: int) -> None:
    kanji, kana = NameClass(pattern.kanji_name), NameClass(pattern.kana_name)
    for item, state in (("kanji_name", kanji), ("kana_name", kana)):
        if state is NameClass.MISSING:
            reading.lacks(item, pattern, held, correct=True)
        elif state is NameClass.UNKNOWN:
            other = Trait.OTHER_SCRIPT in traits
            reading.name("other_script" if other else "unreadable", correct=False)
    if _is_married(pattern):
        reading.name("married", correct=True)
        return
    _explain_kanji(reading, pattern, traits)
    _explain_kana(reading, pattern, traits)


def _is_married(pattern: Pattern) -> bool:
    """Another surname in kanji and kana, everything else that identifies agreeing (also moved)."""
    kanji, kana = pattern.kanji_name, pattern.kana_name
    changed = NameClass.SURNAME_DIFFERS in (kanji, kana)
    # Some schemes do not hold the sex; then nothing disagrees.
    same_sex = pattern.sex in (ItemClass.FULL, ItemClass.MISSING, ItemClass.UNKNOWN)
    same_birth = pattern.birth_date == ItemClass.FULL or (
        pattern.birth_date == ItemClass.NEAR and pattern.address == ItemClass.FULL
    )
    if not changed or not same_birth or not same_sex:
        return False
    if kanji in _SURNAME_ONLY and kana in _SURNAME_ONLY:
        return True
    # One script alone shows the change: then the address has to agree.
    one_script = (kanji in _NOT_SEEN) != (kana in _NOT_SEEN)
    return one_script and pattern.address in (ItemClass.FULL, ItemClass.NEAR)


def _explain_kanji(reading: Reading, pattern: Pattern, traits: Trait) -> None:
    kanji, kana = pattern.kanji_name, pattern.kana_name
    address_agrees = pattern.address in (ItemClass.FULL, ItemClass.NEAR, ItemClass.UNKNOWN)
    if kanji in _NEAR_NAMES:
        harmless = kanji == NameClass.NEAR_SURNAME and kana not in _OTHER_GIVEN
        near_slip = kana not in _OTHER_NAMES
        # 裕子 and 祐子 elsewhere: the namesake in kana whose own person the register does not hold.
        if (pattern.address != ItemClass.DIFFERENT and (near_slip or harmless)) or (
            harmless and kana in (NameClass.FULL, *_NOT_SEEN)
        ):
            _name_slip(reading, "kanji_name", traits)
        else:
            reading.doubt("kanji_name")
    elif kanji in _OTHER_NAMES:
        # One part of the name with the same reading, at the same address: its characters were chosen wrongly.
        homophone = kanji != NameClass.DIFFERENT and kana == NameClass.FULL and pattern.birth_date == ItemClass.FULL
        if homophone and address_agrees:
            _name_slip(reading, "kanji_name", traits)
        else:
            reading.doubt("kanji_name")


def _name_slip(reading: Reading, item: str, traits: Trait) -> None:
    if Trait.MIDDLE_NAME in traits:
        reading.name("middle_name", correct=True)
    else:
        reading.name(f"slip_{item}", correct=True)


def _explain_kana(reading: Reading, pattern: Pattern, traits: Trait) -> None:
    kanji, kana = pattern.kanji_name, pattern.kana_name
    moved = pattern.address == ItemClass.DIFFERENT
    if kana in _NEAR_NAMES:
        if Trait.READING in traits:
            reading.name("reading", correct=True)
        elif moved and kanji in _NEAR_NAMES:
            reading.doubt("kana_name")
        else:
            _name_slip(reading, "kana_name", traits)
    elif kana in _OTHER_NAMES:
        # Elsewhere, another reading of the given name may be another person.
        same_person = kanji == NameClass.FULL and not (moved and kana in _OTHER_GIVEN)
        if same_person and pattern.birth_date == ItemClass.FULL:
            reading.name("reading", correct=True)
        else:
            reading.doubt("kana_name")


def _explain_birth_date(reading: Reading, pattern: Pattern, held: int) -> None:
    birth = pattern.birth_date
    if birth == ItemClass.DIFFERENT:
        reading.doubt("birth_date")
    elif birth == ItemClass.NEAR:
        if _is_slip_of_birth_date(pattern):
            reading.name("slip_birth_date", correct=True)
        else:
            reading.doubt("birth_date")
    elif birth == ItemClass.UNKNOWN:
        reading.name("unreadable", correct=True)
    elif birth == ItemClass.MISSING:
        reading.lacks("birth_date", pattern, held, correct=True)


def _is_slip_of_birth_date(pattern: Pattern) -> bool:
    """A near birth date is a slip where the rest identifies the person.

    Elsewhere both names have to agree; at the same address one of them, or a changed surname.
    """
    names = (pattern.kanji_name, pattern.kana_name)
    if pattern.address == ItemClass.DIFFERENT:
        return names == (NameClass.FULL, NameClass.FULL)
    if NameClass.FULL in names:
        return set(names) <= {NameClass.FULL, *_NEAR_NAMES, *_NOT_SEEN}
    return _is_married(pattern) or set(names) <= {NameClass.NEAR_SURNAME, *_NOT_SEEN}


def _explain_sex(reading: Reading, pattern: Pattern, held: int) -> None:
    sex = pattern.sex
    if sex == ItemClass.DIFFERENT:
        names = (pattern.kanji_name, pattern.kana_name)
        certain = (
            NameClass.FULL in names
            and set(names) <= {NameClass.FULL, *_NOT_SEEN}
            and pattern.birth_date == ItemClass.FULL
            and pattern.address == ItemClass.FULL
        )
        if certain:
            reading.name("slip_sex", correct=True)
        else:
            reading.doubt("sex")
    elif sex == ItemClass.NEAR:
        reading.name("slip_sex", correct=True)
    elif sex == ItemClass.UNKNOWN:
        reading.name("unreadable", correct=True)
    elif sex == ItemClass.MISSING:
        reading.lacks("sex", pattern, held, correct=True)


def _explain_address(reading: Reading, pattern: Pattern, traits: Trait, held: int) -> None:
    address = pattern.address
    if address == ItemClass.DIFFERENT:
        if reading.unexplained:
            reading.doubt("address")
        else:
            reading.name("moved", correct=False)
    elif address == ItemClass.NEAR:
        reading.name("slip_address", correct=True)
    elif address == ItemClass.UNKNOWN:
        other = Trait.OTHER_SCRIPT in traits and Trait.UNREADABLE not in traits
        reading.name("other_script" if other else "unreadable", correct=False)
    elif address == ItemClass.MISSING:  # insurers need not hold it
        reading.lacks("address", pattern, held, correct=False)


def _is_thin(pattern: Pattern) -> bool:
    """Too little is held to tell this person from others, whoever else is in the register."""
    names = (pattern.kanji_name, pattern.kana_name)
    no_name = all(name in _NOT_SEEN for name in names) and NameClass.UNKNOWN not in names
    birth_seen = pattern.birth_date in (ItemClass.FULL, ItemClass.NEAR)
    address_seen = pattern.address in (ItemClass.FULL, ItemClass.NEAR)
    if no_name or not (birth_seen or address_seen):
        return True
    # Kana and birth date alone, with another address, is the three-item inquiry of S63.
    three_items = pattern.kanji_name == NameClass.MISSING and pattern.address == ItemClass.DIFFERENT
    no_birth = not birth_seen and NameClass.FULL not in names
    return three_items or no_birth
