"""What hangs on a deal and goes with it, a line for each: products, comments of the timeline, activities."""

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import tzinfo
from typing import Any

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal, Row
from backoffice.bitrix24.enrolments import ROWS as PRODUCTS
from backoffice.bitrix24.enrolments import rows_command
from backoffice.bitrix24.funnels import DEAL
from backoffice.bitrix24.listing import read_rest
from backoffice.bitrix24.traces import LISTING as COMMENTS
from backoffice.bitrix24.values import read_moment

ACTIVITIES = "crm.activity.list"
MARK = re.compile(r"\s*\[backoffice:[0-9a-f]+\]")
"""Of a comment that we wrote ourselves: in another deal it must not be found."""


def deal_insides(portal: Portal, deal_ids: Collection[int], zone: tzinfo) -> dict[int, list[str]]:
    """The lines of each deal, the oldest comment and activity first; 16 deals a request."""
    commands = [command for deal_id in deal_ids for command in _commands(deal_id)]
    lines: dict[int, list[str]] = {deal_id: [] for deal_id in deal_ids}
    for command, result in zip(commands, portal.batch(commands).values(), strict=True):
        rows = read_rest(portal, command.method, command.params, result)
        lines[command.item] += _lines(portal, command.method, rows, zone)
    return lines


def _commands(deal_id: int) -> Iterator[Command[int]]:
    yield rows_command(deal_id)
    oldest_first: dict[str, Any] = {"order": {"ID": "ASC"}}
    owner = {"ENTITY_TYPE": "deal", "ENTITY_ID": deal_id}
    yield Command(COMMENTS, {"filter": owner, "select": ["ID", "CREATED", "COMMENT"], **oldest_first}, deal_id)
    owned = {"OWNER_TYPE_ID": DEAL, "OWNER_ID": deal_id}
    yield Command(ACTIVITIES, {"filter": owned, "select": ["ID", "CREATED", "SUBJECT"], **oldest_first}, deal_id)


def _lines(portal: Portal, method: str, rows: Sequence[Row], zone: tzinfo) -> list[str]:
    if method == PRODUCTS:
        return [f"Товар: {row['productName']}, {_plain(row['price'])} × {_plain(row['quantity'])}" for row in rows]
    if method == ACTIVITIES:
        return [f"Дело {_at(row, zone)}: {row.get('SUBJECT') or 'без темы'}" for row in rows]
    return [f"Комментарий {_at(row, zone)}: {MARK.sub('', row['COMMENT'])}" for row in _with_texts(portal, rows)]


def _with_texts(portal: Portal, rows: Sequence[Row]) -> list[Row]:
    """Comments with their texts, which not every portal gives in a list."""
    bare = [int(row["ID"]) for row in rows if "COMMENT" not in row]
    read = portal.batch(Command("crm.timeline.comment.get", {"id": number}, number) for number in bare).values()
    return [*(row for row in rows if "COMMENT" in row), *read]


def _at(row: Row, zone: tzinfo) -> str:
    moment = read_moment(row.get("CREATED"), zone)
    return f"{moment.astimezone(zone):%d.%m.%Y %H:%M}" if moment else ""


def _plain(number: object) -> str:
    return str(number).removesuffix(".0")
