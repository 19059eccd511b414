"""A portal of a few lines that does what a plan for donations says."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from itertools import count

from backoffice.rules.donation_plan import Plan, Step, Verdict
from backoffice.rules.donation_work import Deal, DonorCard, Donors, Facts, KnownDonation


def carried_out(facts: Facts, plan: Plan) -> Facts:
    """What the next run finds."""
    free = count(1000)
    made = {
        one.key: replace(_card_of(one.donor.email, one.donor.phone, one.donor.name), id=next(free))
        for one in plan.donors
    }
    cards = (*facts.donors.cards, *made.values())
    heirs = {victim: merge.survivor for merge in plan.merges for victim in merge.victims}
    contacts = {key: card.id for key, card in made.items()}
    written = {step.donation.key: _written(step, contacts, next(free)) for step in plan.steps}
    removed = {twin.deal.id for twin in plan.twins}
    standing = {deal.id: deal for deals in (*facts.own.values(), facts.others) for deal in deals}
    standing |= {deal.id: deal for deal in written.values() if deal}
    left = [replace(deal, contact_id=_heir(deal, heirs)) for deal in standing.values() if deal.id not in removed]
    own: defaultdict[tuple[str, int], tuple[Deal, ...]] = defaultdict(tuple)
    for deal in sorted(left, key=lambda deal: deal.id):
        if deal.key:
            own[deal.key] += (deal,)
    donations = tuple(_remembered(step, written[step.donation.key], heirs) for step in plan.steps)
    living = tuple(card for card in cards if card.id not in heirs)
    return Facts(donations, dict(own), Donors(living), tuple(deal for deal in left if deal.key is None))


def _card_of(email: str, phone: str, name: str) -> DonorCard:
    return DonorCard(0, name, frozenset({email} - {""}), frozenset({phone} - {""}))


def _written(step: Step, contacts: dict[str, int], free: int) -> Deal | None:
    """The step's deal as it stands afterwards."""
    if step.verdict in (Verdict.NONE, Verdict.DELETED):
        return None
    site, origin = step.donation.key
    deal = step.deal or Deal(free, "", False, Decimal(0), "", step.donation.created_at)
    form = {**deal.form, **step.changes}
    contact = contacts.get(step.contact) if isinstance(step.contact, str) else step.contact
    return replace(
        deal,
        stage=form["stage"],
        won=form["stage"] == "funded",
        amount=Decimal(form["amount"]),
        currency=form["currency"],
        contact_id=contact or deal.contact_id,
        site=site,
        origin=str(origin),
        form=form,
    )


def _heir(deal: Deal, heirs: dict[int, int]) -> int | None:
    return heirs.get(deal.contact_id or 0, deal.contact_id)


def _remembered(step: Step, deal: Deal | None, heirs: dict[int, int]) -> KnownDonation:
    known = step.donation
    if deal is None:
        return replace(known, gone=step.verdict is Verdict.DELETED)
    shown = {**known.shown, **step.form}
    return replace(known, deal_id=deal.id, contact_id=_heir(deal, heirs), shown=shown, gone=False)
