"""Donations' deals: written as forms, read as forms, found by key, by contact and by funnel."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.deal_forms import DealForms
from backoffice.bitrix24.donation_deals import deals_by_id, deals_by_origin, deals_of_contacts, funnel_deals
from backoffice.bitrix24.errors import BatchFailed
from backoffice.rules.portal_facts import PortalFacts
from backoffice.sandbox.inside import ask
from backoffice.sandbox.world import World
from tests.bitrix24.donations.conftest import SITE, Add
from tests.portals import Switch, behave, told

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire

FORM = {
    "title": "Пожертвование № 47",
    "stage": "funded",
    "amount": "150.50",
    "currency": "RUB",
    "donated_at": "2026-03-01T21:30:15+00:00",
    "direction": "Образование",
    "campaign": "Книги & тетради + [мел] 100%",
    "kind": "разовое",
    "order": "первое",
    "method": "CloudPayments, card",
    "error": "",
    "status": "оплачено",
    "superseded_by": "",
}
MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


ORIGINS: list[tuple[Switch, Switch]] = [
    ({}, {}),
    ({"item_list_finds_origins": False}, {}),
    ({"item_list_finds_origins": False}, {"item_list_finds_origins": False}),
    (
        {"contact_list_finds_origins": False, "item_list_finds_origins": False},
        {"contact_list_finds_origins": False, "item_list_finds_origins": False},
    ),
]


@pytest.fixture
def write(portal: Portal, forms: DealForms) -> Add:
    """write(form, contact=…, number=…): the id of a deal of ours as it is made."""

    def add(form: dict[str, str], contact_id: int | None = None, number: int = 47) -> int:
        fields = forms.fields(form, contact_id, (SITE, number))
        answer = portal.call("crm.item.add", entityTypeId=2, useOriginalUfNames="Y", fields=fields)
        return int(answer["item"]["id"])

    return add


def edit(world: World, deal_id: int, **fields: Any) -> None:
    """A person edits the deal."""
    ask(world.portal, "crm.item.update", entityTypeId=2, useOriginalUfNames="Y", id=deal_id, fields=fields)


def test_a_form_written_is_the_form_read(portal: Portal, forms: DealForms, write: Add, contact: Add) -> None:
    """Text for text, whatever signs are in it: else every run would write everything anew."""
    donor = contact("anna@example.org")
    number = write(FORM, donor)
    [deal] = deals_by_id(portal, forms, [number]).values()
    assert deal.form == FORM
    assert (deal.stage, deal.won, deal.amount, deal.currency) == ("funded", True, Decimal("150.50"), "RUB")
    assert (deal.contact_id, deal.key) == (donor, (SITE, 47))


def test_a_deal_shows_the_donation_s_day_and_a_sum_of_its_own(world: World, write: Add) -> None:
    """In the portal's zone: half past midnight in Moscow is the next day. Product rows would not change the sum."""
    values = world.portal.crm.tables["DEAL"].get(write(FORM)).values  # type: ignore[union-attr] # it was just made
    assert (values["BEGINDATE"], values["CLOSEDATE"]) == (date(2026, 3, 2), date(2026, 3, 2))
    assert (values["OPPORTUNITY"], values["IS_MANUAL_OPPORTUNITY"]) == (Decimal("150.50"), "Y")


def test_words_left_out_stay_as_they_are(portal: Portal, forms: DealForms, write: Add, contact: Add) -> None:
    """A change of the stage is a change of nothing else."""
    number = write(FORM, donor := contact())
    fields = forms.fields({"stage": "refunded", "error": "5051"})
    portal.call("crm.item.update", entityTypeId=2, useOriginalUfNames="Y", id=number, fields=fields)
    deal = deals_by_id(portal, forms, [number])[number]
    assert deal.form == FORM | {"stage": "refunded", "error": "5051"}
    assert (deal.won, deal.contact_id, deal.key) == (False, donor, (SITE, 47))


def test_a_field_is_emptied_by_an_empty_word(portal: Portal, forms: DealForms, write: Add) -> None:
    """The error of a payment that was made good."""
    number = write(FORM | {"error": "5051"})
    portal.call(
        "crm.item.update", entityTypeId=2, useOriginalUfNames="Y", id=number, fields=forms.fields({"error": ""})
    )
    assert deals_by_id(portal, forms, [number])[number].form["error"] == ""


def test_a_stage_of_people_and_another_funnel_keep_the_portal_s_name(
    portal: Portal, world: World, forms: DealForms, write: Add
) -> None:
    """They are equal to none of our words; the deal is still found by its key."""
    number = write(FORM)
    edit(world, number, categoryId=0, stageId="LOSE")
    [deal] = deals_by_origin(portal, forms, [(SITE, 47)])[SITE, 47]
    assert (deal.id, deal.stage, deal.form["stage"], deal.won) == (number, "LOSE", "LOSE", False)


def test_sums_keep_their_kopecks(portal: Portal, forms: DealForms, write: Add) -> None:
    """The portal shows them as floating numbers."""
    sums = ["0.01", "0.10", "1234567.89", "99999999.99", "700.00", "0.00"]
    ids = [write(FORM | {"amount": amount}) for amount in sums]
    found = deals_by_id(portal, forms, ids)
    assert [found[number].form["amount"] for number in ids] == sums
    assert [str(found[number].amount) for number in ids] == sums


