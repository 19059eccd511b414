"""The mailbox as JSON."""

from collections.abc import Iterable
from typing import Any

from backoffice.sandbox.mail.mailbox import ReceivedLetter


def dump_letters(letters: Iterable[ReceivedLetter], *, with_times: bool = False) -> list[dict[str, Any]]:
    """Without times and in an order of their own, so that equal letters in any order of arrival make equal dumps.

    With times in the order of arrival, numbered.
    """
    if with_times:
        return [{"id": one.id, "at": one.at.isoformat(), **_body(one)} for one in letters]
    return sorted(map(_body, letters), key=lambda body: (body["to"], body["subject"], body["message_id"], body["text"]))


def _body(letter: ReceivedLetter) -> dict[str, Any]:
    return {
        "via": letter.via,
        "from": letter.sender,
        "to": list(letter.recipients),
        "subject": letter.subject,
        "text": letter.text,
        "html": letter.html,
        "message_id": letter.message_id,
    }
