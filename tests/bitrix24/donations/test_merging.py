"""Contacts of one person become one, or stay as they are."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.merging import Conflict, Failed, Merged, merge
from backoffice.sandbox.inside import ask
from backoffice.sandbox.world import World

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire, WorldClock
    from tests.bitrix24.donations.conftest import Add

ANNA = "anna@example.org"


def standing(world: World) -> list[int]:
    """The contacts in the portal."""
    return [item.id for item in world.portal.crm.tables["CONTACT"]]


def test_the_survivor_gets_what_the_others_had(portal: Portal, world: World, contact: "Add") -> None:
    """The first id survives; an empty field is filled, phones and addresses are united."""
    first, second = contact(ANNA), contact(ANNA, phone="+79990000001", LAST_NAME="Петрова")
    assert merge(portal, first, [second]) == Merged(first, (second,))
    assert standing(world) == [first]
    card = ask(world.portal, "crm.contact.get", id=first)
    assert (card["LAST_NAME"], card["PHONE"][0]["VALUE"]) == ("Петрова", "+79990000001")


def test_a_conflict_changes_nothing_and_names_the_fields(portal: Portal, world: World, contact: "Add") -> None:
    """For the manager: which fields differ and in whose cards they are filled, no values."""
    cards = [contact(ANNA, POST="врач"), contact(ANNA, phone="+79990000001"), contact(ANNA, POST="учитель")]
    outcome = merge(portal, cards[0], cards[1:])
    assert outcome == Conflict({"Post": (cards[0], cards[2])})
    assert standing(world) == cards


def test_user_fields_are_named_by_their_labels(portal: Portal, world: World, contact: "Add") -> None:
    """Not by codes."""
    field = {"FIELD_NAME": "UF_CRM_CARD", "USER_TYPE_ID": "string", "EDIT_FORM_LABEL": "Карта гостя"}
    ask(world.portal, "crm.contact.userfield.add", fields=field)
    cards = [contact(ANNA, UF_CRM_CARD="17"), contact(ANNA, UF_CRM_CARD="18")]
    assert merge(portal, cards[0], cards[1:]) == Conflict({"Карта гостя": tuple(cards)})


def test_a_merge_without_an_answer_that_was_done_is_done(
    portal: Portal, world: World, wire: "Wire", contact: "Add"
) -> None:
    """It is seen at once, and not asked for again."""
    cards = [contact(ANNA) for _ in range(3)]
    wire.plan(wire.cut_after)
    assert merge(portal, cards[0], cards[1:]) == Merged(cards[0], tuple(cards[1:]))
    assert standing(world) == cards[:1]
    assert wire.methods().count("crm.entity.mergeBatch") == 1


def test_a_merge_that_never_arrived_is_asked_for_again(
    portal: Portal, world: World, wire: "Wire", clock: "WorldClock", contact: "Add"
) -> None:
    """But only when the portal can no longer be executing it."""
    cards = [contact(ANNA), contact(ANNA)]
    wire.plan(wire.cut_before)
    assert merge(portal, cards[0], cards[1:]) == Merged(cards[0], (cards[1],))
    assert standing(world) == cards[:1]
    assert max(clock.waits) >= 69


def test_a_merge_that_happens_later_is_found_done(portal: Portal, world: World, wire: "Wire", contact: "Add") -> None:
    """The answer was lost, the portal went on for half a minute."""
    cards = [contact(ANNA), contact(ANNA)]
    wire.plan(wire.lands(30))
    assert merge(portal, cards[0], cards[1:]) == Merged(cards[0], (cards[1],))
    assert wire.methods().count("crm.entity.mergeBatch") == 1


def test_victims_that_are_gone_do_not_hinder(portal: Portal, world: World, contact: "Add") -> None:
    """One was deleted by a person meanwhile: the others are merged."""
    cards = [contact(ANNA) for _ in range(3)]
    ask(world.portal, "crm.contact.delete", id=cards[1])
    assert merge(portal, cards[0], cards[1:]) == Merged(cards[0], tuple(cards[1:]))
    assert standing(world) == cards[:1]


def test_nobody_left_to_merge_is_merged(portal: Portal, contact: "Add") -> None:
    """A run that was killed after its merge finds it done."""
    card = contact(ANNA)
    assert merge(portal, card, [404]) == Merged(card, (404,))


def test_a_survivor_that_is_gone_is_told(portal: Portal, contact: "Add") -> None:
    """Nobody else is chosen in its place."""
    assert merge(portal, 404, [contact(ANNA)]) == Failed("контакта 404 больше нет")


@pytest.mark.parametrize(
    "answer",
    [
        (200, {"result": {"STATUS": "ERROR", "ENTITY_IDS": []}}),
        (400, {"error": "CRM_FEATURE_RESTRICTION_ERROR", "error_description": "tariff"}),
        (403, {"error": "ACCESS_DENIED", "error_description": "Access denied"}),
    ],
    ids=["ERROR", "tariff", "rights"],
)
def test_a_refusal_is_told_and_not_repeated(
    portal: Portal, world: World, wire: "Wire", contact: "Add", answer: tuple[int, Any]
) -> None:
    """All with the portal's words; the contacts stay."""
    cards = [contact(ANNA), contact(ANNA)]
    wire.plan(wire.answers(*answer))
    outcome = merge(portal, cards[0], cards[1:])
    assert isinstance(outcome, Failed)
    assert outcome.reason
    assert standing(world) == cards
    assert wire.methods().count("crm.entity.mergeBatch") == 1


def test_a_portal_that_never_answers_is_given_up(portal: Portal, world: World, wire: "Wire", contact: "Add") -> None:
    """After three times."""
    cards = [contact(ANNA), contact(ANNA)]
    wire.plan(*([wire.cut_before, wire.through, wire.through, wire.through] * 3))
    outcome = merge(portal, cards[0], cards[1:], settle=timedelta(seconds=5))
    assert isinstance(outcome, Failed)
    assert standing(world) == cards
