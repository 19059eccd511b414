"""Finding the deals of donations. The facts tell by which listing this portal finds them by their key."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal, Row
from backoffice.bitrix24.deal_forms import DealForms
from backoffice.bitrix24.listing import read_rest
from backoffice.rules.chunks import chunked
from backoffice.rules.donation_verdicts import Key
from backoffice.rules.donation_work import Deal
from backoffice.rules.portal_facts import ASSUMED, PortalFacts

LIST, LEGACY_LIST = "crm.item.list", "crm.deal.list"
IDS_A_COMMAND = 50
CONTACTS_A_COMMAND = 20


def deals_by_origin(
    portal: Portal, forms: DealForms, keys: Iterable[Key], facts: PortalFacts = ASSUMED
) -> dict[Key, tuple[Deal, ...]]:
    """The deals that carry the donations' keys (ORIGINATOR_ID, ORIGIN_ID), the oldest first; 2,500 keys a request.

    A portal that ignores a filter gives any deals, so what comes is compared once more. One that cannot filter by keys
    at all has its funnel read whole.
    """
    wanted = set(keys)
    found = {deal.id: deal for deal in _with_origins(portal, forms, wanted, facts)}
    by_key: dict[Key, tuple[Deal, ...]] = {}
    for _, deal in sorted(found.items()):
        if deal.key in wanted:
            by_key[deal.key] = (*by_key.get(deal.key, ()), deal)
    return by_key


def deals_by_id(portal: Portal, forms: DealForms, ids: Iterable[int]) -> dict[int, Deal]:
    """The deals that exist and that the webhook's owner may read, in whatever funnel; 2,500 ids a request."""
    conditions = [{"@id": some} for some in id_chunks(ids)]
    return {deal.id: deal for deal in _deals(portal, forms, conditions)}


def id_chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    """The ids in portions for one command."""
    return chunked(sorted(set(ids)), IDS_A_COMMAND)


def deals_of_contacts(
    portal: Portal,
    forms: DealForms,
    contact_ids: Iterable[int],
    since: datetime,
    until: datetime,
    sites: Collection[str] = (),
) -> list[Deal]:
    """The deals of the funnel of these contacts, created in that time, that carry no key of the sites; by id.

    1,000 contacts a request.
    """
    made = {"categoryId": forms.funnel.id, ">=createdTime": since, "<=createdTime": until}
    conditions = [{**made, "@contactId": some} for some in chunked(sorted(set(contact_ids)), CONTACTS_A_COMMAND)]
    found = {deal.id: deal for deal in _deals(portal, forms, conditions) if deal.site not in sites}
    return [found[deal_id] for deal_id in sorted(found)]


def funnel_deals(portal: Portal, forms: DealForms, since: datetime | None = None, after: int = 0) -> list[Deal]:
    """All deals of the funnel with an id beyond `after`, created since that moment, in the order of their ids.

    10,000 cost some 6 requests.
    """
    condition: dict[str, Any] = {"categoryId": forms.funnel.id, ">id": after}
    if since is not None:
        condition[">=createdTime"] = since
    return [forms.read(row) for row in portal.rows(LIST, **forms.listing(condition))]


def _with_origins(portal: Portal, forms: DealForms, keys: Collection[Key], facts: PortalFacts) -> Iterable[Deal]:
    """Deals that may have the keys."""
    if not keys:
        return ()
    if facts.item_list_finds_origins:
        conditions = [{"=originatorId": site, "@originId": some} for site, some in _portions(keys)]
        return _deals(portal, forms, conditions)
    if facts.contact_list_finds_origins:
        return deals_by_id(portal, forms, _legacy_ids(portal, keys)).values()
    return funnel_deals(portal, forms)


def _portions(keys: Collection[Key]) -> Iterator[tuple[str, list[str]]]:
    for site in sorted({site for site, _ in keys}):
        numbers = sorted(number for own, number in keys if own == site)
        yield from ((site, some) for some in chunked(map(str, numbers), IDS_A_COMMAND))


def _legacy_ids(portal: Portal, keys: Collection[Key]) -> set[int]:
    pages = [
        {"select": ["ID"], "filter": {"=ORIGINATOR_ID": site, "@ORIGIN_ID": some}, "order": {"ID": "ASC"}, "start": -1}
        for site, some in _portions(keys)
    ]
    return {int(row["ID"]) for row in _rows(portal, LEGACY_LIST, pages)}


def _deals(portal: Portal, forms: DealForms, conditions: Iterable[Mapping[str, Any]]) -> Iterator[Deal]:
    return map(forms.read, _rows(portal, LIST, [forms.listing(condition) for condition in conditions]))


def _rows(portal: Portal, method: str, pages: Iterable[dict[str, Any]]) -> Iterator[Row]:
    """The rows of many listings, in one batch as long as their first pages hold them."""
    commands = [Command(method, params, number) for number, params in enumerate(pages)]
    for command, result in zip(commands, portal.batch(commands).values(), strict=True):
        yield from read_rest(portal, method, command.params, result)
