"""Which deals of a portal are sales, by the words of portal.toml."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.names import SalesNames, read_names
from backoffice.bitrix24.sales_source import SalesSource, sales_source
from backoffice.bitrix24.words import read_words
from backoffice.rules.portal_mismatches import SALES
from backoffice.rules.portal_setup import PortalLacks
from backoffice.rules.portal_words import PortalWords, SalesWords
from backoffice.rules.sales import SaleState
from backoffice.sandbox.inside import ask
from backoffice.sandbox.seeds.fund import Fund
from backoffice.sandbox.seeds.wholesale import Wholesale
from backoffice.sandbox.world import World

MOSCOW = ZoneInfo("Europe/Moscow")
PROCESS = "repeat_sale_calls"
ROW = {"ID": "7", "STAGE_SEMANTIC_ID": "S", "CATEGORY_ID": "0", "CLOSEDATE": "2026-05-08T03:00:00+03:00"}


@pytest.fixture
def words() -> PortalWords:
    """The portal.toml of the repository, with the section of the process alone."""
    return read_words(Path(__file__).parents[2] / "portal.toml").only(PROCESS)


def saying(words: PortalWords, **sales: Any) -> PortalWords:
    section = words.processes[PROCESS]
    said = section.model_copy(update={"sales": SalesWords(fallback_user=1, **sales)})
    return words.model_copy(update={"processes": {**words.processes, PROCESS: said}})


def names(portal: Portal, words: PortalWords) -> SalesNames:
    found = read_names(portal, words, PROCESS).sales
    assert found is not None
    return found


def test_deals_that_another_process_makes_are_no_sales(portal: Portal, world: World) -> None:
    """Unless their funnel is named."""
    fund, ours = Fund(world), read_words(Path(__file__).parents[2] / "portal.toml")
    Wholesale(world)
    assert names(portal, ours) == SalesNames(other_funnels=frozenset({fund.funnel_id}))
    named = names(portal, saying(ours, funnels=("пожертвования",)))
    assert state(named, CATEGORY_ID=str(fund.funnel_id)) is SaleState.WON
    assert state(named) is SaleState.VOID


def test_returns_are_told_by_stage_or_field(portal: Portal, world: World, words: PortalWords) -> None:
    """A stage of that name in whatever funnel; anything filled into the field."""
    Wholesale(world)
    ask(world.portal, "crm.status.add", fields={"ENTITY_ID": "DEAL_STAGE", "STATUS_ID": "BACK", "NAME": "Возврат"})
    ask(world.portal, "crm.deal.userfield.add", fields={"FIELD_NAME": "UF_CRM_TEST", "USER_TYPE_ID": "boolean"})
    found = names(portal, saying(words, undone_stages=("возврат",), undone_field="UF_CRM_TEST"))
    assert found.undone_stages == {"BACK"}
    assert state(found, STAGE_ID="BACK") is SaleState.VOID
    assert state(found, STAGE_ID="WON", UF_CRM_TEST="1") is SaleState.VOID
    assert state(found, STAGE_ID="WON", UF_CRM_TEST="0") is SaleState.WON


def test_what_the_portal_lacks_is_named(portal: Portal, world: World, words: PortalWords) -> None:
    """All of it at once, each with its key in portal.toml; portal-setup says the same before any run."""
    Wholesale(world)
    wrong = saying(words, funnels=("Опт",), undone_stages=("Брак",), undone_field="UF_CRM_NONE")
    with pytest.raises(PortalLacks) as told:
        names(portal, wrong)
    assert told.value.lacks == (
        f"в CRM нет воронки сделок «Опт»: исправьте funnels, {SALES}",
        f"в воронках сделок нет стадии «Брак»: исправьте undone_stages, {SALES}",
        f"в карточке сделки нет поля UF_CRM_NONE: исправьте undone_field, {SALES}",
    )


def test_without_its_section_nothing_is_a_sale(portal: Portal, world: World, words: PortalWords) -> None:
    """And the section is named."""
    Wholesale(world)
    section = words.processes[PROCESS].model_copy(update={"sales": None})
    found = read_names(portal, words.model_copy(update={"processes": {PROCESS: section}}), PROCESS)
    with pytest.raises(PortalLacks, match=r"\[repeat_sale_calls.sales\]"):
        sales_source(found, MOSCOW)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"STAGE_SEMANTIC_ID": "F"}, SaleState.LOST),
        ({"STAGE_SEMANTIC_ID": "P"}, SaleState.OPEN),
        ({"STAGE_SEMANTIC_ID": ""}, SaleState.OPEN),
        ({"IS_RECURRING": "Y"}, SaleState.VOID),
    ],
)
def test_the_portal_tells_what_a_deal_is(changes: dict[str, str], expected: SaleState) -> None:
    """A template of recurring deals is none."""
    assert state(SalesNames(), **changes) is expected


@pytest.mark.parametrize(
    ("company", "contact", "client"),
    [("77", "5", "CO_77"), (None, "5", "C_5"), ("0", "5", "C_5"), (None, None, ""), ("0", "0", "")],
)
def test_a_deal_is_the_companys_or_else_the_contacts(company: str | None, contact: str | None, client: str) -> None:
    """As tasks are bound to them."""
    row = {**ROW, "COMPANY_ID": company, "CONTACT_ID": contact}
    assert SalesSource(SalesNames(), MOSCOW).deal(row).client == client


def test_a_deal_is_closed_by_its_move_at_the_latest() -> None:
    """The day of closing is planned a week ahead when a deal is made; a person may put it back."""
    source = SalesSource(SalesNames(), MOSCOW)
    moved = {**ROW, "MOVED_TIME": "2026-05-01T23:30:00+00:00"}
    assert source.deal(moved).closed_on == date(2026, 5, 2)
    assert source.deal({**moved, "CLOSEDATE": "2026-04-20T03:00:00+03:00"}).closed_on == date(2026, 4, 20)
    assert source.deal({**ROW, "CLOSEDATE": ""}).closed_on is None
    assert source.deal({**moved, "STAGE_SEMANTIC_ID": "P"}).closed_on is None


def test_the_sum_is_exact(world: World, portal: Portal) -> None:
    """As the portal lists it."""
    shop = Wholesale(world)
    deal_id = shop.deal(shop.company("Лавка"), opportunity=1999.99, assignedById=3)
    source = SalesSource(SalesNames(), MOSCOW)
    [row] = portal.rows("crm.deal.list", **source.deals())
    read = source.deal(row)
    assert (read.id, read.amount, read.currency, read.responsible_id) == (deal_id, Decimal("1999.99"), "RUB", 3)


def state(found: SalesNames, **changes: str) -> SaleState:
    return SalesSource(found, MOSCOW).deal({**ROW, **changes}).state
