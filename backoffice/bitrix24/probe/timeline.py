"""What to know of a card's timeline: whether our comments and e-mail activities can be found again.

They are tried on a contact: a new deal may set off the robots of its funnel. The activity is not completed, so that
the portal sends nothing (tutorials/crm/how-to-add-crm-objects/how-to-send-email.md), and its address is nobody's.
"""

from typing import Any

from backoffice.bitrix24.activities import LISTING as ACTIVITIES
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.contacts import CONTACT
from backoffice.bitrix24.doubt import moment
from backoffice.bitrix24.listing import rows_of
from backoffice.bitrix24.mail_activity import EMAIL, OUTGOING, PLAIN
from backoffice.bitrix24.traces import DIGITS, METHOD, marked_text
from backoffice.bitrix24.traces import LISTING as COMMENTS
from backoffice.rules.portal_probe import MARK, ORIGINATOR

Found = dict[str, Any]

STAMP = "0123456789abcdef0123456789abcdef"
ADDRESS = "Backoffice.Probe.3@Example.com"


def try_timeline(portal: Portal, found: Found) -> None:
    """Fill in the facts about comments and activities, on a contact of its own."""
    contact = _add_contact(portal)
    found["comments_keep_marks"] = _keeps_mark(portal, contact)
    found["activities_keep_origins"] = _keeps_origin(portal, contact)


def _add_contact(portal: Portal) -> int:
    fields = {"LAST_NAME": MARK, "ORIGINATOR_ID": ORIGINATOR, "ORIGIN_ID": "probe:timeline"}
    return int(portal.call("crm.contact.add", fields=fields))


def _keeps_mark(portal: Portal, contact: int) -> bool:
    of_contact = {"ENTITY_TYPE": "contact", "ENTITY_ID": contact}
    portal.call(METHOD, fields={**of_contact, "COMMENT": marked_text(MARK, STAMP)})
    answer = portal.call(COMMENTS, filter=of_contact, select=["ID", "COMMENT"], order={"ID": "DESC"})
    return any(STAMP[:DIGITS] in str(row.get("COMMENT") or "") for row in rows_of(COMMENTS, answer))


def _keeps_origin(portal: Portal, contact: int) -> bool:
    of_contact, now = {"OWNER_TYPE_ID": CONTACT, "OWNER_ID": contact}, moment(portal)
    fields = {
        **of_contact,
        "TYPE_ID": EMAIL,
        "DIRECTION": OUTGOING,
        "COMPLETED": "N",
        "RESPONSIBLE_ID": portal.call("crm.contact.get", id=contact)["ASSIGNED_BY_ID"],
        "SUBJECT": MARK,
        "DESCRIPTION": MARK,
        "DESCRIPTION_TYPE": PLAIN,
        "START_TIME": now,
        "END_TIME": now,
        "COMMUNICATIONS": [{"VALUE": ADDRESS, "ENTITY_ID": contact, "ENTITY_TYPE_ID": CONTACT}],
        "ORIGINATOR_ID": ORIGINATOR,
        "ORIGIN_ID": STAMP,
    }
    portal.call("crm.activity.add", fields=fields)
    answer = portal.call(ACTIVITIES, filter=of_contact, select=["ID", "ORIGIN_ID"], order={"ID": "DESC"})
    return any(row.get("ORIGIN_ID") == STAMP for row in rows_of(ACTIVITIES, answer))
