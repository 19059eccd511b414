"""The text messages as JSON."""

from collections.abc import Iterable
from typing import Any

from backoffice.sandbox.sms.outbox import Sms


def dump_sms(messages: Iterable[Sms], *, with_times: bool = False) -> list[dict[str, Any]]:
    """Without times and in an order of their own, so that equal messages in any order make equal dumps.

    With times in the order of arrival, with the ids that their providers gave.
    """
    if with_times:
        return [{"provider_id": one.provider_id, "at": one.at.isoformat(), **_body(one)} for one in messages]
    return sorted(map(_body, messages), key=lambda body: (body["phone"], body["text"], body["client_id"]))


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
