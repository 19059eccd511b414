"""A wholesaler's deals of many years, of which none is kept in memory: a million costs 8 MB."""

import random
from array import array
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from math import gcd
from typing import TYPE_CHECKING, Any, Literal

from backoffice.sandbox.bitrix24.config import PORTAL_ZONE, WEBHOOK_USER
from backoffice.sandbox.bitrix24.crm.synthetic import SyntheticTable
from backoffice.sandbox.bitrix24.crm.table import Item
from backoffice.sandbox.seeds.big import NAMES, SURNAMES

if TYPE_CHECKING:  # the world plants its seeds itself
    from backoffice.sandbox.world import World

Holes = Literal["none", "tenth", "clusters"]
STAGES = (*4 * (("WON", "S"),), *2 * (("LOSE", "F"),), *2 * (("NEW", "P"),), ("PREPARATION", "P"), ("EXECUTING", "P"))
PROFILES = 251
"""A prime, so that clients and profiles do not go in step."""


def million(world: "World", deals: int = 1_000_000, clients: int = 300_000, holes: Holes = "tenth") -> dict[str, Any]:
    """Deals of clients, of whom every third is a company; they take the place of the deals and clients there are.

    Of the ids every tenth is missing, or as many as there are in clusters, or none. There is no history of stages.
    """
    now = world.clock.now().replace(microsecond=0)
    ids, people = _ids(deals, holes), array("q", range(1, clients + 1))
    companies = array("q", range(3, clients + 1, 3))
    tables = world.portal.crm.tables
    tables["DEAL"] = SyntheticTable(ids, Deals(now, clients, ids[-1]), tables["DEAL"].indexed)
    tables["CONTACT"] = SyntheticTable(people, People(now))
    tables["COMPANY"] = SyntheticTable(companies, Companies(now))
    return {"deals": len(ids), "first_deal": ids[0], "last_deal": ids[-1], "clients": clients}


class Crowd:
    """Everybody of one kind, made the same way every time."""

    def __init__(self, now: datetime) -> None:
        self.newest = now - timedelta(days=1)

    def place(self, item_id: int) -> tuple[int, int]:
        return item_id % PROFILES, item_id

    def having(self, _field: str, _value: str) -> Iterable[int]:
        return ()

    def written(self, days_ago: int) -> dict[str, Any]:
        """Who made it and when."""
        made = self.newest - timedelta(days=days_ago)
        people = dict.fromkeys(("ASSIGNED_BY_ID", "CREATED_BY_ID", "MODIFY_BY_ID", "LAST_ACTIVITY_BY"), WEBHOOK_USER)
        moments = dict.fromkeys(("DATE_CREATE", "DATE_MODIFY", "LAST_ACTIVITY_TIME"), made)
        return {**people, **moments, "OPENED": "Y"}


class Deals(Crowd):
    """Even profiles are those of companies.

    The ids of a client's deals are as far apart as there are clients, or a little less, so that the distance and the
    holes do not go in step.
    """

    def __init__(self, now: datetime, clients: int, last_id: int) -> None:
        super().__init__(now)
        self._clients = next(number for number in range(clients, 0, -1) if gcd(number, 10 * PROFILES) == 1)
        self._last_id = last_id
        self._profiles = [self._profile(number) for number in range(PROFILES)]

    def place(self, item_id: int) -> tuple[int, int]:
        client = item_id % self._clients + 1
        return 2 * (item_id % PROFILES) + (client % 3 != 0), client

    def card(self, profile: int, item_id: int, link: int) -> Item:
        owner = {"COMPANY_ID": None if profile % 2 else link, "CONTACT_ID": link, "CONTACT_IDS": [link]}
        return Item(item_id, {**self._profiles[profile // 2], "TITLE": f"Поставка № {item_id}", **owner})

    def having(self, field: str, value: str) -> Iterable[int]:
        if field != "CONTACT_ID" or not value.isdigit():
            return ()
        return range(int(value) - 1, self._last_id + 1, self._clients)

    def _profile(self, number: int) -> dict[str, Any]:
        stage, semantics = STAGES[number % len(STAGES)]
        began = (self.newest - timedelta(days=7 * number)).astimezone(PORTAL_ZONE).date()
        return {
            **self.written(7 * number),
            "MOVED_TIME": self.newest - timedelta(days=7 * number),
            "MOVED_BY_ID": WEBHOOK_USER,
            "TYPE_ID": "SALE",
            "CATEGORY_ID": 0,
            "STAGE_ID": stage,
            "STAGE_SEMANTIC_ID": semantics,
            "CLOSED": "N" if semantics == "P" else "Y",
            "BEGINDATE": began,
            "CLOSEDATE": began + timedelta(days=7),
            "OPPORTUNITY": Decimal(1000 + 130 * number),
            "TAX_VALUE": Decimal(0),
            "CURRENCY_ID": "RUB",
            "COMMENTS": "Отгрузка со склада, самовывоз, оплата по счёту в течение пяти дней",
            **dict.fromkeys(("IS_MANUAL_OPPORTUNITY", "IS_RETURN_CUSTOMER", "IS_REPEATED_APPROACH"), "N"),
            **dict.fromkeys(("IS_NEW", "IS_RECURRING"), "N"),
        }


class People(Crowd):
    """Contacts; the name tells the number."""

    def card(self, profile: int, item_id: int, link: int) -> Item:
        values = {"NAME": NAMES[profile % 10], "LAST_NAME": f"{SURNAMES[profile // 10 % 10]}-{link}", "EXPORT": "Y"}
        reach = dict.fromkeys(("HAS_PHONE", "HAS_EMAIL", "HAS_IMOL"), "N")
        return Item(item_id, {**self.written(profile), **values, **reach, "TYPE_ID": "CLIENT"})


class Companies(Crowd):
    """Companies; the title tells the number."""

    def card(self, profile: int, item_id: int, link: int) -> Item:
        values = {"TITLE": f"ООО «Оптовик-{link}»", "COMPANY_TYPE": "CUSTOMER", "IS_MY_COMPANY": "N"}
        reach = dict.fromkeys(("HAS_PHONE", "HAS_EMAIL", "HAS_IMOL"), "N")
        return Item(item_id, {**self.written(profile), **values, **reach, "CURRENCY_ID": "RUB"})


def _ids(count: int, holes: Holes) -> "array[int]":
    if holes == "none":
        return array("q", range(1, count + 1))
    if holes == "tenth":
        return array("q", (number for number in range(1, count * 10 // 9 + 10) if number % 10))[:count]
    return _clusters(count)


def _clusters(count: int) -> "array[int]":
    """Runs of ids and gaps between them, both of all lengths from a handful to thousands; half of the ids are gone."""
    chance, ids, last = random.Random(5), array("q"), 0  # noqa: S311 the same gaps every time
    while len(ids) < count:
        last += round(10 ** chance.uniform(0.7, 4.0))
        alive = round(10 ** chance.uniform(0.7, 4.0))
        ids.extend(range(last + 1, last + alive + 1))
        last += alive
    return ids[:count]
