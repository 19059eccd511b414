"""Texts for people: letters, short messages, notes, and the pages of a run, from `templates/`.

LetterFault
├── EmptyField     a card lacks what the letter wants to say: this one message cannot be made
├── BadSubject     what was put into the subject does not belong there: neither can this one
└── TemplateFault  the template itself is wrong: nobody's message can be made until it is mended
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache, lru_cache, wraps
from pathlib import Path
from typing import Any

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateRuntimeError,
    TemplateSyntaxError,
    Undefined,
    UndefinedError,
    pass_context,
    select_autoescape,
)
from jinja2.runtime import Context

from backoffice.rules import russian

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
ILL_FITTING = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError)
"""What an expression of a template raises when it does not fit its value."""


UNKNOWN_FILTER = re.compile(r"No filter named '(.+?)'")


class LetterFault(Exception):
    """Base of what keeps a text from being made; the message is for people and holds nothing of the text."""


class EmptyField(LetterFault, TemplateRuntimeError):
    """A template says what a card lacks; the message names the field and the card."""


class BadSubject(LetterFault):
    """The subject came out empty, or with characters that no subject may have."""


class TemplateFault(LetterFault):
    """A template is missing or wrong; the message names the file, the line and what is wrong."""


class _Unnamed(StrictUndefined):
    """A name in a template that nobody gave a value."""

    @property
    def _undefined_message(self) -> str:
        return f"нет значения «{self._undefined_name}»"


class _Empty(Undefined):
    """An empty field of a card: it may be tested and given a default, nothing else."""

    __iter__ = __str__ = __len__ = __contains__ = Undefined._fail_with_undefined_error
    __eq__ = __ne__ = __hash__ = __round__ = __abs__ = Undefined._fail_with_undefined_error


def card_field(value: Any, field: str, card: str) -> Any:
    """The value of a card's field for a template, or in its place one that raises EmptyField when it is printed.

    `field` as the card shows it, `card` in the genitive: «поле «Имя» контакта 55 не заполнено». Nought is a value,
    spaces are none.
    """
    empty = value is None or (hasattr(value, "__len__") and not len(value.strip() if isinstance(value, str) else value))
    return _Empty(hint=f"поле «{field}» {card} не заполнено", exc=EmptyField) if empty else value


def render(template: str, **values: Any) -> str:
    """Render `templates/<template>`; a value that the template names and nobody gave is an error, never a blank."""
    return _pages().get_template(template).render(**values)


def render_letter(folder: str, values: Mapping[str, Any], home: Path = TEMPLATES) -> tuple[str, str, str]:
    """Subject, text and HTML of a letter from `letter.subject.j2`, `letter.txt.j2` and `letter.html.j2` of the folder.

    The HTML is empty where there is no template for it. The subject is one line. Raises LetterFault.
    """
    subject = _one_line(render_text(f"{folder}/letter.subject.j2", values, home))
    text = render_text(f"{folder}/letter.txt.j2", values, home)
    page = f"{folder}/letter.html.j2"
    return subject, text, render_text(page, values, home) if (home / page).is_file() else ""


def render_text(template: str, values: Mapping[str, Any], home: Path = TEMPLATES) -> str:
    """A message to a person, without blanks around it; `values` has `now` where days are said. Raises LetterFault."""
    try:
        return _messages(home).get_template(template).render(values).strip()
    except TemplateNotFound as error:
        raise TemplateFault(f"нет шаблона {home.name}/{error.name}") from None
    except TemplateSyntaxError as error:
        raise TemplateFault(f"{home.name}/{error.name}, строка {error.lineno}: {_mistake(error)}") from None
    except UndefinedError as error:
        raise TemplateFault(f"{_place(error, home)}: {error.message}") from None
    except ILL_FITTING as error:
        raise TemplateFault(f"{_place(error, home)}: значение не подходит: {type(error).__name__}") from None


def _mistake(error: TemplateSyntaxError) -> str:
    unknown = UNKNOWN_FILTER.match(error.message or "")
    if unknown is None:
        return f"ошибка в записи: {error.message}"
    near = get_close_matches(unknown[1], OUR_FILTERS) or sorted(OUR_FILTERS)
    return f"нет фильтра «{unknown[1]}»: есть {', '.join(f'«{name}»' for name in near)}"


def _place(error: Exception, home: Path) -> str:
    """The template and the line where an error was raised: Jinja puts both into the traceback."""
    place, step = home.name, error.__traceback__
    while step is not None:
        path = Path(step.tb_frame.f_code.co_filename)
        if path.is_relative_to(home):
            place = f"{home.name}/{path.relative_to(home)}, строка {step.tb_lineno}"
        step = step.tb_next
    return place


def _one_line(text: str) -> str:
    subject = " ".join(text.split())
    if not subject:
        raise BadSubject("тема письма пуста")
    for letter in subject:
        if unicodedata.category(letter) in ("Cc", "Cs"):
            raise BadSubject(f"в теме письма недопустимый символ U+{ord(letter):04X}")
    return subject


def _filled(say: Callable[..., str]) -> Callable[..., str]:
    """A filter that says of an empty or unknown value what it is, before it fails for its type."""

    @wraps(say)
    def filled(value: Any, *rest: Any, **named: Any) -> str:
        return str(value) if isinstance(value, Undefined) else say(value, *rest, **named)

    return filled


@pass_context
def _day(context: Context, moment: Any) -> str:
    return _filled(russian.day)(moment, context.resolve("now"))


SAYS = (russian.clock, russian.counted, russian.duration, russian.money, russian.on_weekday, russian.plural)
OUR_FILTERS = {say.__name__: _filled(say) for say in (*SAYS, russian.weekday)} | {"day": _day}


@lru_cache
def _pages() -> Environment:
    return _environment(TEMPLATES, StrictUndefined)


@cache
def _messages(home: Path) -> Environment:
    environment = _environment(home, _Unnamed)
    environment.filters |= OUR_FILTERS
    return environment


def _environment(home: Path, undefined: type[Undefined]) -> Environment:
    return Environment(
        loader=FileSystemLoader(home),
        undefined=undefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=select_autoescape(["html.j2", "svg.j2"]),
    )
