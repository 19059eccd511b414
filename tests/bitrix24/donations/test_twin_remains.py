"""Deals that go: what only they have is kept in words, and they are gone."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.deal_forms import DealForms
from backoffice.bitrix24.deal_remains import twin_remains
from backoffice.bitrix24.deal_removal import delete_deals
from backoffice.bitrix24.errors import AccessDenied, AmbiguousWrite
from backoffice.bitrix24.traces import marked_text
from backoffice.sandbox.inside import ask
from backoffice.sandbox.world import World
from tests.portals import behave

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire
    from tests.bitrix24.donations.conftest import Add

MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)
HEADER = "Сделка создана 01.03.2026 15:00, этап «Платёж не прошёл»."


def comment(world: World, deal_id: int, text: str) -> None:
    """A person writes into the timeline."""
    fields = {"ENTITY_TYPE": "deal", "ENTITY_ID": deal_id, "COMMENT": text}
    ask(world.portal, "crm.timeline.comment.add", fields=fields)


def user_field(world: World, code: str, kind: str, label: str, **about: Any) -> None:
    """A field that people have added to the deals' cards."""
    fields = {"FIELD_NAME": code, "USER_TYPE_ID": kind, "EDIT_FORM_LABEL": label, **about}
    ask(world.portal, "crm.deal.userfield.add", fields=fields)


def lines(portal: Portal, forms: DealForms, twin: int, kept: int) -> list[str]:
    """The text by lines, without what every text begins with."""
    header, *rest = twin_remains(portal, forms, {twin: kept})[twin].text.split("\n")
    assert header == HEADER
    assert rest[:1] in ([], ["Что было только в ней:"])
    return rest[1:]


@pytest.fixture
def pair(deal: "Add") -> tuple[int, int]:
    """An unpaid deal of a form, and the paid one beside it."""
    return deal("failed", MOMENT, title="Заявка с сайта"), deal("funded", MOMENT)


def test_equal_deals_leave_nothing_but_a_header(portal: Portal, forms: DealForms, pair: tuple[int, int]) -> None:
    """Stage, sum and times of the unpaid one are no news."""
    twin, kept = pair
    assert lines(portal, forms, twin, kept) == []
    assert twin_remains(portal, forms, {twin: kept})[twin].deal.form["title"] == "Заявка с сайта"


def test_what_only_the_twin_has_is_named_as_in_the_card(
    portal: Portal, world: World, forms: DealForms, pair: tuple[int, int]
) -> None:
    """Labels and values in people's words; what the paid one has as well is left out."""
    user_field(world, "UF_CRM_WISHES", "string", "Пожелание", MULTIPLE="Y")
    user_field(world, "UF_CRM_CALL", "boolean", "Просил позвонить")
    user_field(world, "UF_CRM_DATE", "date", "День рождения фонда")
    user_field(
        world, "UF_CRM_FROM", "enumeration", "Откуда узнал", LIST=[{"VALUE": "От друзей"}, {"VALUE": "Из газеты"}]
    )
    [option, _] = ask(world.portal, "crm.deal.userfield.list", filter={"FIELD_NAME": "UF_CRM_FROM"})[0]["LIST"]
    both = {"utmSource": "vk", "UF_CRM_WISHES": ["На книги"]}
    only = {
        "comments": "Обещал ещё",
        "sourceId": "WEB",
        "UF_CRM_WISHES": ["На книги", "На обеды"],
        "UF_CRM_CALL": "Y",
        "UF_CRM_DATE": "2026-03-05",
        "UF_CRM_FROM": option["ID"],
    }
    for number, fields in zip(pair, (both | only, both), strict=True):
        ask(world.portal, "crm.item.update", entityTypeId=2, useOriginalUfNames="Y", id=number, fields=fields)
    source = next(one.name for one in world.portal.crm.directories.of("SOURCE") if one.status_id == "WEB")
    assert sorted(lines(portal, forms, *pair)) == sorted(
        [
            "Comments: Обещал ещё",
            f"Source id: {source}",
            "Пожелание: На обеды",
            "Просил позвонить: да",
            "День рождения фонда: 05.03.2026",
            "Откуда узнал: От друзей",
        ]
    )


def test_another_contact_of_the_twin_is_named(portal: Portal, forms: DealForms, contact: "Add", deal: "Add") -> None:
    """By its number: the one whom the paid deal has not."""
    anna, helper = contact(), contact()
    twin, kept = deal("failed", MOMENT, contactIds=[anna, helper]), deal("funded", MOMENT, contactIds=[anna])
    assert lines(portal, forms, twin, kept) == [f"Contact ids: {helper}"]


