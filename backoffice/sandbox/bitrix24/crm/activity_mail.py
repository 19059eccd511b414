"""The e-mail that leaves the portal as a side effect of `crm.activity.add`.

Official sources: tutorials/crm/how-to-add-crm-objects/how-to-send-email.md,
crm/timeline/activities/activity-base/crm-activity-add.md.
"""

import html
import re
from email.utils import parseaddr

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.crm.activities import EMAIL, OUTGOING
from backoffice.sandbox.bitrix24.crm.multifields import ADDRESS
from backoffice.sandbox.bitrix24.crm.table import Item
from backoffice.sandbox.bitrix24.errors import Refusal

PLAIN, BB_CODES, HTML = 1, 2, 3

_PAIRED = re.compile(r"\[(b|i|u|s)\](.*?)\[/\1\]", re.DOTALL | re.IGNORECASE)
_LINK = re.compile(r"\[url=(.*?)\](.*?)\[/url\]", re.DOTALL | re.IGNORECASE)


def leaves(activity: Item) -> bool:
    """Whether this new activity is an e-mail to be sent; any other is merely kept."""
    values = activity.values
    return (values["TYPE_ID"], values["DIRECTION"], values["COMPLETED"]) == (EMAIL, OUTGOING, "Y")


def send(call: Call, activity: Item) -> None:
    """Put the letter, and its copy to the sender, into the mailbox; a refusal leaves the activity where it is."""
    sender, recipients = _sender(call, activity), _recipients(activity)
    _deliver(call, activity, sender, recipients)
    if (activity.values.get("SETTINGS") or {}).get("DISABLE_SENDING_MESSAGE_COPY") != "Y":
        _deliver(call, activity, sender, (parseaddr(sender)[1],))


def _deliver(call: Call, activity: Item, sender: str, recipients: tuple[str, ...]) -> None:
    text, marked = _body(call, activity)
    subject, message_id = str(activity.values["SUBJECT"]), f"<crm.activity.{activity.id}@sandbox.bitrix24.ru>"
    call.portal.mailbox.receive("portal", sender, recipients, subject, text, html=marked, message_id=message_id)


def _sender(call: Call, activity: Item) -> str:
    """SETTINGS.MESSAGE_FROM, else the responsible person's mailbox, else the portal's own."""
    config = call.portal.config
    person = call.portal.users.get(activity.values["RESPONSIBLE_ID"])
    told = str((activity.values.get("SETTINGS") or {}).get("MESSAGE_FROM") or "")
    own = f"{person.name} {person.last_name} <{person.email}>" if person and config.employees_have_mailboxes else ""
    sender = told or own or config.crm_mailbox
    if not sender:
        raise Refusal("", 'Email send error. "From" is not found')
    if not ADDRESS.fullmatch(parseaddr(sender)[1]):
        raise Refusal("", "Email send error. Invalid email is specified")
    return sender


def _recipients(activity: Item) -> tuple[str, ...]:
    """The documents tell a wrong address among right ones from no right address at all."""
    addresses = [one.value.strip() for one in activity.values["COMMUNICATIONS"]]
    right = tuple(address for address in addresses if ADDRESS.fullmatch(address))
    if not right:
        raise Refusal("", 'Email send error. "To" is not found')
    if len(right) < len(addresses):
        raise Refusal("", "Email send error. Invalid email is specified")
    return right


def _body(call: Call, activity: Item) -> tuple[str, str]:
    """Text and markup; tags in what is not told to be HTML are words like others."""
    written, kind = str(activity.values["DESCRIPTION"] or ""), activity.values["DESCRIPTION_TYPE"]
    if kind == call.portal.config.html_content_type:
        return "", written
    return (written, "") if kind == PLAIN else (written, _marked(written))


def _marked(bb_codes: str) -> str:
    linked = _LINK.sub(r'<a href="\1">\2</a>', html.escape(bb_codes))
    return _PAIRED.sub(r"<\1>\2</\1>", linked).replace("\n", "<br>\n")
