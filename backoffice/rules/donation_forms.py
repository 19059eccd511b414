"""What a donation's deal must show."""

from collections.abc import Mapping
from datetime import UTC

from backoffice.rules.donation_facts import CORRECTION, DELETED, FAILED, FUNDED, REBILL, REFUNDED, SUBMITTED, TRASH
from backoffice.rules.donation_work import Deal, Form, KnownDonation
from backoffice.rules.portal_words import DirectionWords

CANCELLED = "cancelled"
"""The stage of what brought no money and waits for nothing."""
PAID = (FUNDED, REFUNDED)
STATUS_WORDS: Mapping[str, str] = {
    SUBMITTED: "попытка",
    FUNDED: "оплачено",
    FAILED: "не прошло",
    REFUNDED: "возвращено",
    TRASH: "в корзине на сайте",
    DELETED: "удалено на сайте",
}
GATEWAYS: Mapping[str, str] = {
    "cp": "CloudPayments",
    "yandex": "ЮKassa",
    "tinkoff": "Т-Касса",
    "sber": "Сбербанк",
    "mixplat": "Mixplat",
    "robokassa": "Robokassa",
    "stripe": "Stripe",
    "paypal": "PayPal",
    "quittance": "Квитанция",
    "text": "По реквизитам",
}


def wants_deal(donation: KnownDonation) -> bool:
    """Whether a deal is made where there is none: not for what the site threw away, or calls by an unknown word."""
    return donation.status in (SUBMITTED, FUNDED, FAILED, REFUNDED)


def form_of(donation: KnownDonation, directions: DirectionWords) -> dict[str, str]:
    """Everything that the deal must show; what only the site can tell is left out once its word is forgotten."""
    return {
        "title": f"Пожертвование № {donation.id}",
        "stage": _stage(donation),
        "amount": f"{donation.amount:.2f}",
        "currency": donation.currency,
        "donated_at": donation.created_at.astimezone(UTC).isoformat(timespec="seconds"),
        "direction": directions.of(donation.campaign_id),
        "kind": _kind(donation),
        "order": _order(donation),
        "status": _status(donation),
        "superseded_by": str(donation.superseded_by or ""),
        **_told(donation),
    }


def changes(wanted: Form, shown: Form, deal: Deal) -> dict[str, str]:
    """What to write into the deal: what is wanted otherwise than we wrote it last, unless it stands there already.

    What a person has changed since stays until the donation itself changes there.
    """
    news = {word: text for word, text in wanted.items() if shown.get(word) != text}
    return {word: text for word, text in news.items() if deal.form.get(word, "") != text}


def _stage(donation: KnownDonation) -> str:
    """A deal that was won stays so, whatever the site throws away."""
    if donation.duplicate_of:
        return CANCELLED
    if donation.status in PAID:
        return donation.status
    if donation.status in (SUBMITTED, FAILED):
        return CANCELLED if donation.superseded_by else donation.status
    before = donation.shown.get("stage", "")
    return before if before in PAID else CANCELLED


def _kind(donation: KnownDonation) -> str:
    if donation.payment_type == CORRECTION:
        return "внесено сотрудником"
    if donation.payment_type != REBILL:
        return "разовое"
    if donation.subscription_id in (None, donation.id):
        return "подписка, первое списание"
    return f"списание по подписке № {donation.subscription_id}"


def _order(donation: KnownDonation) -> str:
    if not donation.donor_key:
        return ""
    return "повторное" if donation.repeated else "первое"


def _status(donation: KnownDonation) -> str:
    if donation.duplicate_of:
        return f"двойное списание, см. № {donation.duplicate_of}"
    return STATUS_WORDS.get(donation.status, donation.status)


def _told(donation: KnownDonation) -> dict[str, str]:
    told = donation.told
    if told is None:
        return {}
    gateway = GATEWAYS.get(told.gateway, told.gateway)
    return {
        "campaign": told.campaign.title,
        "method": ", ".join(filter(None, (gateway, told.payment_method))),
        "error": told.error_id if donation.status == FAILED else "",
    }
