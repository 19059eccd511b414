"""From the bytes that came by SMTP to what an addressee reads."""

from collections.abc import Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage

from backoffice.sandbox.mail.mailbox import Mailbox, ReceivedLetter


def deliver(mailbox: Mailbox, sender: str, recipients: Sequence[str], content: bytes) -> ReceivedLetter:
    """Put a letter into the mailbox, its parts and headers decoded; twins are put in twice."""
    message = message_from_bytes(content, policy=policy.default)
    return mailbox.receive(
        "smtp",
        sender,
        tuple(recipients),
        str(message["Subject"] or ""),
        _part(message, "plain"),
        html=_part(message, "html"),
        message_id=str(message["Message-ID"] or "").strip(),
        headers={name: str(value) for name, value in message.items()},
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return "" if part is None else str(part.get_content()).replace("\r\n", "\n")
