"""What Leyka keeps of a donation, and how leyka-bridge writes it (Leyka 3.32.2, storage `post`)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

CAMPAIGNS = {6: "Сбор на обучение", 7: "Помощь семьям", 8: "Уставная деятельность"}
PAYMENT_TITLES = {
    6: "Благотворительное пожертвование на обучение",
    7: "Пожертвование в помощь семьям",
    8: "Пожертвование на уставную деятельность",
}
COMMISSION = Decimal("0.029")
KOPECK = Decimal("0.01")


@dataclass(frozen=True)
class Giver:
    """What a donor wrote into the form; the phone is an additional field of it."""

    name: str = "Anonymous"
    email: str | None = None
    phone: str = ""
    comment: str = ""


NOBODY = Giver()


@dataclass
class Donation:
    """One donation; `first` is the first one of its subscription, which may be this one. Moments are aware.

    `user_id`: the donor as a user of the site, which not every site makes of them.
    """

    id: int
    created_at: datetime
    amount: Decimal
    campaign_id: int
    giver: Giver
    status: str = "submitted"
    payment_type: str = "single"
    first: "Donation | None" = None
    subscription_active: bool = False
    gateway_ids: dict[str, str] = field(default_factory=dict)
    error_id: str | None = None
    log: list[tuple[datetime, str]] = field(default_factory=list)
    user_id: int | None = None

    @property
    def transaction_id(self) -> str:
        return self.gateway_ids.get("cp_transaction_id", "")


def body_of(donation: Donation, *, empty: Any) -> dict[str, Any]:
    """The donation as a delivery and a pull have it; `empty` is how an empty map is written."""
    return {
        "id": donation.id,
        "status": donation.status,
        "created_at": spelled(donation.created_at),
        "payment_type": donation.payment_type,
        "is_subscription_start": donation.first is donation,
        "subscription_id": donation.first.id if donation.first else None,
        "subscription_active": donation.first.subscription_active if donation.first else None,
        "amount": _money(donation.amount),
        "amount_total": _money(donation.amount * (1 - COMMISSION)),
        "currency": "RUB",
        "campaign": _campaign(donation),
        "donor": _donor(donation),
        "additional_fields": _phone(donation) or empty,
        "gateway": "cp",
        "payment_method": "card",
        "gateway_ids": dict(donation.gateway_ids) or empty,
        "error_id": donation.error_id,
        "status_log": [{"at": spelled(at), "status": status} for at, status in donation.log],
    }


def spelled(moment: datetime, *, milliseconds: bool = False) -> str:
    """UTC with a Z."""
    precision = "milliseconds" if milliseconds else "seconds"
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def _money(amount: Decimal) -> str:
    return str(amount.quantize(KOPECK))


def _campaign(donation: Donation) -> dict[str, Any]:
    number = donation.campaign_id
    return {"id": number, "title": CAMPAIGNS.get(number, ""), "payment_title": PAYMENT_TITLES.get(number, "")}


def _donor(donation: Donation) -> dict[str, Any]:
    giver = donation.giver
    told = {"name": giver.name, "email": giver.email or "", "comment": giver.comment}
    return {**told, "user_id": donation.user_id}


def _phone(donation: Donation) -> dict[str, str]:
    """A charge of a subscription takes it over from the first donation."""
    phone = donation.giver.phone or (donation.first.giver.phone if donation.first else "")
    return {"phone1": phone} if phone else {}
