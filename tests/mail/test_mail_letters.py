"""A letter as the mail server takes it."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.mail.addresses import Unwritable
from backoffice.mail.letters import Envelope, write
from backoffice.mail.server import MailMisconfigured, SmtpServer
from backoffice.rules.sending import Draft, Letter, Parcel

NOW = datetime(2026, 9, 10, 19, 0, tzinfo=UTC)
STAMP = "0123456789abcdef0123456789abcdef"
SERVER = SmtpServer("localhost", "Учебный центр «Пример», ООО <info@пример.рф>", security="none")


def written(letter: Letter, server: SmtpServer = SERVER) -> Envelope:
    return write(server, Parcel(1, STAMP, Draft("email", "lesson_reminders", "a", "Занятие"), letter), NOW)


def read(envelope: Envelope) -> EmailMessage:
    return message_from_bytes(envelope.content, policy=policy.default)


def test_a_letter_has_two_forms_and_says_that_a_program_sent_it() -> None:
    """Plain text first, then HTML; nobody's holiday answer comes back."""
    letter = read(written(Letter("anna@example.org", "Анна Кузнецова", "Завтра занятие", "Ждём.\n", "<p>Ждём.</p>\n")))
    assert letter.get_content_type() == "multipart/alternative"
    parts = [(part.get_content_type(), part.get_content().replace("\r\n", "\n")) for part in letter.iter_parts()]
    assert parts == [("text/plain", "Ждём.\n"), ("text/html", "<p>Ждём.</p>\n")]
    assert (letter["Subject"], letter["Auto-Submitted"]) == ("Завтра занятие", "auto-generated")
    assert letter["Date"].datetime == NOW
    assert "List-Unsubscribe" not in letter
    assert "Reply-To" not in letter


def test_without_html_it_is_plain() -> None:
    """No empty second form."""
    assert read(written(Letter("anna@example.org", "Анна", "Занятие", "Ждём.\n"))).get_content_type() == "text/plain"


def test_the_same_stamp_is_the_same_message_id() -> None:
    """Two attempts at one sending can be told to be one by every server on the way."""
    first, second = (written(Letter("anna@example.org", "", "Занятие", text)) for text in ("а", "б"))
    assert read(first)["Message-ID"] == read(second)["Message-ID"] == f"<{STAMP}@xn--e1afmkfd.xn--p1ai>"


def test_the_company_is_named_as_configured() -> None:
    """With where to answer and how to unsubscribe, if it wants so."""
    server = SmtpServer(
        "localhost",
        "info@example.org",
        security="none",
        reply_to="Приём <office@example.org>",
        list_unsubscribe="<mailto:stop@example.org>",
    )
    letter = read(written(Letter("anna@example.org", "", "Занятие", "Ждём."), server))
    assert (letter["From"], letter["Reply-To"]) == ("info@example.org", "Приём <office@example.org>")
    assert letter["List-Unsubscribe"] == "<mailto:stop@example.org>"


def test_domains_of_other_letters_become_ascii() -> None:
    """In the envelope and in the headers; the whole letter is ASCII."""
    envelope = written(Letter("anna@почта.рф", "Анна", "Занятие", "Ждём."))
    assert (envelope.sender, envelope.recipient) == ("info@xn--e1afmkfd.xn--p1ai", "anna@xn--80a1acny.xn--p1ai")
    assert envelope.content.isascii()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "anna",
        "анна@example.org",
        "a@b@example.org",
        "anna@example.org, b@example.org",
        "anna@exa..mple.org",
        "a b@c.d",
    ],
)
def test_an_address_that_is_none_is_refused_unnamed(address: str) -> None:
    """The reason can be shown: it does not repeat the address."""
    with pytest.raises(Unwritable) as refused:
        written(Letter(address, "Анна", "Занятие", "Ждём."))
    assert "@" not in str(refused.value)
    assert refused.value.__cause__ is None


@given(st.text(max_size=150), st.text(max_size=300), st.text(max_size=100))
def test_nothing_written_by_people_becomes_a_header(name: str, subject: str, text: str) -> None:
    """Whatever stands in a name, a subject or a text: the headers are ours, the addressee is one."""
    envelope = written(Letter("anna@example.org", name, subject, text))
    letter = read(envelope)
    assert set(letter.keys()) <= {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
        "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip
    assert [address.addr_spec for address in letter["To"].addresses] == ["anna@example.org"]
    assert [address.addr_spec for address in letter["From"].addresses] == ["info@xn--e1afmkfd.xn--p1ai"]
    assert b"\n" not in envelope.content.replace(b"\r\n", b"")
    assert envelope.content.endswith(b"\r\n")


def test_a_sender_that_is_no_address_is_named_by_its_setting() -> None:
    """Found before the first letter."""
    with pytest.raises(MailMisconfigured, match="mail_from"):
        SmtpServer("localhost", "Учебный центр", security="none")


@pytest.mark.parametrize("host", ["smtp.example.org", "10.0.0.1", ""])
def test_letters_do_not_travel_in_the_open(host: str) -> None:
    """Without encryption only on this machine."""
    with pytest.raises(MailMisconfigured, match="SMTP_SECURITY"):
        SmtpServer(host, "info@example.org", security="none")
    assert SmtpServer("127.0.0.1", "info@example.org", security="none").port == 587


@pytest.mark.parametrize(("login", "password"), [("info", ""), ("", "secret"), ("info", "пароль")])
def test_half_a_login_is_none(login: str, password: str) -> None:
    """Both are needed, in letters that SMTP knows; the password is not shown."""
    with pytest.raises(MailMisconfigured, match="SMTP_PASSWORD") as refused:
        SmtpServer("localhost", "info@example.org", login=login, password=password)
    assert not password or password not in str(refused.value)
    assert "secret" not in repr(SmtpServer("localhost", "info@example.org", login="info", password="secret"))
