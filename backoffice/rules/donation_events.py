"""Reading what leyka-bridge sends: an event, or a donation as it stands. Unknown fields are ignored."""

import html
import re
from collections.abc import Mapping
from typing import Any

from backoffice.rules.donation_facts import SINGLE, Campaign, Donation, DonationEvent, Donor, StatusChange
from backoffice.rules.donation_fields import Fields, Unreadable
from backoffice.rules.people import normal_email, normal_phone

SCHEMA = 1
# Leyka has no field for a phone; whoever made the form named one.
PHONE = re.compile(r"phone|tel|mobil|телефон|тел\b", re.IGNORECASE)


def read_event(body: object) -> DonationEvent:
    """An event; Unreadable names the field that is missing or wrong."""
    fields = Fields(body)
    if fields.has("schema") and fields.whole("schema") != SCHEMA:
        raise Unreadable("schema", f"не {SCHEMA}: плагин новее, чем эта программа")
    donation = _donation(fields.inner("donation")) if fields.has("donation") else None
    donation_id = fields.whole("donation_id")
    if donation is not None and donation.id != donation_id:
        raise Unreadable("donation.id", "не равен donation_id")
    return DonationEvent(
        site=read_site(fields.word("site")),
        seq=fields.whole("seq"),
        event_id=fields.word("event_id"),
        kind=fields.word("kind"),
        donation_id=donation_id,
        occurred_at=fields.moment("occurred_at"),
        donation=donation,
        old_status=fields.text("old_status", ""),
        new_status=fields.text("new_status", ""),
    )


def read_donation(body: object) -> Donation:
    """A donation as it stands; Unreadable names the field that is missing or wrong."""
    return _donation(Fields(body))


def body_of(donation: Donation) -> dict[str, Any]:
    """JSON that `read_donation` reads back to the donation, if it is one that was read."""
    body = {
        "id": donation.id,
        "status": html.escape(donation.status),
        "created_at": donation.created_at.isoformat(),
        "amount": str(donation.amount),
        "amount_total": str(donation.amount_total),
        "is_subscription_start": donation.is_subscription_start,
        "subscription_id": donation.subscription_id,
        "subscription_active": donation.subscription_active,
        "campaign": _told(donation.campaign, "title", "payment_title") | {"id": donation.campaign.id},
        "donor": _told(donation.donor, "name", "email", "phone", "comment"),
        "additional_fields": _escaped(donation.additional_fields),
        "gateway_ids": _escaped(donation.gateway_ids),
        "status_log": [{"at": one.at.isoformat(), "status": html.escape(one.status)} for one in donation.status_log],
    }
    return body | _told(donation, "currency", "payment_type", "gateway", "payment_method", "error_id")


def read_site(text: str) -> str:
    """The site's address as it stands in our keys: without a slash at its end."""
    return text.strip().rstrip("/")


def read_phone(named: dict[str, str]) -> str:
    """The first of the fields that is called a phone and holds one, in E.164; empty if there is none."""
    phones = (normal_phone(value) for name, value in named.items() if PHONE.search(name))
    return next(filter(None, phones), "")


def _donation(fields: Fields) -> Donation:
    amount = fields.money("amount")
    additional = fields.texts("additional_fields")
    return Donation(
        id=fields.whole("id"),
        status=fields.word("status"),
        created_at=fields.moment("created_at"),
        amount=amount,
        amount_total=fields.money("amount_total", amount),
        currency=fields.text("currency", "").upper() or "RUB",
        payment_type=fields.text("payment_type", "") or SINGLE,
        is_subscription_start=fields.flag("is_subscription_start") or False,
        subscription_id=fields.number("subscription_id"),
        subscription_active=fields.flag("subscription_active"),
        campaign=_campaign(fields.inner("campaign")),
        donor=_donor(fields.inner("donor"), additional),
        additional_fields=additional,
        gateway=fields.text("gateway", ""),
        payment_method=fields.text("payment_method", ""),
        gateway_ids=fields.texts("gateway_ids"),
        error_id=fields.text("error_id", ""),
        status_log=tuple(StatusChange(one.moment("at"), one.word("status")) for one in fields.each("status_log")),
    )


def _campaign(fields: Fields) -> Campaign:
    return Campaign(fields.number("id"), fields.text("title", ""), fields.text("payment_title", ""))


def _donor(fields: Fields, additional: dict[str, str]) -> Donor:
    return Donor(
        name=fields.text("name", ""),
        email=normal_email(fields.text("email", "")),
        phone=normal_phone(fields.text("phone", "")) or read_phone(additional),
        comment=fields.text("comment", ""),
    )


def _told(source: Donation | Campaign | Donor, *names: str) -> dict[str, Any]:
    """The texts as a site sends them."""
    return _escaped({name: getattr(source, name) for name in names})


def _escaped(texts: Mapping[str, str]) -> dict[str, Any]:
    """With HTML's escapes, which reading undoes."""
    return {name: html.escape(text) for name, text in texts.items()}
