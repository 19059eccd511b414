"""Which contact a donor is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.rules.donation_facts import Donor
from backoffice.rules.donors import (
    NameParts,
    cards_of,
    duplicates_of,
    fitting_names,
    name_parts,
    person_key,
    same_name,
)
from tests.rules.donations import OLGA, SITE, card

WORDS = st.sampled_from(["Ольга", "Кузнецова", "Петровна", "О'Нил", "Анна-Мария", "О", "А", "И", "ёлка", "—"])
NAMES = st.lists(WORDS, max_size=4).map(" ".join)
PHONE = "+79990000401"


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("Кузнецова Ольга", ("Кузнецова", "Ольга", "")),
        ("Ольга Кузнецова", ("Кузнецова", "Ольга", "")),
        ("О'Нил Джон", ("Джон", "О'Нил", "")),
        ("Кузнецова Ольга Петровна", ("Кузнецова", "Ольга", "Петровна")),
        ("Ольга Петровна Кузнецова", ("Кузнецова", "Ольга", "Петровна")),
        ("  Ольга ", ("", "Ольга", "")),
        ("ООО Ромашка и Ко", ("", "ООО Ромашка и Ко", "")),
        ("Anonymous", ("", "Жертвователь", "")),
        ("", ("", "Жертвователь", "")),
    ],
)
def test_a_name_in_one_line_becomes_the_parts_of_a_card(written: str, parts: tuple[str, str, str]) -> None:
    """In either order; where the words do not tell, the second of two counts as the surname."""
    assert name_parts(written) == NameParts(*parts)


@given(NAMES)
def test_no_word_of_a_name_is_lost(name: str) -> None:
    """However it is split."""
    parts = name_parts(name)
    if name:
        assert sorted(f"{parts.last} {parts.first} {parts.second}".split()) == sorted(name.split())


@pytest.mark.parametrize(
    ("one", "other", "same", "fitting"),
    [
        ("Кузнецова Ольга", "Ольга Кузнецова", True, True),
        ("КУЗНЕЦОВА  ОЛЬГА", "Кузнецова Ольга", True, True),
        ("Семёнова Алёна", "Семенова Алена", True, True),
        ("Кузнецова Ольга", "Ольга", False, True),
        ("Кузнецова О.", "Кузнецова Ольга", False, True),
        ("Кузнецова О. П.", "Кузнецова Ольга Петровна", False, True),
        ("Ольга", "О. П. Кузнецова", False, True),
        ("Кузнецова О.", "Кузнецова Мария", False, False),
        ("О. К.", "Ольга Орлова", False, False),
        ("Кузнецова Ольга", "Кузнецов Олег", False, False),
        ("Лебедев Иван", "Лебедева Мария", False, False),
        ("Кузнецова Ольга Петровна", "Кузнецова Ольга Ивановна", False, False),
        ("Аноним", "Кузнецова Ольга", False, True),
        ("", "", False, True),
        ("Жертвователь", "Жертвователь", False, True),
    ],
)
def test_names_of_one_person_fit(one: str, other: str, same: bool, fitting: bool) -> None:
    """A missing name fits every name and is the same as none."""
    assert (same_name(one, other), fitting_names(one, other)) == (same, fitting)
    assert (same_name(other, one), fitting_names(other, one)) == (same, fitting)


@given(NAMES, NAMES)
def test_names_are_compared_alike_from_both_sides(one: str, other: str) -> None:
    """And who has the same name fits."""
    assert same_name(one, other) == same_name(other, one)
    assert fitting_names(one, other) == fitting_names(other, one)
    assert not same_name(one, other) or fitting_names(one, other)


def test_a_person_is_known_by_address_and_name() -> None:
    """In any order of the words; the phone counts where there is no address, the donation where there is neither."""
    first, second = (SITE, 47), (SITE, 48)
    assert person_key(OLGA, first) == person_key(Donor("ольга кузнецова", OLGA.email, "+79990000499"), second)
    assert person_key(OLGA, first) != person_key(Donor("Кузнецов Олег", OLGA.email), first)
    assert person_key(Donor("Ольга", phone=PHONE), first) == person_key(Donor("Ольга", phone=PHONE), second)
    assert person_key(Donor("Ольга"), first) != person_key(Donor("Ольга"), second)


@given(NAMES)
def test_the_key_of_a_person_tells_nothing(name: str) -> None:
    """It is kept for ever, and personal data is not."""
    key = person_key(Donor(name, OLGA.email), (SITE, 47))
    assert len(key) == 64
    assert set(key) <= set("0123456789abcdef")


def test_the_donor_is_who_has_the_address_and_a_name_that_fits() -> None:
    """The same name goes first, then the older card; another of the household is somebody else."""
    fits, same, son = card(1, "Ольга"), card(3), card(2, "Кузнецов Пётр")
    younger = card(4)
    assert cards_of(OLGA, [fits, son, younger, same]) == [same, younger, fits]
    assert cards_of(Donor("Кузнецов Пётр", OLGA.email), [fits, son]) == [son]


def test_the_phone_counts_where_no_card_has_the_address() -> None:
    """Of a donor without an address the more so; an empty phone is nobody's."""
    by_phone = card(1, email="", phone=PHONE)
    assert cards_of(OLGA, [by_phone]) == [by_phone]
    assert cards_of(OLGA, [by_phone, card(2)]) == [card(2)]
    assert cards_of(Donor("Кузнецова Ольга", phone=PHONE), [by_phone]) == [by_phone]
    assert cards_of(Donor("Кузнецова Ольга"), [card(1, email="")]) == []


def test_duplicates_have_an_address_and_the_name_in_common() -> None:
    """Neither is enough alone, and a phone is none: a household has one."""
    own = card(1, phone=PHONE)
    assert duplicates_of(own, [own, card(2), card(3, "Ольга Кузнецова")]) == [card(2), card(3, "Ольга Кузнецова")]
    others = [card(2, "Кузнецов Олег"), card(3, email="other@example.org", phone=PHONE), card(4, "Ольга")]
    assert duplicates_of(own, [own, *others]) == []


def test_cards_without_a_name_are_nobodys_duplicates() -> None:
    """Two people may have been entered by the same address of an office."""
    nameless = [card(id, name) for id, name in enumerate(["", "Жертвователь", "Anonymous"], start=1)]
    assert [duplicates_of(one, nameless) for one in nameless] == [[], [], []]
