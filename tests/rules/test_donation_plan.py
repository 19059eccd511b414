"""What becomes of a portion of donations: the cases one by one, and what holds for all of them."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.rules.donation_facts import Donation, Donor
from backoffice.rules.donation_plan import CONTACT_DELETED, Merge, Plan, Step, Verdict, decide
from backoffice.rules.donation_policy import DonationPolicy
from backoffice.rules.donation_result import MOST_STEPS, Report
from backoffice.rules.donation_work import Deal, Donors, Facts, KnownDonation
from backoffice.rules.donors import person_key
from tests.rules.donation_portal import carried_out
from tests.rules.donations import DIRECTIONS, GIVEN, HOUR, MINUTE, OLGA, SITE, SUM, card, deal, known

KEY = (SITE, 47)
SON = Donor("Кузнецов Пётр", OLGA.email)
NOBODY = Donor("Anonymous")
USUAL = DonationPolicy()


def planned(*donations: KnownDonation, policy: DonationPolicy = USUAL, **facts: Any) -> Plan:
    return decide(replace(Facts(donations), **facts), DIRECTIONS, policy)


def the_step(plan: Plan) -> Step:
    [step] = plan.steps
    return step


def own(id: int, stage: str, origin: int = 47, **rest: Any) -> Deal:
    return deal(id, stage, site=SITE, origin=str(origin), **rest)


def test_a_new_donation_gets_a_deal_and_its_donor_a_contact() -> None:
    """With everything that the deal must show."""
    plan = planned(known())
    step = the_step(plan)
    assert (step.verdict, step.changes) == (Verdict.NEW, step.form)
    assert [(one.key, one.donor) for one in plan.donors] == [(step.contact, OLGA)]


def test_a_person_who_gives_twice_is_one_newcomer() -> None:
    """Also under a shorter name; the son of the same address is another, nobody is nobody."""
    donors = (OLGA, replace(OLGA, name="Ольга"), SON, NOBODY)
    plan = planned(*(known(id, donor=donor) for id, donor in enumerate(donors, start=47)))
    olga, same, son, nobody = (step.contact for step in plan.steps)
    assert [one.key for one in plan.donors] == [olga, son]
    assert (same, nobody) == (olga, None)


def test_a_known_contact_gets_the_deal() -> None:
    """Found by its card, or made by us while its address has been changed since."""
    assert the_step(planned(known(), donors=Donors((card(5),)))).contact == 5
    made = Donors(made={person_key(OLGA, KEY): 7})
    assert the_step(planned(known(), donors=made)).contact == 7


def test_a_contact_that_people_deleted_is_not_made_again_unasked() -> None:
    """The deal stands without one and says why."""
    gone = Donors(made={}, gone=frozenset({person_key(OLGA, KEY)}))
    plan = planned(known(), donors=gone)
    assert (the_step(plan).contact, the_step(plan).why, plan.donors) == (None, CONTACT_DELETED, ())
    assert len(planned(known(), donors=gone, policy=DonationPolicy(recreate_deleted=True)).donors) == 1


def test_a_contact_that_people_merged_into_one_of_another_name_is_followed_there() -> None:
    """It has the donor's address now, and ours is not there any more."""
    merged = Donors((card(5, "Титова Ольга"),), gone=frozenset({person_key(OLGA, KEY)}))
    assert the_step(planned(known(), donors=merged)).contact == 5
    assert the_step(planned(known(), donors=replace(merged, gone=frozenset()))).contact == person_key(OLGA, KEY)


def test_a_deal_that_people_deleted_is_not_made_again_unasked() -> None:
    """Nor is its twin taken over instead."""
    lost = known(deal_id=3)
    facts: dict[str, Any] = {"donors": Donors((card(1),)), "others": (deal(9, "funded"),)}
    assert the_step(planned(lost, **facts)).verdict is Verdict.DELETED
    assert the_step(planned(lost, **facts, policy=DonationPolicy(recreate_deleted=True))).verdict is Verdict.ADOPTED


def test_what_the_site_threw_away_gets_no_deal() -> None:
    """One that stands is told of it."""
    assert the_step(planned(known(status="trash"))).verdict is Verdict.NONE
    step = the_step(planned(known(status="trash"), own={KEY: (own(3, "submitted"),)}))
    assert (step.verdict, step.changes["stage"]) == (Verdict.CHANGED, "cancelled")