@pytest.mark.parametrize(("switch", "facts"), ORIGINS, ids=told)
def test_deals_are_found_by_key_on_every_portal(
    portal: Portal, world: World, forms: DealForms, write: Add, switch: Switch, facts: Switch
) -> None:
    """The oldest first; another site's, another system's and those without a key are not taken for them."""
    behave(world, switch)
    first, second, other = write(FORM), write(FORM), write(FORM, number=48)
    edit(world, write(FORM), originatorId="https://other.example")
    edit(world, write(FORM), originId="47a")
    edit(world, write(FORM), originId="", originatorId="")
    keys = [(SITE, 47), (SITE, 48), (SITE, 49), ("https://none.example", 47)]
    found = deals_by_origin(portal, forms, keys, PortalFacts(**facts))
    assert {key: [deal.id for deal in deals] for key, deals in found.items()} == {
        (SITE, 47): [first, second],
        (SITE, 48): [other],
    }


def test_more_deals_than_a_page_under_one_command_are_all_found(portal: Portal, forms: DealForms, write: Add) -> None:
    """50 keys with two deals each are two pages."""
    ids = [write(FORM, number=number) for number in [*range(50), *range(50)]]
    found = deals_by_origin(portal, forms, [(SITE, number) for number in range(50)])
    assert sorted(deal.id for deals in found.values() for deal in deals) == ids
    assert {len(deals) for deals in found.values()} == {2}


def test_five_thousand_keys_cost_few_requests(portal: Portal, forms: DealForms, requests: Callable[[], int]) -> None:
    """2,500 a request once the cost of the method is known."""
    assert deals_by_origin(portal, forms, [(SITE, number) for number in range(5000)]) == {}
    assert requests() <= 4


def test_nothing_to_look_for_asks_nothing(portal: Portal, forms: DealForms, requests: Callable[[], int]) -> None:
    """Least of all without a condition."""
    assert deals_by_origin(portal, forms, [], PortalFacts(item_list_finds_origins=False)) == {}
    assert deals_by_id(portal, forms, []) == {}
    assert deals_of_contacts(portal, forms, [], MOMENT, MOMENT) == []
    assert requests() == 0


def test_an_outage_is_not_taken_for_no_deals(portal: Portal, forms: DealForms, wire: "Wire") -> None:
    """Otherwise each donation would get a second deal."""
    wire.plan(wire.answers(502, "<html></html>"))
    with pytest.raises(BatchFailed):
        deals_by_origin(portal, forms, [(SITE, 47)])


def test_foreign_deals_of_a_donor_are_those_of_the_funnel_and_of_the_time(
    portal: Portal, world: World, forms: DealForms, write: Add, contact: Add, deal: Add
) -> None:
    """Neither our own, nor a stranger's, nor those of another funnel or of another week; an older integration's are."""
    anna, stranger = contact(), contact()
    plain, older = (
        deal(at=MOMENT, contactIds=[anna]),
        deal(at=MOMENT, contactIds=[anna], originatorId="forms", originId="47"),
    )
    deal(at=MOMENT, contactIds=[stranger])
    deal(at=MOMENT - 2 * DAY, contactIds=[anna])
    deal(at=MOMENT + 2 * DAY, contactIds=[anna])
    edit(world, deal(at=MOMENT, contactIds=[anna]), categoryId=0, stageId="NEW")
    edit(world, deal(at=MOMENT, contactIds=[anna]), originatorId=SITE, originId="47")
    found = deals_of_contacts(portal, forms, [anna], MOMENT - DAY, MOMENT + DAY, [SITE])
    assert [one.id for one in found] == [plain, older]
    assert {one.contact_id for one in found} == {anna}


def test_a_donor_with_more_deals_than_a_page_hides_nobody(
    portal: Portal, forms: DealForms, contact: Add, deal: Add
) -> None:
    """60 deals of one, one of each of the others in the same command."""
    people = [contact() for _ in range(25)]
    ids = [deal(contactIds=[people[0]]) for _ in range(60)] + [deal(contactIds=[one]) for one in people[1:]]
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert [one.id for one in deals_of_contacts(portal, forms, people, now - DAY, now + DAY)] == ids


def test_deals_of_many_donors_cost_few_requests(portal: Portal, forms: DealForms, requests: Callable[[], int]) -> None:
    """1,000 contacts a request."""
    assert deals_of_contacts(portal, forms, range(1, 5001), MOMENT, MOMENT) == []
    assert requests() <= 7


def test_the_funnel_is_read_whole_since_a_moment_or_an_id(
    portal: Portal, world: World, forms: DealForms, deal: Add
) -> None:
    """Ours and others', page by page; nothing of other funnels."""
    old, *ids = [deal(at=MOMENT - DAY), *(deal(at=MOMENT + timedelta(minutes=place)) for place in range(120))]
    ask(world.portal, "crm.deal.add", fields={"TITLE": "Обучение"})
    assert [one.id for one in funnel_deals(portal, forms, MOMENT)] == ids
    assert [one.id for one in funnel_deals(portal, forms)] == [old, *ids]
    assert [one.id for one in funnel_deals(portal, forms, after=ids[99])] == ids[100:]
