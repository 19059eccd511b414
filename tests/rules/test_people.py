"""Who is the same person: normal forms and the key made of them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.rules.people import initials, normal_email, normal_name, normal_phone, person_key

LETTERS = st.sampled_from("абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБЁЙЮЯabcxyzABCXYZ")
NAMES = st.text(LETTERS, min_size=1, max_size=12)
EMAILS = st.from_regex(r"[a-zA-Z0-9.+_-]{1,8}@[a-zA-Z0-9-]{1,8}\.(org|RU|Com)", fullmatch=True)
PEOPLE = st.tuples(EMAILS, NAMES, NAMES)
# So few that two of them are often the same person, typed differently.
NEIGHBOURS = st.tuples(
    st.sampled_from(["anna@example.org", "ANNA@example.org ", "anna@example.com"]),
    st.sampled_from(["Королёв", "КОРОЛЕВ", "Королева"]),
    st.sampled_from(["Пётр", " Петр", "Петра"]),
)


@given(st.text())
def test_a_normal_name_is_its_own_normal_form(text: str) -> None:
    """Normalising twice gives what normalising once gave, for any text at all."""
    assert normal_name(normal_name(text)) == normal_name(text)


@given(st.text())
def test_a_normal_address_is_its_own_normal_form(text: str) -> None:
    """Normalising twice gives what normalising once gave, for any text at all."""
    assert normal_email(normal_email(text)) == normal_email(text)


@given(NAMES, st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_letter_case_spaces_yo_and_unicode_forms_do_not_matter(name: str, form: str) -> None:
    """However a name is typed, and whatever came along when it was copied, it is the same name."""
    typed = [
        name.upper(),
        name.lower(),
        f"  {name}\u00a0",
        f"\ufeff{name}\u200b",
        name.replace("ё", "е").replace("Ё", "Е"),
        unicodedata.normalize(form, name),  # type: ignore[arg-type]  # one of the four forms listed above
    ]
    assert {normal_name(one) for one in typed} == {normal_name(name)}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Пётр", "ПЕТР"),
        ("Анна  Мария", " анна мария "),
        ("Ｉｖａｎ", "ivan"),
        ("Straße", "STRASSE"),
        ("Семе\u0308нов", "Семенов"),
        ("Юлий", "Юлии\u0306"),
    ],
)
def test_equal_names(left: str, right: str) -> None:
    """Forms that people and their keyboards use for one name."""
    assert normal_name(left) == normal_name(right)


@pytest.mark.parametrize(("left", "right"), [("Юлий", "Юлии"), ("Анна Мария", "АннаМария"), ("Шеина", "Щеина")])
def test_different_names(left: str, right: str) -> None:
    """Letters that only look alike, and a space between two names, make another name."""
    assert normal_name(left) != normal_name(right)


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" Anna@Example.ORG\n", "anna@example.org"),
        ("anna＠example.org", "anna@example.org"),
        ("anna@example.org\u200b", "anna@example.org"),
        ("почта@пример.рф", "почта@пример.рф"),
        ("a@x.ru b@x.ru", ""),
        ("a@x.ru,b@x.ru", ""),
        ("an na@example.org", ""),
        ("anna@localhost", ""),
        ("@example.org", ""),
        ("нет", ""),
        ("", ""),
    ],
)
def test_an_address_is_trimmed_and_lowered_and_nothing_else_is_taken_for_one(typed: str, address: str) -> None:
    """Two addresses in one field are not glued into a third, which would be somebody else's."""
    assert normal_email(typed) == address


def test_an_address_is_lowered_and_not_folded() -> None:
    """Letters are written to this address: «ß» must not become «ss»."""
    assert normal_email("Weiß@example.org") == "weiß@example.org"


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("8 (999) 000-11-22", "+79990001122"),
        ("+7 999 000 11 22", "+79990001122"),
        ("9990001122", "+79990001122"),
        ("+375 29 491-19-11", "+375294911911"),
        ("12345", ""),
        ("нет", ""),
        ("", ""),
    ],
)
def test_a_phone_has_one_form(typed: str, phone: str) -> None:
    """E.164, or nothing where the text is no number."""
    assert normal_phone(typed) == phone


@given(NEIGHBOURS, NEIGHBOURS)
def test_people_with_different_addresses_are_never_equal(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    """Keys are equal exactly when address, last name and first name all are, whichever comes first."""
    same = (
        normal_email(one[0]) == normal_email(other[0])
        and normal_name(one[1]) == normal_name(other[1])
        and normal_name(one[2]) == normal_name(other[2])
    )
    assert (person_key(*one) == person_key(*other)) is same
    assert (person_key(*other) == person_key(*one)) is same


@given(PEOPLE)
def test_a_key_does_not_depend_on_the_hand_that_typed(person: tuple[str, str, str]) -> None:
    """Capitals and spaces around leave the key as it is."""
    email, last_name, first_name = person
    assert person_key(f" {email.upper()}", f"{last_name.lower()} ", first_name.upper()) == person_key(*person)


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_who_lacks_an_address_or_a_name_has_no_key(missing: int) -> None:
    """A person is recognised by all three or not at all."""
    parts = ["anna@example.org", "Кузнецова", "Анна"]
    parts[missing] = " "
    assert person_key(*parts) == ""


def test_a_key_shows_nothing_of_the_person() -> None:
    """It is kept in our database, where no address or name is."""
    key = person_key("anna@example.org", "Кузнецова", "Анна")
    assert len(key) == 64
    assert set(key) <= set("0123456789abcdef")


def test_initials_are_all_that_a_report_shows() -> None:
    """First letters, of what there is."""
    assert initials("кузнецова", " анна") == "К. А."
    assert initials("", "Анна") == "А."
    assert initials("", " ") == "—"