def test_a_deal_that_stands_is_changed_where_the_donation_did() -> None:
    """And left alone where it did not."""
    before = known(status="submitted", deal_id=3, contact_id=1)
    shown = the_step(planned(replace(before, deal_id=None))).form
    standing = own(3, "submitted", form=shown)
    paid = replace(known(), deal_id=3, contact_id=1, shown=shown)
    step = the_step(planned(paid, own={KEY: (standing,)}))
    assert (step.verdict, step.changes) == (Verdict.CHANGED, {"stage": "funded", "status": "оплачено"})
    assert the_step(planned(replace(before, shown=shown), own={KEY: (standing,)})).verdict is Verdict.STANDS


def test_a_contact_that_people_have_chosen_stays() -> None:
    """As does a deal without one that had one."""
    for donation, contact in ((known(), 8), (known(contact_id=5), None)):
        step = the_step(
            planned(donation, own={KEY: (own(3, "funded", contact_id=contact),)}, donors=Donors((card(5),)))
        )
        assert step.contact is None


def test_a_deal_that_lacks_its_contact_gets_it() -> None:
    """The contact could not be made before."""
    plan = planned(known(deal_id=3), own={KEY: (own(3, "funded", contact_id=None),)})
    assert the_step(plan).contact == plan.donors[0].key


def test_a_deal_that_is_taken_over_keeps_its_name_and_its_contact() -> None:
    """People may look for it by them; everything else shows the donation."""
    other = deal(9, "failed", form={"stage": "failed", "amount": "700.00", "title": "Заявка с сайта"})
    step = the_step(planned(known(), donors=Donors((card(1),)), others=(other,)))
    assert (step.verdict, step.deal, step.contact) == (Verdict.ADOPTED, other, None)
    assert step.changes["stage"] == "funded"
    assert not {"title", "amount"} & set(step.changes)


def test_of_several_deals_with_one_key_the_known_one_stays() -> None:
    """Else the paid one, else the oldest; the unpaid others go once the donation is paid."""
    copies = (own(3, "submitted"), own(4, "funded"), own(5, "submitted"))
    plan = planned(known(), own={KEY: copies})
    assert (the_step(plan).deal, [twin.deal.id for twin in plan.twins]) == (copies[1], [3, 5])
    plan = planned(known(deal_id=5), own={KEY: copies})
    assert (the_step(plan).deal, [twin.deal.id for twin in plan.twins]) == (copies[2], [3])
    assert planned(known(status="failed"), own={KEY: copies}).twins == ()


@pytest.mark.parametrize("status", ["submitted", "failed", "refunded", "trash"])
def test_only_a_paid_donation_has_its_twins_removed(status: str) -> None:
    """Of an unpaid one nobody knows yet which deal will be paid."""
    facts: dict[str, Any] = {
        "own": {KEY: (own(3, status),)},
        "donors": Donors((card(1),)),
        "others": (deal(9, "failed"),),
    }
    assert planned(known(status=status), **facts).twins == ()
    assert [twin.deal.id for twin in planned(known(), **facts).twins] == [9]
    assert planned(known(duplicate_of=46), **facts).twins == ()
    assert planned(known(), **facts, policy=DonationPolicy(remove_twins=False)).twins == ()


def test_duplicates_are_merged_into_the_oldest_contact() -> None:
    """Each person once, whoever of them has given; by a switch nobody is."""
    cards = (card(2), card(4, "Ольга Кузнецова"), card(5, SON.name))
    facts: dict[str, Any] = {"donors": Donors(cards)}
    both = (known(47), known(48, created_at=GIVEN + HOUR))
    assert planned(*both, **facts).merges == (Merge(2, (4,), "К. О."),)
    assert planned(*both, **facts, policy=DonationPolicy(merge_duplicates=False)).merges == ()
    assert planned(known(donor=SON), **facts).merges == ()


DONORS = st.sampled_from([OLGA, replace(OLGA, name="Ольга"), SON, NOBODY, Donor("Ольга", phone=OLGA.phone)])
CARDS = st.sampled_from(["Кузнецова Ольга", "Ольга Кузнецова", "Ольга", "Кузнецов Пётр", "", "Чужой Фома"])
STATUSES = st.sampled_from(["submitted", "failed", "funded", "refunded", "trash", "deleted", "draft"])
STAGES = st.sampled_from(["submitted", "failed", "funded", "cancelled"])
MOMENTS = st.integers(-30 * 60, 30 * 60).map(lambda minutes: GIVEN + minutes * MINUTE)
SUMS = st.sampled_from([SUM, 2 * SUM])


