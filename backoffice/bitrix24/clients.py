"""Clients as the portal has them at this moment: what they have bought, what goes on, and their cards."""

from collections.abc import Collection
from typing import Any

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.client_cards import COMPANY, card_commands, cards_in, client_of
from backoffice.bitrix24.listing import read_rest, rows_of
from backoffice.bitrix24.names import ProcessNames
from backoffice.bitrix24.sales_source import DEALS, SalesSource
from backoffice.rules.repeat_sales import Look
from backoffice.rules.sales import ClientSales, sales_of

GOING_ON_OR_WON = ["P", "S"]


def look_at_clients(portal: Portal, source: SalesSource, names: ProcessNames, keys: Collection[str]) -> list[Look]:
    """The clients in their order, as yet without our tasks; 50 clients a request, and 2,500 cards."""
    wanted = list(dict.fromkeys(keys))
    deals = [Command(DEALS, source.deals(_condition(key)), key) for key in wanted]
    cards = card_commands(wanted, names)
    results = portal.batch([*deals, *cards]).values()
    living = cards_in(cards, results[len(deals) :])
    sales = [_sales(portal, source, command, result) for command, result in zip(deals, results, strict=False)]
    return [Look(own, client_of(own.client, living.get(own.client), names)) for own in sales]


def _condition(key: str) -> dict[str, Any]:
    """Of a person come deals of companies as well, which `sales_of` leaves out."""
    owner = "COMPANY_ID" if key.startswith(COMPANY) else "CONTACT_ID"
    return {owner: int(key.partition("_")[2]), "@STAGE_SEMANTIC_ID": GOING_ON_OR_WON}


def _sales(portal: Portal, source: SalesSource, command: Command[str], result: Any) -> ClientSales:
    """By the first page where it is enough to hold the client out."""
    first = sales_of(command.item, map(source.deal, rows_of(DEALS, result)))
    if first.won > 1 or first.open_deal is not None:
        return first
    return sales_of(command.item, map(source.deal, read_rest(portal, DEALS, command.params, result)))
