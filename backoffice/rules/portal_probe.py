"""What portal-probe makes on a portal and removes again, and how it reads what came back."""

from datetime import datetime, timedelta
from itertools import product
from typing import Any

from backoffice.rules.portal_actions import Create, CreateList, CreateListField, CreateUserField
from backoffice.rules.portal_words import ListFieldWords, ListWords, UserFieldWords

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

THINGS = (
    *(action.title for action in NEW_LIST),
    "3 раздела и 2 элемента в этом списке",
    NEW_USER_FIELD.title,
    f"{CROWD + 1} контактов с фамилией «{MARK}», внешним источником {ORIGINATOR} и адресами на example.com",
)
"""Everything that a probe makes, in Russian."""

_DATES = ("%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%Y/%m/%d", "%m-%d-%Y", "%m.%d.%Y")
_TIMES = ("%H:%M:%S", "%I:%M:%S %p")
FORMS = (*(f"{day} {time}" for day, time in product(_DATES, _TIMES)), "%Y-%m-%dT%H:%M:%S%z")
MOST_SHIFT = timedelta(hours=15)


def date_facts(text: str, written: datetime) -> dict[str, Any]:
    """The form in which a list shows a moment, and how many minutes later than written; empty if it is in no form.

    `written` is naive and its day and month differ, so that the forms cannot be taken for one another.
    """
    for form in FORMS:
        try:
            shown = datetime.strptime(text, form)  # noqa: DTZ007 — what zone it is in is the question
        except ValueError:
            continue
        shift = shown.replace(tzinfo=None) - written
        if abs(shift) < MOST_SHIFT:
            return {"list_datetime": form, "naive_shift_minutes": round(shift.total_seconds() / 60)}
    return {}


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
