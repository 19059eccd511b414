"""Purchases as a task tells of them: what was bought, and when the client was last in touch."""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from backoffice.bitrix24.batch import BatchResult, Command
from backoffice.bitrix24.client import Portal, Row
from backoffice.bitrix24.client_cards import SEEN, card_commands, cards_in
from backoffice.bitrix24.enrolments import ROWS, rows_command
from backoffice.bitrix24.errors import NotFound
from backoffice.bitrix24.listing import read_rest, rows_of
from backoffice.bitrix24.names import ProcessNames
from backoffice.bitrix24.sales_source import DEALS, SalesSource
from backoffice.bitrix24.values import read_day_in
from backoffice.rules.call_texts import Goods, Purchase
from backoffice.rules.chunks import chunked
from backoffice.rules.sales import SaleDeal, SaleState

IDS_A_COMMAND = 50


def won_deals(portal: Portal, source: SalesSource, deal_ids: Collection[int]) -> dict[int, tuple[SaleDeal, str]]:
    """Those of the deals that are won at this moment, each with its title; 2,500 a request."""
    pages = _deal_pages(source, deal_ids)
    return _won(source, zip(pages, portal.batch(pages).values(), strict=True))


def read_purchases(
    portal: Portal, source: SalesSource, names: ProcessNames, clients: Mapping[int, str]
) -> dict[int, Purchase]:
    """The purchases (deal -> client) by deal; 50 a request. A deal that is no longer won is left out."""
    deals, cards = _deal_pages(source, clients), card_commands(clients.values(), names)
    results = portal.batch([*deals, *cards]).values()
    won = _won(source, zip(deals, results, strict=False))
    living = cards_in(cards, results[len(deals) :])
    seen = {deal_id: living.get(client, {}).get(SEEN) for deal_id, client in clients.items()}
    goods = _goods(portal, won)
    return {
        deal_id: Purchase(deal, title, goods.get(deal_id, ()), read_day_in(source.zone, seen[deal_id]))
        for deal_id, (deal, title) in won.items()
    }


def _deal_pages(source: SalesSource, deal_ids: Collection[int]) -> list[Command[Any]]:
    pages = [source.deals({"@ID": some}) for some in chunked(sorted(set(deal_ids)), IDS_A_COMMAND)]
    return [Command(DEALS, {**page, "select": [*page["select"], "TITLE"]}, number) for number, page in enumerate(pages)]


def _won(source: SalesSource, answers: Iterable[tuple[Command[Any], Any]]) -> dict[int, tuple[SaleDeal, str]]:
    rows = [(source.deal(row), str(row.get("TITLE") or "")) for _, page in answers for row in rows_of(DEALS, page)]
    return {deal.id: (deal, title) for deal, title in rows if deal.state is SaleState.WON}


def _goods(portal: Portal, deal_ids: Collection[int]) -> dict[int, tuple[Goods, ...]]:
    """Of a deal deleted meanwhile none."""
    outcomes = portal.batch(rows_command(deal_id) for deal_id in deal_ids).outcomes
    read = BatchResult(tuple(one for one in outcomes if not isinstance(one.error, NotFound)))
    asked = [one.command for one in read.outcomes]
    return {
        command.item: tuple(map(_row, read_rest(portal, ROWS, command.params, result)))
        for command, result in zip(asked, read.values(), strict=True)
    }


def _row(row: Row) -> Goods:
    quantity = Decimal(str(row.get("quantity") or 0)).normalize()
    return Goods(str(row.get("productName") or ""), f"{quantity:f} {row.get('measureName') or ''}")
