"""Twins that something else has made in the portal: cleaned up in their hundreds, and as they appear."""

import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal

import pytest

from backoffice.rules.donation_result import Report
from backoffice.rules.donation_twins import Twin
from backoffice.rules.donation_verdicts import Key
from backoffice.sandbox.leyka.donations import Donation, Giver
from backoffice.sandbox.seeds.fund import Fund, Gift
from backoffice.sandbox.world import World
from tests.flows.donations import (
    DAY,
    HOUR,
    MINUTE,
    OLEG,
    OLGA,
    Reconcile,
    comments,
    contacts,
    deals,
    edit,
    give,
    pass_time,
    stages,
    writes,
)
from tests.flows.twin_portal import TwinPortal

PAIRS = 120


@pytest.fixture
def reports(reconcile: Reconcile, monkeypatch: pytest.MonkeyPatch) -> list[Report]:
    """What each run would have shown beside it."""
    shown: list[Report] = []
    module = sys.modules["flows.donation_reconciliation"]
    monkeypatch.setattr(module, "publish_work", lambda report, _dry_run: shown.append(report))
    return shown


def test_a_portal_full_of_twins_is_cleaned_as_the_plan_has_shown_and_no_decoy_is_touched(
    world: World, reconcile: Reconcile, reports: list[Report]
) -> None:
    """A dry run shows the plan and changes nothing; a run after the clean-up finds nothing. Nobody gets a letter."""
    portal = TwinPortal(world, PAIRS)
    before = portal.state()
    reconcile("due", dry_run=True)
    assert portal.state() == before
    reconcile("due")
    plan, done = reports
    assert portal.faults() == []
    assert {twin.deal.id for twin in plan.twins} == set(portal.planted["remove"])
    assert (plan.twins, plan.merges, plan.counts) == (done.twins, done.merges, done.counts)
    assert world.mailbox.letters == []
    after = portal.state()
    assert writes(world, lambda: reconcile("due")) == 0
    assert writes(world, lambda: reconcile("nightly")) == 0
    assert portal.state() == after


def test_contacts_that_the_portal_would_not_merge_are_left_to_a_person_with_what_differs(
    world: World, reconcile: Reconcile, reports: list[Report]
) -> None:
    """They stand as they were."""
    portal = TwinPortal(world, 28)
    reconcile("due")
    left = portal.planted["decoys"]["conflicting"]["contacts"]
    [(merge, differs)] = reports[0].conflicts
    assert ([merge.survivor, *merge.victims], differs) == (left, "Post")
    assert {own.id for own in contacts(world)} >= set(left)


@pytest.fixture
def donation(world: World, reconcile: Reconcile) -> Donation:
    """Olga's, paid; it has its deal."""
    donation = give(world, "funded")
    reconcile("due")
    pass_time(world, 5 * MINUTE)
    return donation


def stray(world: World, fund: Fund, stage: str, giver: Giver = OLGA, amount: int = 700, **values: object) -> int:
    """A deal that something else makes now, of a contact of its own."""
    surname, name = giver.name.split()
    contact = fund.contact(surname, name, giver.email or "")
    return fund.deal(Gift(Decimal(amount), world.clock.now()), stage, contact, **values)


@pytest.mark.parametrize("step", ["submitted", "failed"])
def test_a_twin_that_appears_when_the_donation_has_its_deal_goes_with_the_next_sweep(
    world: World, fund: Fund, reconcile: Reconcile, donation: Donation, step: str
) -> None:
    """With the contact that was made for it; what only it had is told in the deal that stays."""
    own = deals(world)[str(donation.id)].id
    twin = stray(world, fund, step, UTM_SOURCE="newsletter")
    reconcile("hinted")
    assert world.portal.crm.tables["DEAL"].get(twin) is not None
    reconcile("due")
    assert [deal.id for deal in world.portal.crm.tables["DEAL"]] == [own]
    assert len(contacts(world)) == 1
    told = [text for text in comments(world, own) if "newsletter" in text]
    assert len(told) == 1
    assert writes(world, lambda: reconcile("due")) == 0


@pytest.mark.parametrize("made", ["longer", "sum", "donor", "campaign", "paid", "nobody"])
def test_a_deal_that_is_of_no_donation_stays(
    world: World, fund: Fund, reconcile: Reconcile, donation: Donation, made: str
) -> None:
    """Another sum, donor or campaign, made a day later, paid, or without a contact: whatever it is, it is no twin."""
    match made:
        case "longer":
            pass_time(world, DAY + HOUR)
            stray(world, fund, "submitted")
        case "sum":
            stray(world, fund, "submitted", amount=701)
        case "donor":
            stray(world, fund, "submitted", giver=OLEG)
        case "campaign":
            stray(world, fund, "submitted", UF_CRM_BO_DIRECTION="Помощь семьям")
        case "paid":
            stray(world, fund, "funded")
        case "nobody":
            stray(world, fund, "submitted", CONTACT_IDS=[])
    reconcile("due")
    reconcile("nightly")
    assert len(list(world.portal.crm.tables["DEAL"])) == 2
    assert stages(world)[str(donation.id)] == "funded"


def test_a_twin_that_is_paid_after_the_plan_was_made_is_left_alone(
    world: World, fund: Fund, reconcile: Reconcile, donation: Donation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked at once more right before it would go."""
    twin, module = stray(world, fund, "submitted"), sys.modules["flows.donation_reconciliation"]
    remove_twins = module.remove_twins

    def paid_meanwhile(twins: Sequence[Twin], kept: Mapping[Key, int]) -> object:
        edit(world, "deal", twin, STAGE_ID=fund.stage_id("funded"))
        return remove_twins(twins, kept)

    monkeypatch.setattr(module, "remove_twins", paid_meanwhile)
    reconcile("due")
    own = deals(world)[str(donation.id)].id
    assert ({deal.id for deal in world.portal.crm.tables["DEAL"]}, comments(world, own)[1:]) == ({own, twin}, [])
