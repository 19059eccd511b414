"""Deals as the portal shows them to the study of repeat sales (crm/deals/crm-deal-list.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from backoffice.bitrix24.names import ProcessNames, SalesNames
from backoffice.bitrix24.values import read_day, read_day_in, read_moment
from backoffice.rules.portal_setup import PortalLacks
from backoffice.rules.sales import SaleDeal, SaleState
from backoffice.rules.sales_copy import SeenDeal

DEALS = "crm.deal.list"
NOTHING: Mapping[str, Any] = MappingProxyType({})
FIELDS = (
    "ID",
    "COMPANY_ID",
    "CONTACT_ID",
    "CATEGORY_ID",
    "STAGE_ID",
    "STAGE_SEMANTIC_ID",
    "CLOSEDATE",
    "MOVED_TIME",
    "DATE_MODIFY",
    "OPPORTUNITY",
    "CURRENCY_ID",
    "ASSIGNED_BY_ID",
    "IS_RECURRING",
)
LONG_AGO = datetime.fromtimestamp(0, UTC)
ENDED = {"S": SaleState.WON, "F": SaleState.LOST}
EMPTY = ("N", "0", "false")
"""How an empty switch may come, besides nothing at all."""


@dataclass(frozen=True)
class SalesSource:
    """How to list deals, and how to read one. `zone` is the portal's."""

    names: SalesNames
    zone: tzinfo

    @property
    def name(self) -> str:
        """What a copy of the deals is of: with other words in portal.toml everything has to be read anew."""
        own, others = self.names.funnels, self.names.other_funnels
        funnels = f"all less {sorted(others)}" if own is None else str(sorted(own))
        return f"{funnels} less {sorted(self.names.undone_stages)} {self.names.undone_field}"

    def deals(self, condition: Mapping[str, Any] = NOTHING) -> dict[str, Any]:
        """The parameters of a listing of deals, one page without counting; `condition` is a filter."""
        select = [*FIELDS, *filter(None, [self.names.undone_field])]
        return {"select": select, "filter": dict(condition), "order": {"ID": "ASC"}, "start": -1}

    def deal(self, row: Mapping[str, Any]) -> SaleDeal:
        """A row of that listing."""
        state = self._state(row)
        return SaleDeal(
            id=int(row["ID"]),
            client=client_of(row),
            state=state,
            closed_on=self._closed_on(row) if state is not SaleState.OPEN else None,
            amount=Decimal(str(row.get("OPPORTUNITY") or 0)),
            currency=str(row.get("CURRENCY_ID") or ""),
            responsible_id=int(row.get("ASSIGNED_BY_ID") or 0),
        )

    def seen(self, row: Mapping[str, Any]) -> SeenDeal:
        """The same with the moment of its last change; long ago where the portal tells none."""
        return SeenDeal(self.deal(row), read_moment(row.get("DATE_MODIFY"), self.zone) or LONG_AGO)

    def _state(self, row: Mapping[str, Any]) -> SaleState:
        return SaleState.VOID if self._undone(row) else ENDED.get(str(row.get("STAGE_SEMANTIC_ID")), SaleState.OPEN)

    def _undone(self, row: Mapping[str, Any]) -> bool:
        own, funnel = self.names.funnels, int(row.get("CATEGORY_ID") or 0)
        elsewhere = funnel in self.names.other_funnels if own is None else funnel not in own
        marked = row.get(self.names.undone_field) if self.names.undone_field else None
        filled = bool(marked) and str(marked) not in EMPTY
        return elsewhere or filled or row.get("IS_RECURRING") == "Y" or row.get("STAGE_ID") in self.names.undone_stages

    def _closed_on(self, row: Mapping[str, Any]) -> date | None:
        """The day of closing; a date that people plan ahead (crm/deals/crm-deal-add: in a week) cannot be later than
        the move onto the last stage.
        """
        days = read_day(row.get("CLOSEDATE")), read_day_in(self.zone, row.get("MOVED_TIME"))
        return min((day for day in days if day is not None), default=None)


def sales_source(names: ProcessNames, zone: tzinfo) -> SalesSource:
    """The source by the words of `.sales` in the process's section; PortalLacks if portal.toml has none."""
    if names.sales is None:
        raise no_sales_words()
    return SalesSource(names.sales, zone)


def no_sales_words() -> PortalLacks:
    """The error for a portal.toml that does not tell sales apart."""
    return PortalLacks(("в portal.toml нет раздела [repeat_sale_calls.sales]: какие сделки — продажи, кто звонит",))


def client_of(row: Mapping[str, Any]) -> str:
    """Whose the deal is, as tasks are bound: the company's, or the primary contact's where there is none."""
    company, contact = int(row.get("COMPANY_ID") or 0), int(row.get("CONTACT_ID") or 0)
    if company:
        return f"CO_{company}"
    return f"C_{contact}" if contact else ""
