"""A wholesaler's portal as people change it, and what its deals say by a plain statement of the rule."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pandas as pd

from backoffice.sandbox.bitrix24.config import PORTAL_ZONE
from backoffice.sandbox.inside import ask
from backoffice.sandbox.seeds.wholesale import Wholesale
from backoffice.sandbox.world import World

FUNNEL, RETURNED = "Опт", "Возврат"
STAGES = ("NEW", "WON", "LOSE", "BACK")
AFTER = timedelta(days=30)


@dataclass
class Market:
    """Clients who buy, in a funnel of sales and in another one that is of none.

    `untraced`: how often something happened that shows in no deal's time of change.
    """

    world: World
    untraced: int = 0
    clients: list[str] = field(default_factory=list)
    deals: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.shop = Wholesale(self.world)
        self.sales = int(self._ask("crm.category.add", entityTypeId=2, fields={"name": FUNNEL})["category"]["id"])
        for directory in ("DEAL_STAGE", f"DEAL_STAGE_{self.sales}"):
            stage = {"ENTITY_ID": directory, "STATUS_ID": "BACK", "NAME": RETURNED, "EXTRA": {"SEMANTICS": "success"}}
            self._ask("crm.status.add", fields=stage)
        self.clients = [self.shop.person("Ли", "Анна") for _ in range(3)]
        self.clients += [self.shop.company("ООО «Опт»") for _ in range(2)]

    def sell(self, clients: tuple[int, int], stage: str, days_ago: int, *, elsewhere: bool) -> None:
        buyers = [self._client(number) for number in sorted(set(clients))]
        where = self._place(stage, elsewhere=elsewhere)
        deal = self.shop.deal(*buyers, stage=where.pop("stageId"), days_ago=days_ago, **where)
        self.deals.append(deal)

    def move(self, number: int, stage: str, *, elsewhere: bool) -> None:
        """Wins it, loses it, opens it again, takes it back; here or in the other funnel."""
        self.shop.change_deal(self._deal(number), **self._place(stage, elsewhere=elsewhere))

    def hand_over(self, number: int, client: int) -> None:
        kind, _, own = self._client(client).partition("_")
        links = (
            {"companyId": int(own), "contactIds": []} if kind == "CO" else {"companyId": 0, "contactIds": [int(own)]}
        )
        self.shop.change_deal(self._deal(number), **links)

    def delete_deal(self, number: int) -> None:
        deal = self._deal(number)
        self.deals.remove(deal)
        self.shop.delete_deal(deal)
        self.untraced += 1

    def delete_client(self, number: int) -> None:
        self.shop.delete_client(self.clients.pop(number % len(self.clients)))
        self.clients.append(self.shop.person("Ли", "Анна"))
        self.untraced += 1

    def merge(self, kind: str) -> None:
        """The two oldest of a kind; the second one's deals become the first one's."""
        alike = [client for client in self.clients if client.startswith(kind)]
        if len(alike) < 2:
            return
        ids = [int(client.partition("_")[2]) for client in alike[:2]]
        self._ask("crm.entity.mergeBatch", params={"entityTypeId": {"C_": 3, "CO": 4}[kind], "entityIds": ids})
        self.clients.remove(alike[1])
        self.untraced += 1

    def due(self, start_from: date, today: date) -> list[str]:
        """The clients to be called, by the portal's own rows."""
        rows = [row for item in self.world.portal.crm.tables["DEAL"] for row in self._listed(item.id)]
        deals = pd.DataFrame(rows, columns=["client", "funnel", "stage", "semantics", "closed"])
        sales = deals[(deals.funnel == self.sales) & ~deals.stage.str.endswith("BACK") & (deals.client != "")]
        won = sales[sales.semantics == "S"].groupby("client").closed.agg(["size", "max"])
        due = won[(won["size"] == 1) & won["max"].between(start_from, today - AFTER)].index
        return sorted(set(due) - set(sales[sales.semantics == "P"].client))

    def _listed(self, deal_id: int) -> list[tuple[Any, ...]]:
        [row] = self._ask("crm.deal.list", filter={"ID": deal_id})
        company, person = int(row["COMPANY_ID"] or 0), int(row["CONTACT_ID"] or 0)
        client = f"CO_{company}" if company else f"C_{person}" if person else ""
        planned = pd.Timestamp(row["CLOSEDATE"]).tz_convert("UTC").date()
        moved = pd.Timestamp(row["MOVED_TIME"]).tz_convert(PORTAL_ZONE).date()
        return [(client, int(row["CATEGORY_ID"] or 0), row["STAGE_ID"], row["STAGE_SEMANTIC_ID"], min(planned, moved))]

    def _place(self, stage: str, *, elsewhere: bool) -> dict[str, Any]:
        funnel = 0 if elsewhere else self.sales
        return {"categoryId": funnel, "stageId": f"C{funnel}:{stage}" if funnel else stage}

    def _client(self, number: int) -> str:
        return self.clients[number % len(self.clients)]

    def _deal(self, number: int) -> int:
        return self.deals[number % len(self.deals)]

    def _ask(self, method: str, **params: Any) -> Any:
        return ask(self.world.portal, method, **params)