@pytest.mark.parametrize("shows_text", [True, False])
def test_comments_activities_and_products_are_kept(
    portal: Portal, world: World, forms: DealForms, pair: tuple[int, int], shows_text: bool
) -> None:
    """The oldest first; the mark of a comment of ours stays behind, else it would be found in the paid deal."""
    behave(world, {"comment_list_shows_text": shows_text})
    twin, _ = pair
    comment(world, twin, "Звонила, просила счёт")
    comment(world, twin, marked_text("Отправлено письмо", "0123456789abcdef"))
    activity = {"OWNER_TYPE_ID": 2, "OWNER_ID": twin, "TYPE_ID": 2, "SUBJECT": "Перезвонить", "COMPLETED": "N"}
    activity |= {"DIRECTION": 1, "COMMUNICATIONS": [{"VALUE": "+79990000001", "ENTITY_ID": 1, "ENTITY_TYPE_ID": 3}]}
    ask(world.portal, "crm.activity.add", fields=activity)
    rows = [{"productName": "Билет", "price": 500, "quantity": 2}]
    ask(world.portal, "crm.item.productrow.set", ownerType="D", ownerId=twin, productRows=rows)
    assert lines(portal, forms, *pair) == [
        "Товар: Билет, 500 × 2",
        "Комментарий 02.03.2026 12:00: Звонила, просила счёт",
        "Комментарий 02.03.2026 12:00: Отправлено письмо",
        "Дело 02.03.2026 12:00: Перезвонить",
    ]


def test_sixty_comments_are_all_kept(portal: Portal, world: World, forms: DealForms, pair: tuple[int, int]) -> None:
    """More than a page."""
    for place in range(60):
        comment(world, pair[0], f"№ {place}")
    assert [line.rpartition(": ")[2] for line in lines(portal, forms, *pair)] == [f"№ {place}" for place in range(60)]


def test_a_deal_that_is_gone_leaves_nothing(portal: Portal, forms: DealForms, pair: tuple[int, int]) -> None:
    """And no twins ask nothing."""
    twin, kept = pair
    assert twin_remains(portal, forms, {404: kept}) == {}
    assert list(twin_remains(portal, forms, {404: kept, twin: 405})) == [twin]


def test_the_remains_of_fifty_deals_cost_few_requests(
    portal: Portal, forms: DealForms, deal: "Add", requests: Callable[[], int]
) -> None:
    """One for the cards, and one for each sixteen deals."""
    twins = [deal("failed", MOMENT) for _ in range(50)]
    before, kept = requests(), deal("funded", MOMENT)
    assert len(twin_remains(portal, forms, dict.fromkeys(twins, kept))) == 50
    assert requests() - before <= 6


def standing(world: World) -> list[int]:
    """The deals in the portal."""
    return [item.id for item in world.portal.crm.tables["DEAL"]]


def test_deals_are_deleted_fifty_a_request(
    portal: Portal, world: World, deal: "Add", requests: Callable[[], int]
) -> None:
    """Those that are gone already count as deleted; the others are not touched."""
    kept, *twins = [deal() for _ in range(101)]
    removed = delete_deals(portal, [*twins, 404])
    assert removed.ids == {*twins, 404}
    assert not removed.failures
    assert standing(world) == [kept]
    assert requests() <= 5


@pytest.mark.parametrize("mishap", ["cut_before", "cut_after"])
def test_a_deletion_without_an_answer_is_asked_for_again(
    portal: Portal, world: World, wire: "Wire", deal: "Add", mishap: str
) -> None:
    """It cannot happen twice."""
    twins = [deal() for _ in range(3)]
    wire.plan(getattr(wire, mishap))
    assert delete_deals(portal, twins).ids == set(twins)
    assert standing(world) == []


def test_a_deletion_that_never_gets_an_answer_is_told(portal: Portal, world: World, wire: "Wire", deal: "Add") -> None:
    """The next run deletes it."""
    [twin] = [deal()]
    wire.plan(*[wire.cut_before] * 3)
    removed = delete_deals(portal, [twin])
    assert removed.ids == frozenset()
    assert isinstance(removed.failures[twin], AmbiguousWrite)


def test_a_refused_deletion_does_not_hinder_the_others(portal: Portal, world: World, wire: "Wire", deal: "Add") -> None:
    """No right to one of them: it is told, the other is gone."""
    mine, foreign = deal(), deal()

    def refuse(body: Any) -> Any:
        del body["result"]["result"]["c_001"]
        body["result"]["result_error"] = {"c_001": {"error": "ACCESS_DENIED", "error_description": "Access denied"}}
        return body

    wire.plan(wire.edits(refuse))
    removed = delete_deals(portal, [mine, foreign])
    assert removed.ids == {mine}
    assert isinstance(removed.failures[foreign], AccessDenied)
