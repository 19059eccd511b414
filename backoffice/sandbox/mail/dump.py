"""The mailbox as JSON."""

from collections.abc import Iterable
from typing import Any

from backoffice.sandbox.mail.mailbox import ReceivedLetter


def dump_letters(letters: Iterable[ReceivedLetter], *, with_times: bool = False) -> list[dict[str, Any]]:
    """In the order given; with times also numbered."""
    return [({"id": one.id, "at": one.at.isoformat()} if with_times else {}) | _body(one) for one in letters]


def by_addressee(letter: ReceivedLetter) -> tuple[object, ...]:
    """An order that does not depend on who was faster."""
    return letter.recipients, letter.subject, letter.message_id, letter.text


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
