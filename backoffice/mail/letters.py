"""A letter as the mail server takes it."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP

from backoffice.mail import addresses
from backoffice.mail.headers import mailbox, subject
from backoffice.mail.server import SmtpServer
from backoffice.rules.sending import Letter, Parcel

# Everything leaves in ASCII: a server on the way may know nothing else.
ASCII = SMTP.clone(cte_type="7bit")
NOT_IN_HEADERS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True)
class Envelope:
    """Whom the server is told, and the bytes it is given: lines end with CRLF, the end mark is left out."""

    sender: str
    recipient: str
    content: bytes


def write(server: SmtpServer, parcel: Parcel[Letter], now: datetime) -> Envelope:
    """The letter in its envelope; Unwritable if the addressee's address is none."""
    letter = parcel.content
    head = mailbox("From", server.mailbox) + mailbox("To", addresses.named(letter.to_name, letter.to))
    if server.reply_to:
        head += mailbox("Reply-To", addresses.read(server.reply_to))
    head += subject(NOT_IN_HEADERS.sub(" ", letter.subject).strip())
    message = EmailMessage(policy=ASCII)
    message["Date"] = now
    message["Message-ID"] = f"<{parcel.stamp}@{server.mailbox.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    if server.list_unsubscribe:
        message["List-Unsubscribe"] = server.list_unsubscribe
    message.set_content(letter.text)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
    return Envelope(server.mailbox.addr_spec, addresses.bare(letter.to), head.encode("ascii") + message.as_bytes())
