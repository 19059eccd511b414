"""What Timepad's live service answers where its documents are silent. The code takes every form listed here.

Nothing personal: of a value only its kind is kept, of a name only what a program may have given it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from backoffice.rules.attendance_facts import CONFIRMED_STATUSES, STATUS_TITLES

PROGRAM_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?P<offset>[+-]\d\d:?\d\d|Z)?")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class TimepadFacts:
    """The defaults are what the documents make one expect; so stays what there was no chance to see."""

    times: str = "+0300"
    """How a moment ends: `+0300`, `+03:00`, `naive`."""
    past_the_end: str = "empty"
    """`values` of a page beyond the last order: `empty` or `missing`."""
    errors_with_200: bool = False
    """An error says so only in its body."""
    numbers_as_strings: bool = False
    answers_as: str = "object"
    """Answers of tickets: `object`, `array`, or `both`."""
    not_attended: str = "missing"
    """`attendance` of a ticket without a check-in mark: `missing`, `nulls`, `list`."""
    wrong_token: int = 401
    foreign_orders: int = 403
    no_event: int = 404
    """The error codes."""
    event_lacks: tuple[str, ...] = ()
    """Fields asked for that no event has."""
    new_statuses: tuple[str, ...] = ()
    """Names in Timepad's own dictionary that we do not know."""
    lost_statuses: tuple[str, ...] = ()
    """Confirmed statuses of ours that Timepad's dictionary lacks."""


EXPECTED = TimepadFacts()

SENTENCES: Mapping[str, Callable[[TimepadFacts], str]] = {
    "times": lambda facts: f"Таймпад пишет время в виде «{facts.times}». Читаем любой вид: ничего не меняется.",
    "past_the_end": lambda _: "За последней страницей заказов Таймпад не присылает values. Читаем и так.",
    "errors_with_200": lambda _: "Ошибки Таймпада приходят с HTTP 200. Смотрим в тело: ничего не меняется.",
    "numbers_as_strings": lambda _: "Числа Таймпада приходят строками. Читаем и так.",
    "answers_as": lambda facts: f"Ответы анкет приходят в виде {facts.answers_as}. Читаем любой вид.",
    "not_attended": lambda facts: f"Билет без отметки входа: attendance — {facts.not_attended}. Читаем и так.",
    "wrong_token": lambda facts: f"На неверный токен Таймпад отвечает {facts.wrong_token}, ждали 401.",
    "foreign_orders": lambda facts: f"На чужие заказы Таймпад отвечает {facts.foreign_orders}, ждали 403.",
    "no_event": lambda facts: f"На несуществующее мероприятие Таймпад отвечает {facts.no_event}, ждали 404.",
    "event_lacks": lambda facts: (
        f"У мероприятий нет полей: {', '.join(facts.event_lacks)}. Без ends_at концом считается начало плюс три часа."
    ),
    "new_statuses": lambda facts: (
        f"В справочнике статусов есть незнакомые: {', '.join(facts.new_statuses)}. "
        "Билеты с ними не переносятся; нужны — добавьте их в confirmed_statuses."
    ),
    "lost_statuses": lambda facts: (
        f"В справочнике нет наших подтверждённых статусов: {', '.join(facts.lost_statuses)}. "
        "Проверьте по одному мероприятию с dry_run, что участники находятся."
    ),
}


def timepad_differences(facts: TimepadFacts) -> list[str]:
    """What is otherwise than expected, and what follows: a Russian sentence for each fact."""
    changed = [own.name for own in fields(facts) if getattr(facts, own.name) != getattr(EXPECTED, own.name)]
    return [SENTENCES[name](facts) for name in changed]


def compared_statuses(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Timepad's dictionary of ticket statuses beside ours, as two of the facts."""
    theirs = {name for name in names if PROGRAM_NAME.fullmatch(name)}
    lost = tuple(name for name in CONFIRMED_STATUSES if name not in theirs)
    return {"new_statuses": tuple(sorted(theirs - STATUS_TITLES.keys())), "lost_statuses": lost}


def shape_of(value: Any) -> Any:
    """The form of an answer without its contents: kinds in the place of values, one form for a list's items."""
    if isinstance(value, Mapping):
        return {_name(key): shape_of(inner) for key, inner in sorted(value.items(), key=lambda pair: str(pair[0]))}
    if isinstance(value, list):
        forms = [shape_of(item) for item in value]
        return [form for index, form in enumerate(forms) if form not in forms[:index]]
    if isinstance(value, str):
        return _kind_of_text(value)
    return "nothing" if value is None else type(value).__name__


def time_form(text: str) -> str:
    """`+0300`, `+03:00`, `naive` for a moment of the API; empty for other text."""
    found = TIME.fullmatch(text)
    if found is None:
        return ""
    offset = found["offset"] or ""
    if not offset:
        return "naive"
    return "+03:00" if ":" in offset else offset if offset == "Z" else "+0300"


def _kind_of_text(text: str) -> str:
    if form := time_form(text):
        return f"time {form}"
    if NUMBER.fullmatch(text):
        return "number as text"
    return "text" if text else "empty text"


def _name(key: Any) -> str:
    text = str(key)
    if PROGRAM_NAME.fullmatch(text):
        return text
    return "<number>" if NUMBER.fullmatch(text) else "<other>"
