"""Messages to people: made from templates and cards, or refused with the reason."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.letters import BadSubject, EmptyField, TemplateFault, card_field, render_letter, render_text

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=MOSCOW)
LESSON = datetime(2026, 3, 3, 18, 30, tzinfo=MOSCOW)
NAMELESS = card_field("", "Имя", "контакта 55")

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Puts templates into `templates/greeting` and gives `templates`."""

    def write(**sources: str) -> Path:
        folder = tmp_path / "templates" / "greeting"
        folder.mkdir(parents=True, exist_ok=True)
        for name, source in sources.items():
            (folder / f"letter.{name}.j2").write_text(source, encoding="utf-8")
        return folder.parent

    return write


def test_a_letter_has_a_subject_a_text_and_a_page(write: Write) -> None:
    """Three templates of one folder; what people typed is escaped in the page and left alone elsewhere."""
    home = write(subject="Занятие: {{ course }}\n", txt="Курс {{ course }}\n", html="<p>{{ course }}</p>\n")
    letter = render_letter("greeting", {"course": "Шахматы <b>&</b> шашки"}, home)
    assert letter == (
        "Занятие: Шахматы <b>&</b> шашки",
        "Курс Шахматы <b>&</b> шашки",
        "<p>Шахматы &lt;b&gt;&amp;&lt;/b&gt; шашки</p>",
    )


def test_a_letter_may_do_without_a_page(write: Write) -> None:
    """Where there is no letter.html.j2 the HTML is empty."""
    assert render_letter("greeting", {}, write(subject="Тема", txt="Текст")) == ("Тема", "Текст", "")


def test_dates_money_and_plurals_are_said_in_russian(write: Write) -> None:
    """The filters of a template, and `now` for the year."""
    home = write(
        txt="{{ at | day }}, {{ at | on_weekday }}, в {{ at | clock }}; через {{ lead | duration('accusative') }}; "
        "{{ price | money }}; {{ points | counted('балл', 'балла', 'баллов') }}"
    )
    values = {"at": LESSON, "now": NOW, "lead": timedelta(minutes=1), "price": Decimal(1500), "points": 5}
    said = "3 марта, во вторник, в 18:30; через 1 минуту; 1\u00a0500\u00a0₽; 5 баллов"
    assert render_text("greeting/letter.txt.j2", values, home) == said


@pytest.mark.parametrize(
    "expression",
    [
        "name",
        "name | upper",
        "name | e",
        "name ~ '!'",
        "name | length",
        "name | int",
        "name | round",
        "name | money",
        "name | day",
        "name | clock",
        "name | counted('балл', 'балла', 'баллов')",
        "name.first",
        "[name] | join",
        "'%s' | format(name)",
        "name == ''",
    ],
)
@pytest.mark.parametrize("kind", ["txt", "html"])
def test_an_empty_field_refuses_the_message(write: Write, expression: str, kind: str) -> None:
    """Whatever a template makes of it, and in every kind of template, the reason names the field and the card."""
    home = write(**{kind: "Здравствуйте, {{ " + expression + " }}!"})
    with pytest.raises(EmptyField, match=r"^поле «Имя» контакта 55 не заполнено$"):
        render_text(f"greeting/letter.{kind}.j2", {"name": NAMELESS, "now": NOW}, home)


@pytest.mark.parametrize("value", [None, "", "  \u00a0\n", [], {}])
def test_nothing_and_blanks_are_empty(write: Write, value: object) -> None:
    """A card may hold a space where a name should be."""
    home = write(txt="{{ name }}")
    with pytest.raises(EmptyField):
        render_text("greeting/letter.txt.j2", {"name": card_field(value, "Имя", "контакта 55")}, home)


@pytest.mark.parametrize("value", [0, Decimal(0), False, "0", LESSON])
def test_nought_is_a_value(value: object) -> None:
    """«0 баллов» may well be said; a field that is filled is the value itself."""
    assert card_field(value, "Баллы", "контакта 55") is value


