"""Donation reconciliation and people: who the donors are, and what employees do in the portal meanwhile."""

from decimal import Decimal
from functools import partial

import pytest

from backoffice.rules.donation_policy import DonationPolicy
from backoffice.rules.donation_result import WorkIncomplete
from backoffice.sandbox.bitrix24.crm import merging
from backoffice.sandbox.inside import ask
from backoffice.sandbox.leyka.donations import NOBODY, Giver
from backoffice.sandbox.seeds.fund import Fund
from backoffice.sandbox.world import World
from tests.flows.donations import (
    DAY,
    HOUR,
    IVAN,
    MARIA,
    MINUTE,
    OLEG,
    OLGA,
    Reconcile,
    contacts,
    deals,
    edit,
    give,
    letters,
    pass_time,
    settle,
    stages,
    writes,
)

BY_PHONE = Giver("Зуев Пётр", None, "8 (999) 000-04-04")
AGAIN = DonationPolicy(recreate_deleted=True)


def donors(world: World) -> list[int]:
    """The contact of each deal in the order of donations, 0 for nobody."""
    return [int(deal.values.get("CONTACT_ID") or 0) for _, deal in sorted(deals(world).items())]


def remove(world: World, entity: str, item_id: int) -> None:
    """A person deletes a card."""
    ask(world.portal, f"crm.{entity}.delete", id=item_id)


def test_a_household_of_one_address_is_two_people(world: World, reconcile: Reconcile) -> None:
    """Each gets the deals of her own donations, now and later."""
    for giver in (IVAN, MARIA):
        give(world, "funded", giver=giver)
    reconcile("due")
    pass_time(world, HOUR)
    give(world, "funded", giver=Giver("Мария Лебедева", "SEMYA@example.org"), amount="20")
    reconcile("due")
    assert donors(world) == [1, 2, 2]


def test_who_stays_anonymous_is_no_contact(world: World, reconcile: Reconcile) -> None:
    """The deal stands without one. With an address there is somebody to thank, whatever the name."""
    give(world, "funded", giver=NOBODY)
    give(world, "funded", giver=Giver("Anonymous", "somebody@example.org"))
    reconcile("due")
    assert donors(world) == [0, 1]
    assert [one.values["NAME"] for one in contacts(world)] == ["Жертвователь"]


@pytest.mark.parametrize("written", ["+79990000404", "79990000404", "89990000404"])
def test_a_donor_who_left_a_phone_alone_is_recognised_by_it(
    world: World, fund: Fund, reconcile: Reconcile, written: str
) -> None:
    """In the ways in which a number is written without blanks; and no letter goes."""
    zuev = fund.contact("Зуев", "Пётр", phone=written)
    give(world, "funded", giver=BY_PHONE)
    reconcile("due")
    assert (donors(world), letters(world)) == ([zuev], [])


def test_a_donor_who_left_a_phone_alone_is_made_once(world: World, reconcile: Reconcile) -> None:
    """And known next time."""
    for amount in ("200", "300"):
        give(world, "funded", giver=BY_PHONE, amount=amount)
        reconcile("due")
    assert donors(world) == [1, 1]


@pytest.mark.parametrize(("surname", "name", "is_her"), [("", "Ольга", True), ("Кузнецов", "Олег", False)])
def test_the_name_in_a_card_of_the_address_decides(
    world: World, fund: Fund, reconcile: Reconcile, surname: str, name: str, is_her: bool
) -> None:
    """A part of the name is enough; another name is another person."""
    card = fund.contact(surname, name, OLGA.email or "")
    give(world, "funded")
    reconcile("due")
    assert donors(world) == [card if is_her else card + 1]


def test_equal_contacts_of_a_donor_become_one(world: World, fund: Fund, reconcile: Reconcile) -> None:
    """With the deals of both and the donor's fields; the oldest stays, nobody else is touched."""
    first, second = (fund.contact("Кузнецова", "Ольга", OLGA.email or "", phone) for phone in ("", OLGA.phone))
    son = fund.contact("Кузнецов", "Пётр", OLGA.email or "")
    give(world, "funded")
    reconcile("due")
    assert (donors(world), [one.id for one in contacts(world)]) == ([first], [first, son])
    assert {entry.value for entry in contacts(world)[0].multifields} == {OLGA.email, OLGA.phone}
    assert contacts(world)[0].values["UF_CRM_BO_DONOR_KIND"] == "впервые"
    assert second not in donors(world)


def test_a_donor_whose_deal_a_duplicate_has_is_shown_in_the_contact_that_stays(
    world: World, fund: Fund, reconcile: Reconcile
) -> None:
    """The deal moves there with the duplicate."""
    give(world, "failed")
    reconcile("due")
    older_by_hand = contacts(world)[0].id
    edit(world, "deal", deals(world)["47"].id, CONTACT_ID=fund.contact("Кузнецова", "Ольга", OLGA.email or ""))
    pass_time(world, 2 * DAY)
    give(world, "funded")
    reconcile("due")
    assert (donors(world), [one.id for one in contacts(world)]) == ([older_by_hand] * 2, [older_by_hand])
    assert contacts(world)[0].values["UF_CRM_BO_DONOR_KIND"] == "впервые"
    assert contacts(world)[0].values["UF_CRM_BO_CALL_BACK"] == "N"


