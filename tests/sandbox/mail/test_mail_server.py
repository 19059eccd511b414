"""The mail server: what is sent to it stands in the mailbox."""

import smtplib
import socket
import ssl
from base64 import b64encode
from email.message import EmailMessage

import pytest

from backoffice.sandbox.certificates import Certificates, make_certificates
from backoffice.sandbox.mail.connection import SMTP_PASSWORD, SMTP_USER
from backoffice.sandbox.mail.server import serving_mail
from backoffice.sandbox.world import World, new_world


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def trust(certificates: Certificates) -> ssl.SSLContext:
    """What a client trusts."""
    return ssl.create_default_context(cafile=certificates.authority)


def test_a_letter_is_kept_as_its_addressee_reads_it(world: World, client: smtplib.SMTP, letter: EmailMessage) -> None:
    """Subject, both texts and the headers are decoded; the envelope names the recipients."""
    assert client.send_message(letter) == {}
    [kept] = world.mailbox.letters
    assert kept.subject == "Завтра занятие: «Налоги для малого бизнеса», начало в 19:00, вход со двора"
    assert kept.text == "Здравствуйте, Анна!\nЖдём вас завтра.\n"
    assert kept.html == "<p>Здравствуйте, <b>Анна</b>!</p>\n"
    assert (kept.sender, kept.recipients) == ("info@example.org", ("anna@example.org",))
    assert (kept.via, kept.at, kept.message_id) == ("smtp", world.clock.now(), "<0123456789abcdef@example.org>")
    assert kept.headers["From"] == "Учебный центр <info@example.org>"


def test_twins_are_kept_as_twins(world: World, client: smtplib.SMTP, letter: EmailMessage) -> None:
    """A server does not look at the Message-ID: whoever sends twice is seen to have done so."""
    client.send_message(letter)
    client.send_message(letter)
    assert len(world.mailbox.to("ANNA@example.org")) == 2
    assert world.mailbox.to("boris@example.org") == []


def test_a_letter_without_html_or_subject_is_kept(world: World, client: smtplib.SMTP) -> None:
    """What is not there is empty."""
    client.sendmail("info@example.org", "anna@example.org", b"From: info@example.org\r\n\r\n.dots\r\n")
    [kept] = world.mailbox.letters
    assert (kept.subject, kept.text, kept.html, kept.message_id) == ("", ".dots\n", "", "")


def test_a_login_is_possible_in_plain(world: World, client: smtplib.SMTP, letter: EmailMessage) -> None:
    """It is not asked for, but a wrong one is refused."""
    with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
        client.login(SMTP_USER, "wrong")
    assert refused.value.smtp_code == 535
    client.login(SMTP_USER, SMTP_PASSWORD)
    client.send_message(letter)
    assert len(world.mailbox.letters) == 1


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_both_usual_ways_to_log_in(client: smtplib.SMTP, mechanism: str) -> None:
    """PLAIN says both at once, LOGIN one after the other."""
    client.ehlo()
    assert mechanism in client.esmtp_features["auth"].split()
    if mechanism == "PLAIN":
        given = b64encode(f"\0{SMTP_USER}\0{SMTP_PASSWORD}".encode()).decode()
        assert client.docmd("AUTH", f"PLAIN {given}")[0] == 235
        return
    client.docmd("AUTH", "LOGIN")
    client.docmd(b64encode(SMTP_USER.encode()).decode())
    assert client.docmd(b64encode(SMTP_PASSWORD.encode()).decode())[0] == 235


def test_starttls(world: World, certificates: Certificates, trust: ssl.SSLContext, letter: EmailMessage) -> None:
    """Nothing is taken before it, and nothing without a login after it."""
    with serving_mail(world, tls=certificates) as address, smtplib.SMTP(*address, timeout=5) as client:
        with pytest.raises(smtplib.SMTPSenderRefused) as in_plain:
            client.send_message(letter)
        client.starttls(context=trust)
        with pytest.raises(smtplib.SMTPSenderRefused) as unknown:
            client.send_message(letter)
        client.login(SMTP_USER, SMTP_PASSWORD)
        client.send_message(letter)
    assert (in_plain.value.smtp_code, unknown.value.smtp_code) == (530, 530)
    assert len(world.mailbox.letters) == 1


def test_tls_from_the_first_byte(
    world: World, certificates: Certificates, trust: ssl.SSLContext, letter: EmailMessage
) -> None:
    """As on port 465."""
    with (
        serving_mail(world, tls=certificates, implicit=True) as (host, port),
        smtplib.SMTP_SSL(host, port, timeout=5, context=trust) as client,
    ):
        with pytest.raises(smtplib.SMTPSenderRefused):
            client.send_message(letter)
        client.login(SMTP_USER, SMTP_PASSWORD)
        client.send_message(letter)
    assert len(world.mailbox.letters) == 1


def test_a_client_that_does_not_trust_us_goes_away(world: World, certificates: Certificates) -> None:
    """The certificate is of an authority that nobody knows."""
    stranger = ssl.create_default_context()
    with (
        serving_mail(world, tls=certificates) as address,
        smtplib.SMTP(*address, timeout=5) as client,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        client.starttls(context=stranger)


def test_leaving_breaks_off_whoever_is_connected() -> None:
    """The server ends although a client is talking to it, and its port is free."""
    with serving_mail(new_world(frozen=True)) as address:
        client = smtplib.SMTP(*address, timeout=5)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.noop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=5)


def test_a_port_that_is_taken_is_refused() -> None:
    """At once, with the reason."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="address already in use"), serving_mail(new_world(), port=port):
            pass
