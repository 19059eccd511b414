"""The text messages as JSON."""

from collections.abc import Iterable
from typing import Any

from backoffice.sandbox.sms.outbox import Sms


def dump_sms(messages: Iterable[Sms], *, with_times: bool = False) -> list[dict[str, Any]]:
    """In the order given; with times also under the ids that their providers gave."""
    return [
        ({"provider_id": one.provider_id, "at": one.at.isoformat()} if with_times else {}) | _body(one)
        for one in messages
    ]


def by_phone(sms: Sms) -> tuple[object, ...]:
    """An order that does not depend on who was faster."""
    return sms.phone, sms.text, sms.client_id


def _body(sms: Sms) -> dict[str, Any]:
    return {
        "provider": sms.provider,
        "phone": sms.phone,
        "text": sms.text,
        "sender": sms.sender,
        "client_id": sms.client_id,
        "segments": sms.segments,
        "cost": str(sms.cost),
        "status": sms.status,
    }