def test_a_template_may_ask_whether_a_field_is_filled(write: Write) -> None:
    """By a condition or with a default: then nothing empty is printed."""
    home = write(txt="{% if name %}{{ name }}, з{% else %}З{% endif %}дравствуйте, {{ name | default('друг') }}!")
    assert render_text("greeting/letter.txt.j2", {"name": NAMELESS}, home) == "Здравствуйте, друг!"


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("Да\n\n{{ nme }}", "templates/greeting/letter.txt.j2, строка 3: нет значения «nme»"),
        ("{{ name }}\n{{ card.nme }}", "templates/greeting/letter.txt.j2, строка 2: нет значения «nme»"),
        ("\n{% if nme %}{% endif %}", "templates/greeting/letter.txt.j2, строка 2: нет значения «nme»"),
        ("\n{{ nme | money }}", "templates/greeting/letter.txt.j2, строка 2: нет значения «nme»"),
        ("\n{{ name | day }}", "templates/greeting/letter.txt.j2, строка 2: значение не подходит: AttributeError"),
        ("\n{{ name | money }}", "templates/greeting/letter.txt.j2, строка 2: значение не подходит: TypeError"),
        ("\n{{ name", "templates/greeting/letter.txt.j2, строка 2: ошибка в записи: unexpected end of template"),
        (
            "\n{{ name | upcase }}",
            "templates/greeting/letter.txt.j2, строка 2: нет фильтра «upcase»: есть «clock», «counted», «day»",
        ),
        ("{{ now | dya }}", "templates/greeting/letter.txt.j2, строка 1: нет фильтра «dya»: есть «day»"),
        ("{% for %}", "templates/greeting/letter.txt.j2, строка 1: ошибка в записи: "),
        ("{% include 'greeting/sign.txt.j2' %}", "нет шаблона templates/greeting/sign.txt.j2"),
    ],
)
def test_a_wrong_template_is_named_with_its_line(write: Write, source: str, fault: str) -> None:
    """Whoever edited it is told where to look, and none of the values."""
    with pytest.raises(TemplateFault) as raised:
        render_text("greeting/letter.txt.j2", {"name": "Анна", "card": {}}, write(txt=source))
    assert str(raised.value).startswith(fault)
    assert "Анна" not in str(raised.value)


def test_a_letter_without_its_text_is_a_fault_of_the_templates(write: Write) -> None:
    """Only the page may be missing."""
    with pytest.raises(TemplateFault, match=r"^нет шаблона templates/greeting/letter\.txt\.j2$"):
        render_letter("greeting", {}, write(subject="Тема"))


def test_an_edited_template_is_in_force_at_once(write: Write) -> None:
    """The next message is made from it, without a restart."""
    home = write(txt="раньше")
    assert render_text("greeting/letter.txt.j2", {}, home) == "раньше"
    write(txt="теперь иначе")
    assert render_text("greeting/letter.txt.j2", {}, home) == "теперь иначе"


@given(name=st.text())
def test_no_value_adds_a_header(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    """Whatever a card holds, the subject is one line without control characters, or the letter is refused."""
    home = tmp_path_factory.getbasetemp() / "templates"
    (home / "injected").mkdir(parents=True, exist_ok=True)
    for kind in ("subject", "txt"):
        (home / "injected" / f"letter.{kind}.j2").write_text("Тема {{ name }}", encoding="utf-8")
    with suppress(BadSubject):
        subject, _, _ = render_letter("injected", {"name": name}, home)
        assert len(subject.splitlines()) == 1
        assert all(ord(letter) >= 32 for letter in subject)


@pytest.mark.parametrize("name", ["\x00", "Анна\x07", "\ud800", "\x7f"])
def test_a_control_character_in_the_subject_refuses_the_message(write: Write, name: str) -> None:
    """Nobody types one: what the card holds came from somewhere strange."""
    with pytest.raises(BadSubject, match=r"символ U\+"):
        render_letter("greeting", {"name": name}, write(subject="{{ name }}", txt="Текст"))


def test_an_empty_subject_is_refused(write: Write) -> None:
    """A letter without a subject goes to the spam."""
    with pytest.raises(BadSubject, match="пуста"):
        render_letter("greeting", {}, write(subject="{# нет #}", txt="Текст"))
