"""Which event an element of the portal's list is about: its code says so, `tp-<event>-<ticket>`."""

import re

from backoffice import connections
from backoffice.bitrix24.errors import NotFound

PROCESS = "attendance_import"
CODE = re.compile(r"tp-(?P<event>\d{1,18})(-.*)?")


class NoEvent(Exception):
    """There is no such element, or a person made it: it is about no event that we know."""


def event_in_code(code: str) -> int | None:
    """The event's number in the code of an element or a section of ours."""
    found = CODE.fullmatch(code.strip())
    return int(found["event"]) if found else None


def event_of_element(element_id: int) -> int:
    """The event's number, read from the portal; NoEvent, or PortalError while the portal does not answer."""
    block = connections.names(PROCESS).lists["events"].id
    with connections.portal() as portal:
        try:
            rows = portal.call("lists.element.get", IBLOCK_TYPE_ID="lists", IBLOCK_ID=block, ELEMENT_ID=element_id)
        except NotFound:
            rows = []
    event_id = event_in_code(str(rows[0].get("CODE") or "")) if rows else None
    if event_id is None:
        raise NoEvent(str(element_id))
    return event_id
