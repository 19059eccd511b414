"""What happens to donations, with the events that Leyka's hooks make of it, in their order."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from backoffice.sandbox.leyka.donations import NOBODY, Donation, Giver
from backoffice.sandbox.leyka.state import LeykaState

PAID = ("funded", "refunded")


def donate(
    site: LeykaState,
    giver: Giver,
    amount: Decimal,
    campaign_id: int,
    *,
    recurring: bool = False,
    created_at: datetime | None = None,
) -> Donation:
    """The form is submitted, no money yet; a recurring donation is the first of a subscription."""
    with site.at(created_at or site.now()), site.request():
        donation = _new(site, giver, amount, campaign_id)
        if recurring:
            donation.payment_type, donation.first = "rebill", donation
        site.note("created", donation)
    return donation


def set_status(site: LeykaState, donation: Donation, status: str, error_id: str | None = None) -> None:
    """The gateway calls back, or staff change it: any status may follow any other, the same one again is nothing."""
    if status == donation.status:
        return
    with site.request():
        if status in (*PAID, "failed"):
            donation.gateway_ids.setdefault("cp_transaction_id", f"90{len(donation.log)}{donation.id}")
        if status == "funded" and donation.first is donation and not donation.subscription_active:
            donation.gateway_ids["cp_recurring_id"] = f"sc_{donation.id}"
            donation.subscription_active = True
            site.note("subscription", donation, None, "on")
        _move(site, donation, status, error_id)


def charge(
    site: LeykaState, first: Donation, status: str = "funded", error_id: str | None = None, *, announced: bool = False
) -> Donation:
    """The gateway takes the subscription's sum: announced, filled in and settled within one request.

    `announced`: the first event was frozen before the rest happened, without sum and donor.
    """
    with site.request():
        donation = _new(site, NOBODY, Decimal(0), 0)
        donation.payment_type, donation.first = "rebill", first
        created = site.note("created", donation)
        if announced:
            site.freeze(created)
        donation.giver = replace(first.giver, comment="")
        donation.amount, donation.campaign_id = first.amount, first.campaign_id
        donation.gateway_ids = {"cp_transaction_id": f"901{donation.id}", **_recurring_id(first)}
        for _ in ("amount", "campaign"):
            site.note("edited", donation)
        _move(site, donation, status, error_id)
    return donation


def twin(site: LeykaState, donation: Donation) -> Donation:
    """The gateway calls back twice at once, and Leyka makes a second donation of the same charge."""
    with site.request():
        same = _new(site, donation.giver, donation.amount, donation.campaign_id)
        same.payment_type, same.first = donation.payment_type, donation.first
        same.gateway_ids = dict(donation.gateway_ids)
        site.note("created", same)
        _move(site, same, "funded", None)
    return same


def edit(site: LeykaState, donation: Donation, amount: Decimal | None, campaign_id: int | None) -> None:
    """Staff mend the sum or the campaign."""
    with site.request():
        for changed in (amount, campaign_id):
            if changed is not None:
                site.note("edited", donation)
        donation.amount = donation.amount if amount is None else amount
        donation.campaign_id = donation.campaign_id if campaign_id is None else campaign_id


def cancel(site: LeykaState, first: Donation) -> None:
    """The subscription ends."""
    with site.request():
        first.subscription_active = False
        site.note("subscription", first, None, "off")


def delete(site: LeykaState, donation: Donation) -> None:
    """From Leyka's list: for good. What it was is told a last time."""
    with site.request():
        site.freeze(site.note("deleted", donation, donation.status, "deleted"))
        del site.donations[donation.id]


def _new(site: LeykaState, giver: Giver, amount: Decimal, campaign_id: int) -> Donation:
    created = site.now()
    donation = Donation(next(site.ids), created, amount, campaign_id, giver, log=[(created, "submitted")])
    site.donations[donation.id] = donation
    return donation


def _move(site: LeykaState, donation: Donation, status: str, error_id: str | None) -> None:
    site.note("status", donation, donation.status, status)
    donation.status = status
    donation.error_id = error_id if status == "failed" else None
    donation.log.append((site.now(), status))


def _recurring_id(first: Donation) -> dict[str, str]:
    return {key: value for key, value in first.gateway_ids.items() if key == "cp_recurring_id"}
