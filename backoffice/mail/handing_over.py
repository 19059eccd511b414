"""A letter handed over to the mail server.

Until the text has begun the server cannot have the letter. From then on only its answer tells: with 250 it has taken
the responsibility (RFC 5321 §4.2.5). A connection lost in the middle of the text should leave nothing behind
(§4.1.1.10), but there are servers that pass on what they had got by then, so that it counts as unknown too.
"""

import re
import smtplib
from collections.abc import Callable

from backoffice.mail.letters import Envelope
from backoffice.mail.line import STEP_SECONDS, said, wait_for
from backoffice.mail.server import MailMisconfigured
from backoffice.rules.sending import Outcome, State

# The standard asks for ten minutes (§4.5.3.2.6); the store gives a message up after three.
ANSWER_SECONDS = 120

LOST_BEFORE = "связь с почтовым сервером прервалась до текста письма: оно не ушло"
LOST_AFTER = "связь с почтовым сервером прервалась, когда письмо уже уходило: неизвестно, дошло ли оно"

DOT = re.compile(rb"^\.", re.MULTILINE)


def hand_over(line: smtplib.SMTP, letter: Envelope, may_leave: Callable[[], bool]) -> Outcome | None:
    """What became of the letter; None if `may_leave`, asked just before its text, forbade it.

    MailMisconfigured if the server does not take letters from this sender: that is not the letter's fault. The line is
    closed where it cannot serve the next letter.
    """
    try:
        refusal = _refusal(line, letter)
    except OSError:
        line.close()
        return Outcome(State.QUEUED, reason=LOST_BEFORE)
    if refusal is not None:
        return refusal
    if not may_leave():
        # The server waits for a text, and only a lost connection takes the letter back.
        line.close()
        return None
    return _text(line, letter)


def _refusal(line: smtplib.SMTP, letter: Envelope) -> Outcome | None:
    code, words = line.mail(letter.sender)
    if code >= 500:
        answer = said(code, words)
        raise MailMisconfigured(f"mail_from в portal.toml, SMTP_LOGIN: сервер не берёт писем отправителя: {answer}")
    if code // 100 == 2:
        code, words = line.rcpt(letter.recipient)
    if code // 100 == 2:
        code, words = line.docmd("DATA")
    return None if code == 354 else _not_taken(line, letter, code, words)


def _text(line: smtplib.SMTP, letter: Envelope) -> Outcome:
    try:
        line.send(DOT.sub(b"..", letter.content) + b".\r\n")
        wait_for(line, ANSWER_SECONDS)
        code, words = line.getreply()
        wait_for(line, STEP_SECONDS)
    except OSError:
        line.close()
        return Outcome(State.UNKNOWN, reason=LOST_AFTER)
    if code // 100 == 2:
        return Outcome(State.ACCEPTED, provider_id=said(code, words))
    if code // 100 in (4, 5):
        return _not_taken(line, letter, code, words)
    line.close()
    return Outcome(State.UNKNOWN, reason=f"почтовый сервер ответил непонятно: {said(code, words)}")


def _not_taken(line: smtplib.SMTP, letter: Envelope, code: int, words: bytes) -> Outcome:
    answer = said(code, words, letter.recipient.partition("@")[0])
    if code // 100 == 5:
        return Outcome(State.FAILED, reason=f"почтовый сервер отказал: {answer}")
    if code // 100 == 4:
        return Outcome(State.QUEUED, reason=f"почтовый сервер просит зайти позже: {answer}")
    line.close()
    return Outcome(State.QUEUED, reason=f"почтовый сервер ответил непонятно: {answer}")
