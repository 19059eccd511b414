"""The portal's «Исходящий вебхук»: a robot or a business process asks to import an event.

Its body is not documented. Public receivers read `document_id` as a list, a map numbered from 0, or plain text, and
what people put into the address; nothing in it proves the sender, so a secret stands in the path.
"""

from collections.abc import Mapping
from typing import Any

from backoffice.gateway.brackets import decode
from backoffice.gateway.delivery import Refused
from backoffice.gateway.elements import event_in_code

# A robot may send no body at all, and then no content type.
CONTENT_TYPES = frozenset({"application/x-www-form-urlencoded", ""})
LONGEST_NUMBER = 18
# A robot may be started on every element of a section at once.
MOST_OPEN = 1000


def subject_of(query: Mapping[str, str], raw: bytes) -> str:
    """The event's number from the address, else `element <id>` from the document; Refused with 400 for neither."""
    asked = query.get("event", "").strip()
    if _is_number(asked):
        return str(int(asked))
    if (event_id := event_in_code(asked)) is not None:
        return str(event_id)
    try:
        document = _last(decode(raw).get("document_id"))
    except ValueError as error:
        raise Refused(400, "the body is not a form") from error
    if asked or not _is_number(document):
        raise Refused(400, "the request names no event")
    return f"element {int(document)}"


def _last(document_id: Any) -> str:
    """The element's number: the third part of `[lists, class, number]`, or the whole text."""
    if isinstance(document_id, Mapping):
        numbered = sorted((key for key in document_id if key.isdecimal()), key=int)
        document_id = document_id[numbered[-1]] if numbered else ""
    return document_id.strip() if isinstance(document_id, str) else ""


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER and int(text) > 0
