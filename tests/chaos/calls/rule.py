"""Who is to be called and which tasks nobody needs any more: the rule stated plainly over the portal's rows."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from backoffice.sandbox.bitrix24.config import PORTAL_ZONE
from backoffice.sandbox.bitrix24.tasks.task import COMPLETED
from backoffice.sandbox.inside import ask
from backoffice.sandbox.seeds.wholesale import NO_CALLS
from backoffice.sandbox.world import World
from tests.chaos.sales.market import AFTER, Market

START_FROM = date(2026, 1, 1)
FIELDS = ("COMPANY_ID", "CONTACT_ID", "CATEGORY_ID", "STAGE_ID", "STAGE_SEMANTIC_ID", "CLOSEDATE", "MOVED_TIME")

Call = tuple[str, int]
"""Client and deal."""


@dataclass(frozen=True)
class Deal:
    id: int
    client: str
    state: str
    closed_on: date


def due(market: Market) -> set[Call]:
    """One deal won long enough ago and not before the beginning, no open one, a living client who may be called."""
    own = defaultdict(list)
    for deal in deals(market):
        own[deal.client].append(deal)
    today, found = market.world.clock.now().astimezone(PORTAL_ZONE).date(), set()
    for client in own.keys() & callable_clients(market.world):
        states = Counter(deal.state for deal in own[client])
        if (states["S"], states["P"]) == (1, 0):
            [won] = [deal for deal in own[client] if deal.state == "S"]
            found |= {(client, won.id)} if START_FROM <= won.closed_on <= today - AFTER else set()
    return found


def overdue_closings(market: Market) -> list[Call]:
    """Open tasks for whose client another deal was won; the client is the one to whom the purchase belongs now."""
    known = deals(market)
    belongs = {deal.id: deal.client for deal in known if deal.client}
    won = {(deal.client, deal.id) for deal in known if deal.state == "S"}
    waiting = [bound(task.bindings) for task in market.world.portal.tasks if task.status != COMPLETED]
    return [
        (client, about)
        for client, about in waiting
        if any(whose == belongs.get(about, client) and other != about for whose, other in won)
    ]


def bound(bindings: tuple[str, ...]) -> Call:
    """To which client and deal a task is bound."""
    client, deal = bindings
    return client, int(deal.removeprefix("D_"))


def deals(market: Market) -> list[Deal]:
    """All deals; of another funnel, or taken back, they have no state."""
    rows = ask(market.world.portal, "crm.deal.list", select=["ID", *FIELDS], order={"ID": "ASC"})
    assert len(rows) < 50
    return [Deal(int(row["ID"]), _client(row), _state(row, market.sales), _closed_on(row)) for row in rows]


def callable_clients(world: World) -> set[str]:
    """Those with a card, unless it says that they want no calls."""
    return {
        f"{prefix}{row['ID']}"
        for prefix, method in (("CO_", "crm.company.list"), ("C_", "crm.contact.list"))
        for row in ask(world.portal, method, select=["ID", NO_CALLS])
        if row[NO_CALLS] not in ("1", "Y")
    }


def _state(row: dict[str, str], funnel: int) -> str:
    counts = int(row["CATEGORY_ID"] or 0) == funnel and not row["STAGE_ID"].endswith("BACK")
    return row["STAGE_SEMANTIC_ID"] if counts else ""


def _client(row: dict[str, str]) -> str:
    company, person = int(row["COMPANY_ID"] or 0), int(row["CONTACT_ID"] or 0)
    return f"CO_{company}" if company else f"C_{person}" if person else ""


def _closed_on(row: dict[str, str]) -> date:
    """Never later than the move onto the last stage."""
    moved = datetime.fromisoformat(row["MOVED_TIME"]).astimezone(PORTAL_ZONE).date()
    return min(date.fromisoformat(row["CLOSEDATE"][:10]), moved)
