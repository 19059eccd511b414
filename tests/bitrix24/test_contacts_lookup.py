"""Finding contacts by address, by origin and by id."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import pytest

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.contacts import contacts_by_id
from backoffice.bitrix24.contacts_by_email import contacts_by_email
from backoffice.bitrix24.contacts_by_origin import contacts_by_origin
from backoffice.bitrix24.errors import BatchFailed
from backoffice.sandbox.inside import ask
from backoffice.sandbox.world import World

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire

Add = Callable[..., int]
ANNA = "anna@example.org"


@pytest.fixture
def add(world: World) -> Add:
    """add(address, …, LAST_NAME=…): the id of a new contact with these addresses."""

    def add_contact(*addresses: str, **fields: Any) -> int:
        multifield = [{"VALUE": address, "VALUE_TYPE": "WORK"} for address in addresses]
        number: int = ask(world.portal, "crm.contact.add", fields={"NAME": "Анна", "EMAIL": multifield, **fields})
        return number

    return add_contact


def test_a_contact_is_read_with_names_addresses_and_fields(portal: Portal, add: Add) -> None:
    """What recognising needs, and the fields asked for under the portal's names."""
    number = add(ANNA, "a.petrova@example.org", LAST_NAME="Петрова", COMMENTS="со скидкой")
    [contact] = contacts_by_email(portal, [ANNA], ["COMMENTS"]).values()
    assert (contact.id, contact.last_name, contact.first_name) == (number, "Петрова", "Анна")
    assert contact.emails == (ANNA, "a.petrova@example.org")
    assert contact.fields["COMMENTS"] == "со скидкой"


def test_a_contact_without_a_last_name_and_addresses_is_read_too(portal: Portal, world: World) -> None:
    """Empty texts, not None."""
    number = ask(world.portal, "crm.contact.add", fields={"NAME": "Анна", "PHONE": [{"VALUE": "+79990000001"}]})
    [contact] = contacts_by_id(portal, [number]).values()
    assert (contact.last_name, contact.first_name, contact.emails) == ("", "Анна", ())


@pytest.mark.parametrize("people", [1, 19, 20, 21, 25, 60])
def test_everybody_with_one_address_is_found(portal: Portal, add: Add, people: int) -> None:
    """findbycomm stops at 20; beyond that the listing is asked, page by page."""
    ids = [add(ANNA) for _ in range(people)]
    assert sorted(contacts_by_email(portal, [ANNA])) == ids


def test_a_crowd_behind_one_address_hides_nobody_else(portal: Portal, add: Add) -> None:
    """Ten addresses share a command; 25 people with one of them do not push the others out of the 20."""
    addresses = [f"guest-{place}@example.org" for place in range(30)]
    crowd = [add(addresses[3]) for _ in range(25)]
    others = [add(address) for address in addresses if address != addresses[3]]
    assert sorted(contacts_by_email(portal, addresses)) == sorted(crowd + others)


@pytest.mark.parametrize("sensitive", [True, False])
def test_each_letter_case_that_is_asked_for_is_found(world: World, portal: Portal, add: Add, sensitive: bool) -> None:
    """Whether a portal minds the case is not documented: the raw and the lowered form both find theirs."""
    world.portal.config.findbycomm_case_sensitive = world.portal.config.filter_case_sensitive = sensitive
    raw, lowered = add("Anna@Example.org"), add(ANNA)
    assert sorted(contacts_by_email(portal, ["Anna@Example.org", ANNA])) == [raw, lowered]


def test_letter_case_survives_the_cut(world: World, portal: Portal, add: Add) -> None:
    """25 contacts with the lowered form, 25 with the raw one, on a portal that minds the case."""
    world.portal.config.findbycomm_case_sensitive = world.portal.config.filter_case_sensitive = True
    ids = [add(address) for address in ("Anna@Example.org", ANNA) for _ in range(25)]
    assert sorted(contacts_by_email(portal, ["Anna@Example.org", ANNA])) == ids


def test_nobody_found_is_empty(portal: Portal) -> None:
    """`[]` instead of a map."""
    assert contacts_by_email(portal, [ANNA]) == {}
    assert contacts_by_origin(portal, "timepad", ["1"]) == {}
    assert contacts_by_id(portal, [404]) == {}


@pytest.mark.parametrize(
    "find",
    [
        lambda portal: contacts_by_email(portal, []),
        lambda portal: contacts_by_id(portal, []),
        lambda portal: contacts_by_origin(portal, "timepad", []),
    ],
    ids=["by e-mail", "by id", "by origin"],
)
def test_nothing_to_look_for_asks_nothing(portal: Portal, wire: "Wire", find: Callable[[Portal], Any]) -> None:
    """An empty search is no request; least of all one without a condition."""
    assert find(portal) == {}
    assert wire.sent == []


def test_a_thousand_addresses_cost_few_requests(portal: Portal, wire: "Wire", add: Add) -> None:
    """500 addresses a request once the method's cost is known."""
    ids = [add(f"guest-{place}@example.org") for place in range(1000)]
    wire.sent.clear()
    found = contacts_by_email(portal, [f"guest-{place}@example.org" for place in range(1000)])
    assert sorted(found) == ids
    assert len(wire.sent) <= 5


def test_ids_are_read_once_each_however_many(portal: Portal, add: Add) -> None:
    """120 contacts, some asked for twice, one deleted."""
    ids = [add() for _ in range(120)]
    assert sorted(contacts_by_id(portal, [*ids, *ids, 999])) == ids


def test_the_oldest_under_an_origin_is_taken(portal: Portal, add: Add) -> None:
    """Two contacts with one key, and the same key of another system."""
    add(ORIGINATOR_ID="leyka", ORIGIN_ID="300100:1")
    first = add(ORIGINATOR_ID="timepad", ORIGIN_ID="300100:1")
    add(ORIGINATOR_ID="timepad", ORIGIN_ID="300100:1")
    other = add(ORIGINATOR_ID="timepad", ORIGIN_ID="300100:2")
    found = contacts_by_origin(portal, "timepad", ["300100:2", "300100:1", "300100:3"])
    assert found == {"300100:1": first, "300100:2": other}


@pytest.mark.parametrize("keys", [("a b&c=d", "%24result"), ("100%", "a+b"), ("ключ", "[x]")])
def test_keys_with_signs_find_their_own(portal: Portal, add: Add, keys: Iterable[str]) -> None:
    """What an outside system uses as a key does not change its meaning on the way."""
    ids = {key: add(ORIGINATOR_ID="x", ORIGIN_ID=key) for key in keys}
    assert contacts_by_origin(portal, "x", list(keys)) == ids


@pytest.mark.parametrize("find", [contacts_by_email, contacts_by_id], ids=["by e-mail", "by id"])
def test_an_outage_is_not_taken_for_nobody(portal: Portal, wire: "Wire", find: Callable[..., Any]) -> None:
    """Otherwise everybody would be created once more."""
    wire.plan(wire.answers(502, "<html></html>"))
    with pytest.raises(BatchFailed):
        find(portal, [ANNA if find is contacts_by_email else 1])
