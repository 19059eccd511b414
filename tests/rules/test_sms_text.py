"""How many parts a text message is sent and paid for in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.rules.sms_text import BASIC, EXTENDED, size_of

SEVEN_BITS = st.text(st.sampled_from(sorted(BASIC | EXTENDED)))


@pytest.mark.parametrize(
    ("text", "alphabet", "segments"),
    [
        ("", "GSM-7", 1),
        ("a" * 160, "GSM-7", 1),
        ("a" * 161, "GSM-7", 2),
        ("a" * 306, "GSM-7", 2),
        ("a" * 307, "GSM-7", 3),
        ("€" * 80, "GSM-7", 1),
        ("€" * 80 + "a", "GSM-7", 2),
        ("я" * 70, "UCS-2", 1),
        ("я" * 71, "UCS-2", 2),
        ("я" * 134, "UCS-2", 2),
        ("я" * 135, "UCS-2", 3),
        ("a" * 70 + "«", "UCS-2", 2),
        ("♟" * 70, "UCS-2", 1),
        ("😀" * 35, "UCS-2", 1),
        ("😀" * 36, "UCS-2", 2),
    ],
)
def test_a_text_has_so_many_parts(text: str, alphabet: str, segments: int) -> None:
    """160 and 153 letters of the seven-bit alphabet, 70 and 67 of any other."""
    size = size_of(text)
    assert (size.alphabet, size.segments) == (alphabet, segments)


def test_a_wide_character_is_not_split_between_two_parts() -> None:
    """A surrogate pair, or an escape with its letter, moves to the next part whole."""
    assert size_of("я" * 66 + "😀" + "я" * 66).segments == 3
    assert size_of("a" * 152 + "€" + "a" * 152).segments == 3


@given(SEVEN_BITS)
def test_the_seven_bit_alphabet_is_told_by_its_letters(text: str) -> None:
    """Every letter of it takes one place or two."""
    size = size_of(text)
    assert size.alphabet == "GSM-7"
    assert size.places == len(text) + sum(letter in EXTENDED for letter in text)


@given(st.text().filter(lambda text: not set(text) <= BASIC | EXTENDED))
def test_any_other_text_counts_in_utf_16(text: str) -> None:
    """One letter outside the alphabet is enough; the parts hold all of it and hardly more."""
    size = size_of(text)
    assert size.alphabet == "UCS-2"
    assert size.places == len(text.encode("utf-16-le", "surrogatepass")) // 2
    assert (size.segments == 1) == (size.places <= 70)
    assert size.segments == 1 or size.places <= 67 * size.segments < size.places + 67 + size.segments