def test_equal_contacts_stay_by_a_switch(world: World, fund: Fund, reconcile: Reconcile) -> None:
    """Then the oldest gets the deal."""
    cards = [fund.contact("Кузнецова", "Ольга", OLGA.email or "") for _ in range(2)]
    give(world, "funded")
    reconcile("due", policy=DonationPolicy(merge_duplicates=False))
    assert (donors(world), [one.id for one in contacts(world)]) == (cards[:1], cards)


def test_contacts_that_the_portal_will_not_merge_are_left_to_people(
    world: World, fund: Fund, reconcile: Reconcile
) -> None:
    """The run is green all the same, and the deal stands."""
    cards = [fund.contact("Кузнецова", "Ольга", OLGA.email or "", POST=post) for post in ("Директор", "Бухгалтер")]
    give(world, "funded")
    reconcile("due")
    assert (donors(world), [one.id for one in contacts(world)]) == (cards[:1], cards)


def test_contacts_that_people_merged_stay_one(world: World, fund: Fund, reconcile: Reconcile) -> None:
    """Though the one that we made is gone: the address stands in the other card."""
    give(world, "funded")
    reconcile("due")
    made = contacts(world)[0].id
    other = fund.contact("Кузнецова", "О.", "kuznetsova@example.org")
    merging.merge(world.portal, "CONTACT", [other, made])
    pass_time(world, DAY)
    give(world, "funded", amount="20")
    reconcile("due")
    assert (donors(world), [one.id for one in contacts(world)]) == ([other, other], [other])


def test_a_contact_that_people_deleted_is_not_made_again_unasked(world: World, reconcile: Reconcile) -> None:
    """The next deal stands without one; asked for, the contact is made."""
    give(world, "funded")
    reconcile("due")
    remove(world, "contact", donors(world)[0])
    pass_time(world, DAY)
    give(world, "funded", amount="20")
    reconcile("due")
    assert (donors(world), contacts(world)) == ([0, 0], [])
    reconcile("one", 48, policy=AGAIN)
    assert donors(world) == [0, 2]


def test_what_people_write_into_a_deal_stays(world: World, reconcile: Reconcile) -> None:
    """Until the donation itself changes there: then the site's word counts."""
    donation = give(world, "failed")
    reconcile("due")
    deal = deals(world)["47"].id
    mended = {"TITLE": "Звонить в среду", "STAGE_ID": "C1:BO_CANCELLED", "OPPORTUNITY": 650, "COMMENTS": "Был сбой"}
    other = contacts(world)[0].id
    edit(world, "deal", deal, **mended, CONTACT_ID=0)
    for which in ("due", "nightly"):
        pass_time(world, HOUR)
        assert writes(world, partial(reconcile, which, policy=DonationPolicy(letters=()))) == 0
    settle(world, donation, "funded")
    reconcile("due")
    values = deals(world)["47"].values
    assert (values["TITLE"], values["OPPORTUNITY"], values["COMMENTS"]) == ("Звонить в среду", Decimal(650), "Был сбой")
    assert (stages(world), donors(world), other) == ({"47": "funded"}, [0], contacts(world)[0].id)


def test_a_donor_whom_people_have_chosen_stays(world: World, fund: Fund, reconcile: Reconcile) -> None:
    """The money came from somebody else's card."""
    donation = give(world, "failed")
    reconcile("due")
    oleg = fund.contact("Орлов", "Олег", OLEG.email or "")
    edit(world, "deal", deals(world)["47"].id, CONTACT_ID=oleg)
    settle(world, donation, "funded")
    reconcile("due")
    assert donors(world) == [oleg]


def test_a_deal_that_people_deleted_is_not_made_again_unasked(world: World, reconcile: Reconcile) -> None:
    """Whatever the site tells of it later; asked for, it is made, once."""
    donation = give(world, "failed")
    reconcile("due")
    remove(world, "deal", deals(world)["47"].id)
    pass_time(world, 2 * MINUTE)
    settle(world, donation, "funded")
    for which in ("due", "nightly"):
        reconcile(which)
    reconcile("one", 47)
    assert deals(world) == {}
    reconcile("one", 47, policy=AGAIN)
    assert stages(world) == {"47": "funded"}
    assert writes(world, partial(reconcile, "one", 47, policy=AGAIN)) == 0
    assert writes(world, partial(reconcile, "due")) == 0


def test_who_pays_after_the_deal_was_deleted_is_thanked(world: World, reconcile: Reconcile) -> None:
    """The trace of the letter has no place to stand, which troubles nobody."""
    donation = give(world, "failed")
    reconcile("due")
    remove(world, "deal", deals(world)["47"].id)
    pass_time(world, 2 * MINUTE)
    settle(world, donation, "funded")
    reconcile("due")
    assert letters(world) == [("olga@example.org", "Спасибо за пожертвование")]
    reconcile("due")


def test_a_contact_that_the_portal_refuses_holds_up_nobody_else(world: World, reconcile: Reconcile) -> None:
    """Its deal stands without one, the run names it, and goes on trying."""
    give(world, "funded", giver=Giver("Кузнецова Ольга", "olga@example..org"))
    give(world, "funded", giver=OLEG)
    for _ in range(2):
        with pytest.raises(WorkIncomplete, match="не сделано: 1\nконтакт для пожертвования 47: ") as failure:
            reconcile("due")
        assert "olga" not in str(failure.value)
    assert (stages(world), len(contacts(world))) == ({"47": "funded", "48": "funded"}, 1)