@st.composite
def portals(draw: st.DrawFn) -> Facts:
    """Some donations, of people who may have contacts; deals with their keys and without any."""
    names = draw(st.lists(CARDS, max_size=4))
    cards = tuple(card(id, name) for id, name in enumerate(names, start=1))
    donations = tuple(
        _donation(draw, id, [0, *range(1, len(cards) + 1)]) for id in range(47, 47 + draw(st.integers(1, 4)))
    )
    others = tuple(_deal(draw, id) for id in range(10, 10 + draw(st.integers(0, 4))))
    keyed = {one.key: tuple(_copy(draw, one, place) for place in range(draw(st.integers(0, 2)))) for one in donations}
    return Facts(donations, {key: copies for key, copies in keyed.items() if copies}, Donors(cards), others)


def _donation(draw: st.DrawFn, id: int, contacts: list[int]) -> KnownDonation:
    donor, status, at = draw(DONORS), draw(STATUSES), draw(MOMENTS)
    told = Donation(id, status, at, SUM, SUM, donor=donor)
    deal_id = draw(st.sampled_from([None, None, 10 * id]))
    one = known(id, status, donor, created_at=at, amount=draw(SUMS), deal_id=deal_id, told=told)
    return replace(one, duplicate_of=draw(st.sampled_from([None, None, 46])), gone=draw(st.booleans()) and not deal_id)


def _deal(draw: st.DrawFn, id: int) -> Deal:
    return deal(id, draw(STAGES), draw(st.sampled_from([None, 1, 2, 3])), created_at=draw(MOMENTS), amount=draw(SUMS))


def _copy(draw: st.DrawFn, donation: KnownDonation, place: int) -> Deal:
    """A deal with the donation's key: the one that we made, or a copy of it."""
    return own(10 * donation.id + place, draw(STAGES), donation.id, contact_id=None, created_at=donation.created_at)


@given(portals(), st.booleans())
def test_a_plan_that_was_carried_out_leaves_nothing_to_do(facts: Facts, recreate: bool) -> None:
    """The second run changes nothing, whatever the first one met."""
    policy = DonationPolicy(recreate_deleted=recreate)
    after = carried_out(facts, decide(facts, DIRECTIONS, policy))
    again = decide(after, DIRECTIONS, USUAL)
    assert (again.writes, again.donors, again.merges, again.twins) == (0, (), (), ())


@given(portals())
def test_nothing_that_was_paid_is_removed_and_nothing_is_both_taken_over_and_removed(facts: Facts) -> None:
    """Twins are deals that nobody paid and nobody needs."""
    plan = decide(facts, DIRECTIONS, USUAL)
    needed = {step.deal.id for step in plan.steps if step.deal}
    assert not any(twin.deal.won for twin in plan.twins)
    assert not needed & {twin.deal.id for twin in plan.twins}
    assert len({twin.deal.id for twin in plan.twins}) == len(plan.twins)


@given(portals())
def test_other_peoples_deals_are_never_touched(facts: Facts) -> None:
    """What is taken over or removed has the sum and the donor of its donation and was made around it."""
    plan = decide(facts, DIRECTIONS, USUAL)
    by_key = {one.key: one for one in facts.donations}
    touched = [(step.donation, step.deal) for step in plan.steps if step.verdict is Verdict.ADOPTED and step.deal]
    touched += [(by_key[twin.kept], twin.deal) for twin in plan.twins if twin.deal.key is None]
    cards = {one.id: one for one in facts.donors.cards}
    for donation, other in touched:
        assert other.amount == donation.amount
        assert abs(other.created_at - donation.created_at) <= USUAL.twin_window
        assert other.contact_id in cards


@given(portals())
def test_every_donation_ends_with_one_deal_and_every_deal_in_one_donation(facts: Facts) -> None:
    """Less what people deleted and what the site threw away before there was a deal."""
    after = carried_out(facts, decide(facts, DIRECTIONS, USUAL))
    for donation in after.donations:
        copies = after.own.get(donation.key, ())
        spare = [one for one in copies if one.id != donation.deal_id]
        paid = donation.status == "funded" and donation.duplicate_of is None
        assert not paid or all(one.won for one in spare)
        assert donation.gone or bool(copies) or donation.status in ("trash", "deleted", "draft")
    shown = [one.deal_id for one in after.donations if one.deal_id and not one.gone]
    assert len(set(shown)) == len(shown)


def test_a_report_on_a_long_history_counts_what_it_does_not_show() -> None:
    """Deals and newcomers of every portion, so that the forecast of the writing holds; only the first are shown."""
    report = Report()
    for start in range(0, 2 * MOST_STEPS, 500):
        givers = [replace(OLGA, email=f"olga{id}@example.org") for id in range(start, start + 500)]
        report.note_plan(planned(*(known(id, donor=donor) for id, donor in enumerate(givers, start=start + 1))))
    assert (report.counts[Verdict.NEW], len(report.newcomers)) == (2 * MOST_STEPS, 2 * MOST_STEPS)
    assert len(report.steps) == MOST_STEPS
