"""What people typed says in a report what they typed, and does nothing there."""

import pytest

from backoffice.rules.markdown import plain


@pytest.mark.parametrize("text", ["ООО «Рога & Копыта»", "К. О.", "CO_77", "tasks.task.add: ошибка 500 (нет прав)"])
def test_usual_names_and_reasons_are_left_alone(text: str) -> None:
    """Most texts hold nothing that Markdown would heed."""
    assert plain(text) == text


@pytest.mark.parametrize(
    "text",
    ["a|b", "<script>alert(1)</script>", "[x](javascript:alert(1))", "](javascript:alert(1))", "https://evil.example"],
)
def test_nothing_becomes_a_link_a_tag_or_a_column(text: str) -> None:
    """Whatever the two pages of Prefect would make of it."""
    assert not set("|<>[]") & set(plain(text))
    assert "://" not in plain(text)


def test_a_text_is_one_line_and_escapes_nothing() -> None:
    """A backslash at its end would undo the bracket behind it."""
    assert plain(" Рога\nи *Копыта*\\ ") == "Рога и ∗Копыта∗∖"
