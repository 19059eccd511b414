"""What portal-probe makes on a portal and removes again, and how it reads what came back."""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta, tzinfo
from itertools import product
from typing import Any

from backoffice.rules.portal_actions import Create, CreateList, CreateListField, CreateUserField
from backoffice.rules.portal_words import ListFieldWords, ListWords, ProductFieldWords, UserFieldWords

MARK = "Проба Backoffice (удаляется сама)"
ORIGINATOR = "backoffice-probe"
CROWD = 25
"""More contacts with one address than crm.duplicate.findbycomm is documented to give."""

LIST = ListWords(
    code="backoffice_probe",
    name=MARK,
    fields={
        "when": ListFieldWords(code="PROBE_WHEN", name="Когда", type="S:DateTime"),
        "note": ListFieldWords(code="PROBE_NOTE", name="Заметка"),
    },
)
USER_FIELD = UserFieldWords(code="UF_CRM_BO_PROBE", name=MARK, type="string", multiple=True)
NEW_LIST: tuple[Create, ...] = (
    CreateList(LIST.code, LIST.name),
    *(CreateListField(LIST, field) for field in LIST.fields.values()),
)
NEW_USER_FIELD = CreateUserField("contact", USER_FIELD)
PRODUCT_FIELD = ProductFieldWords(code="BACKOFFICE_PROBE", name=MARK, type="S:DateTime", multiple=True)

THINGS = (
    *(action.title for action in NEW_LIST),
    "3 раздела и 2 элемента в этом списке",
    NEW_USER_FIELD.title,
    f"{CROWD + 1} контактов с фамилией «{MARK}», внешним источником {ORIGINATOR} и адресами на example.com",
)
"""What a probe makes for any process, in Russian."""
LESSON_THINGS = (
    f"поле «{MARK}» ({PRODUCT_FIELD.code}) карточки товара",
    f"до 4 товаров с названием «{MARK}» и внешним кодом {ORIGINATOR}",
    "ещё один такой контакт; в его ленте запись и дело «письмо», которое портал не отправляет",
)
"""What it makes besides where lessons are reminded of."""
CALL_THINGS = (f"задача «{MARK}» владельцу вебхука, с комментарием",)
"""And where calls are asked for."""

_DATES = ("%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%Y/%m/%d", "%m-%d-%Y", "%m.%d.%Y")
_TIMES = ("%H:%M:%S", "%I:%M:%S %p")
FORMS = (*(f"{day} {time}" for day, time in product(_DATES, _TIMES)), "%Y-%m-%dT%H:%M:%S%z")
MOST_SHIFT = timedelta(hours=15)
ISO = "iso"


def date_facts(text: str, written: datetime) -> dict[str, Any]:
    """The form in which a list shows a moment, and how many minutes later than written; empty if it is in no form.

    `written` is naive and its day and month differ, so that the forms cannot be taken for one another.
    """
    for form in FORMS:
        with suppress(ValueError):
            shift = _read(text, form).replace(tzinfo=None) - written
            if abs(shift) < MOST_SHIFT:
                return {"list_datetime": form, "naive_shift_minutes": _minutes(shift)}
    return {}


def course_date_facts(texts: Collection[str], written: Collection[datetime], zone: tzinfo) -> dict[str, Any]:
    """The form in which a product shows moments, and how many minutes later than written; empty if it is in no form.

    `written` are aware and lie days apart; a text without an offset counts as time of the `zone`. Without the minutes
    where they are not the same of each: then it is not known which way of writing is a person's.
    """
    for form in (ISO, *FORMS):
        shifts = {_shift(moment, texts, form, zone) for moment in written}
        if None not in shifts:
            return {"catalog_datetime": form} | ({"catalog_shift_minutes": shifts.pop()} if len(shifts) == 1 else {})
    return {}


def _shift(written: datetime, texts: Collection[str], form: str, zone: tzinfo) -> int | None:
    """How many minutes later one of the texts shows the moment; None if none does in this form."""
    for text in texts:
        with suppress(ValueError):
            shown = _read(text, form)
            shift = (shown if shown.tzinfo else shown.replace(tzinfo=zone)) - written
            if abs(shift) < MOST_SHIFT:
                return _minutes(shift)
    return None


def _read(text: str, form: str) -> datetime:
    if form == ISO:
        return datetime.fromisoformat(text)
    return datetime.strptime(text, form)  # noqa: DTZ007 — what zone it is in is the question


def _minutes(shift: timedelta) -> int:
    return round(shift.total_seconds() / 60)


def fields_form(answer: Any) -> str:
    """In which form `lists.field.get` gives all fields."""
    if isinstance(answer, list):
        return "list"
    return "by_field_id" if any(str(key).startswith("PROPERTY_") for key in answer) else "by_type"


def missing_form(row: dict[str, Any], name: str) -> str:
    """In which form an element shows a property without a value."""
    if name not in row:
        return "absent"
    value = row[name]
    if value is None:
        return "null"
    if value is False:
        return "false"
    return "text" if value == "" else "map"
