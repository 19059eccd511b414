"""The reconciliation of a fund's site with its portal: both sides read, and the report for people."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE

from backoffice import connections
from backoffice.bitrix24.deal_forms import DealForms
from backoffice.bitrix24.donation_deals import funnel_deals
from backoffice.bitrix24.links import deal_link
from backoffice.letters import render
from backoffice.leyka.links import donation_link
from backoffice.retries import worth_retrying
from backoffice.rules.donation_accounts import Accounts, first_donations
from backoffice.rules.donation_differences import Difference
from backoffice.rules.donation_facts import Donation
from backoffice.rules.donation_policy import DonationPolicy
from backoffice.rules.donation_report import Reconciliation
from backoffice.rules.donation_verdicts import Key
from backoffice.rules.donation_work import Deal
from backoffice.rules.markdown import plain
from backoffice.rules.russian import counted, month, price
from backoffice.settings import settings
from backoffice.spreadsheets import write_sheet
from backoffice.store import donations

PROCESS = "donation_reconciliation"
SHOWN, LISTED = 1000, 50
WORDS = ("расхождение", "расхождения", "расхождений")
COLUMNS = ["Что", "Пожертвование", "Сделка", "По сайту", "В портале", "Что дальше", "Исправляет процесс"]


@task(retries=3, retry_delay_seconds=[5, 30, 90], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def read_accounts(since: datetime, now: datetime, policy: DonationPolicy) -> Accounts:
    """The donations created since then: as our store has them, as the portal shows them, as the site tells them now.

    In that order, so that what happens meanwhile looks as if it was still on its way. 50 deals a request to the
    portal, 200 donations a request to the site.
    """
    engine, host = connections.store(), connections.portal_host()
    known = {one.key: one for one in donations.created_between(engine, host, since, now)}
    deals = _read_deals(since - policy.twin_window)
    site, unreadable = _read_site(since)
    older = (site.keys() | first_donations(site)) - known.keys()
    return Accounts(since, site, known | donations.donations(engine, host, older), deals, tuple(unreadable))


@task(cache_policy=NO_CACHE)
def publish_reconciliation(reconciliation: Reconciliation, now: datetime) -> None:
    """The sums of both sides and why they differ, every difference with links, the whole as a file for spreadsheets.

    Numbers and links only: nobody's name or address.
    """
    found = reconciliation.differences
    origin, file = connections.portal_origin(), write_csv(found, now)
    text = render(
        "donation_reconciliation/report.md.j2",
        report=reconciliation,
        now=now.astimezone(connections.zone()),
        since=reconciliation.accounts.since.astimezone(connections.zone()),
        file=file.name,
        listed=LISTED,
        cell=plain,
        price=price,
        named=_named,
        deal_link=partial(deal_link, origin),
        donation_link=donation_link,
    )
    create_markdown_artifact(text, key="donation-report")
    if found:
        rows = [_row(one) for one in found[:SHOWN]]
        create_table_artifact(rows, key="donation-report-table", description=counted(len(found), *WORDS))


def write_csv(found: Sequence[Difference], now: datetime) -> Path:
    """The differences as a spreadsheet opens them by a double click (UTF-8 with its mark, semicolons); where it is."""
    file = settings().reports / f"donations-{now.astimezone(connections.zone()):%Y-%m-%d}.csv"
    write_sheet(file, COLUMNS, map(_row, found))
    return file


def _read_deals(since: datetime) -> list[Deal]:
    forms = DealForms(connections.names(PROCESS), connections.zone(), connections.facts().list_datetime)
    with connections.portal() as portal:
        return list(funnel_deals(portal, forms, since))


def _read_site(since: datetime) -> tuple[dict[Key, Donation], list[str]]:
    """What the site tells, and which donations cannot be read, with the reason."""
    found: dict[Key, Donation] = {}
    unreadable: list[str] = []
    with connections.leyka() as leyka:
        for page in leyka.donations(since):
            found |= {(page.site, one.id): one for one in page.rows}
            unreadable += page.unreadable
    return found, unreadable


def _row(one: Difference) -> dict[str, Any]:
    told = donation_link(*one.key) if one.key else "—"
    stands = deal_link(connections.portal_origin(), one.deal_id) if one.deal_id else "—"
    values = (one.kind.value, told, stands, one.site, one.portal, one.remedy, "да" if one.safe_to_fix else "нет")
    return dict(zip(COLUMNS, values, strict=True))


def _named(year_and_month: str) -> str:
    return month(datetime.strptime(year_and_month, "%Y-%m").replace(tzinfo=connections.zone()))
