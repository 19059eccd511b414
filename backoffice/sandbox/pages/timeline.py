"""What happened about an object and what is to be done: its comments and activities, the latest first."""

import re
from dataclasses import dataclass
from datetime import datetime
from html import unescape

from backoffice.sandbox.bitrix24.crm.activities import CALL, EMAIL, INCOMING, MEETING, Bound
from backoffice.sandbox.bitrix24.crm.activity_mail import PLAIN
from backoffice.sandbox.bitrix24.crm.store import Comment
from backoffice.sandbox.bitrix24.crm.table import Item
from backoffice.sandbox.world import World

_KINDS = {MEETING: "Встреча", CALL: "Звонок", EMAIL: "Письмо"}


@dataclass(frozen=True)
class Entry:
    """`mark` says in a word what has become of an activity; `deadline` is that of one not done."""

    at: datetime
    author: str
    kind: str
    title: str
    text: str
    to: tuple[str, ...] = ()
    mark: str = ""
    deadline: datetime | None = None


def timeline(world: World, entity: str, object_id: int) -> list[Entry]:
    """All entries of the object `entity` (CONTACT, DEAL), by the moment they were made."""
    crm = world.portal.crm
    bound: Bound = (crm.types[entity].id, object_id)
    comments = [row for row in crm.comments.values() if (row.entity, row.entity_id) == (entity.lower(), object_id)]
    entries = [_activity(world, item) for item in crm.activities.of(bound)]
    entries += [_comment(world, row) for row in comments]
    return sorted(entries, key=lambda entry: entry.at)[::-1]


def person(world: World, user_id: int | None) -> str:
    """An employee by name."""
    user = world.portal.users.get(user_id or 0)
    return f"{user.last_name} {user.name}" if user else f"Сотрудник {user_id}"


def _comment(world: World, row: Comment) -> Entry:
    return Entry(row.created, person(world, row.author_id), "Комментарий", "", row.text)


def _activity(world: World, item: Item) -> Entry:
    values, done = item.values, item.values["COMPLETED"] == "Y"
    to = tuple(one.value for one in values["COMMUNICATIONS"])
    kind = _KINDS.get(values["TYPE_ID"], "Дело")
    return Entry(
        values["CREATED"],
        person(world, values["RESPONSIBLE_ID"]),
        f"{kind} от клиента" if values["DIRECTION"] == INCOMING else kind,
        values["SUBJECT"] or "Без названия",
        _text(values),
        to,
        "выполнено" if done else "запланировано",
        None if done else values["DEADLINE"],
    )


def _text(values: dict[str, object]) -> str:
    """The description without its tags."""
    written = str(values["DESCRIPTION"] or "")
    return written if values["DESCRIPTION_TYPE"] == PLAIN else unescape(re.sub(r"<[^>]*>", " ", written)).strip()
