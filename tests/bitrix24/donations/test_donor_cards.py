"""Donors' contacts: found by address and by phone however it is written, created so that they are found."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.donor_cards import cards_by_id, donor_cards, donor_fields
from backoffice.bitrix24.errors import BatchFailed
from backoffice.bitrix24.new_contacts import adding_method, adding_params
from backoffice.rules.donation_facts import Donor
from backoffice.rules.donors import NameParts
from backoffice.rules.portal_facts import PortalFacts
from backoffice.sandbox.inside import ask
from backoffice.sandbox.world import World
from tests.portals import behave

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire
    from tests.bitrix24.donations.conftest import Add

ANNA, PHONE = "anna@example.org", "+79990000001"
DONOR = Donor("Петрова Анна", ANNA, PHONE)
NAME = NameParts("Петрова", "Анна", "Ивановна")


def found(portal: Portal, *phones: str, emails: tuple[str, ...] = ()) -> list[int]:
    """The ids of the cards."""
    return [card.id for card in donor_cards(portal, emails, phones)]


def test_a_card_has_one_normal_form(portal: Portal, contact: "Add") -> None:
    """Whatever people wrote: the name in the order of the card, addresses in lower case, phones in E.164."""
    number = contact("Anna@Example.ORG", phone="8 (999) 000-00-01", LAST_NAME=" Петрова", SECOND_NAME="Ивановна")
    card = cards_by_id(portal, [number, 404])[number]
    assert card.name == "Петрова Анна Ивановна"
    assert (set(card.emails), set(card.phones)) == ({ANNA}, {PHONE})


def test_a_card_of_a_name_alone_is_read_too(portal: Portal, contact: "Add") -> None:
    """Empty sets; what is no address and no phone is none."""
    card = cards_by_id(portal, [number := contact(phone="нет")])[number]
    assert (card.name, card.emails, card.phones) == ("Анна", frozenset(), frozenset())


def test_donors_are_found_by_address_and_by_phone(portal: Portal, contact: "Add") -> None:
    """The oldest first; who is found by both is found once."""
    by_phone, by_both, by_email = contact(phone=PHONE), contact(ANNA, phone=PHONE), contact(ANNA)
    contact("other@example.org", phone="+79990000002")
    assert found(portal, PHONE, emails=(ANNA,)) == [by_phone, by_both, by_email]


@pytest.mark.parametrize("written", ["+79990000001", "79990000001", "89990000001"])
def test_a_phone_is_found_in_its_usual_spellings(portal: Portal, contact: "Add", written: str) -> None:
    """The portal compares what is written, and people leave the plus out or begin with 8."""
    assert found(portal, PHONE) == [] == found(portal, "+79990000002")
    assert [contact(phone=written)] == found(portal, PHONE)


def test_a_phone_of_another_country_is_found(portal: Portal, contact: "Add") -> None:
    """It has no 8."""
    assert [contact(phone="+37410123456")] == found(portal, "+37410123456")


@pytest.mark.parametrize("most", [7, 20])
def test_a_crowd_behind_one_phone_hides_nobody(portal: Portal, world: World, contact: "Add", most: int) -> None:
    """A call centre's number in 60 cards, and a donor's in the same command."""
    behave(world, {"findbycomm_most": most})
    ids = [*(contact(phone=PHONE) for _ in range(60)), contact(phone="+79990000002")]
    cards = donor_cards(portal, (), [PHONE, "+79990000002"], PortalFacts(findbycomm_most=most))
    assert [card.id for card in cards] == ids


def test_nobody_to_look_for_asks_nothing(portal: Portal, world: World) -> None:
    """Anonymous donors have neither."""
    assert donor_cards(portal, ["", ""], [""]) == ()
    assert world.log.counters()["portal_requests"] == 0


def test_an_outage_is_not_taken_for_nobody(portal: Portal, wire: "Wire") -> None:
    """Otherwise everybody would be created once more."""
    wire.plan(wire.answers(502, "<html></html>"))
    with pytest.raises(BatchFailed) as failed:
        donor_cards(portal, (), [PHONE])
    assert PHONE not in str(failed.value)


@pytest.mark.parametrize("takes_fm", [True, False])
def test_a_donor_created_is_the_donor_found(portal: Portal, world: World, takes_fm: bool) -> None:
    """With name, address, phone and the key, by whichever method keeps them."""
    behave(world, {"item_add_takes_fm": takes_fm})
    facts = PortalFacts(item_add_takes_fm=takes_fm)
    fields = donor_fields(DONOR, NAME, "leyka", "https://fund.example 47")
    portal.call(adding_method(facts), **adding_params(fields, facts))
    [card] = donor_cards(portal, [ANNA], [PHONE], facts)
    assert (card.name, set(card.emails), set(card.phones)) == ("Петрова Анна Ивановна", {ANNA}, {PHONE})
    made = ask(world.portal, "crm.contact.get", id=card.id)
    assert (made["ORIGINATOR_ID"], made["ORIGIN_ID"]) == ("leyka", "https://fund.example 47")


def test_what_the_donor_did_not_tell_is_not_written(portal: Portal, world: World) -> None:
    """A name of one word and a phone."""
    fields = donor_fields(Donor("Анна", phone=PHONE), NameParts(first="Анна"), "leyka", "1")
    assert fields == {
        "name": "Анна",
        "fm": [{"typeId": "PHONE", "valueType": "MOBILE", "value": PHONE}],
        "originatorId": "leyka",
        "originId": "1",
    }


def test_two_thousand_donors_are_looked_up_in_thirteen_requests(
    portal: Portal, world: World, add_many: Callable[[int], None]
) -> None:
    """Each with an address and a phone of his own, and all there to be read."""
    add_many(2000)
    emails = [f"donor-{place}@example.org" for place in range(2000)]
    phones = [f"+7999{place:07}" for place in range(2000)]
    assert len(donor_cards(portal, emails, phones)) == 2000
    assert world.log.counters()["portal_requests"] <= 13


@pytest.fixture
def add_many(world: World) -> Callable[[int], None]:
    """add_many(number): so many donors in the portal, with address and phone."""

    def add(number: int) -> None:
        for place in range(number):
            comms = {
                "EMAIL": [{"VALUE": f"donor-{place}@example.org", "VALUE_TYPE": "HOME"}],
                "PHONE": [{"VALUE": f"+7999{place:07}", "VALUE_TYPE": "MOBILE"}],
            }
            ask(world.portal, "crm.contact.add", fields={"NAME": "Анна", **comms})

    return add
