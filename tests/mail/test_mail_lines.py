"""Servers that take no letters at all: what is our settings' fault is said so, what passes is waited for."""

import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn

import pytest

from backoffice.mail.carrier import SmtpCarrier
from backoffice.mail.line import Unreachable
from backoffice.mail.server import MailMisconfigured, Security, SmtpServer
from backoffice.outbox import Outbox
from backoffice.rules.sending import Letter, Outgoing, Sent, State
from backoffice.sandbox.certificates import Certificates, make_certificates
from backoffice.sandbox.mail.connection import SMTP_PASSWORD, SMTP_USER
from backoffice.sandbox.mail.server import serving_mail
from backoffice.sandbox.world import World

if TYPE_CHECKING:
    from tests.mail.conftest import Script

Letters = Callable[..., list[Outgoing[Letter]]]
Said = tuple[str, dict[str, str]]
SENDER = "info@example.org"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture(params=["starttls", "tls"])
def encrypted(request: pytest.FixtureRequest, world: World, certificates: Certificates) -> Iterator[SmtpServer]:
    """The settings of a provider: encryption and a login."""
    trusting = ssl.create_default_context(cafile=certificates.authority)
    with serving_mail(world, tls=certificates, implicit=request.param == "tls") as (host, port):
        yield SmtpServer(host, SENDER, port, request.param, SMTP_USER, SMTP_PASSWORD, tls=trusting)


def send(outbox: Outbox, server: SmtpServer, outgoing: list[Outgoing[Letter]]) -> list[Sent]:
    return outbox.send(outgoing, SmtpCarrier(server, lambda: datetime.now(UTC), connections=2))


def refused(outbox: Outbox, server: SmtpServer, letters: Letters) -> str:
    """What the settings are told to be; nothing stays claimed."""
    with pytest.raises(MailMisconfigured) as fault:
        send(outbox, server, letters("anna", "boris", "vera"))
    assert fault.value.__cause__ is None
    assert fault.value.__context__ is None or fault.value.__suppress_context__
    return str(fault.value)


def test_letters_go_encrypted(world: World, outbox: Outbox, encrypted: SmtpServer, letters: Letters) -> None:
    """By STARTTLS or TLS, after a login."""
    assert [one.state for one in send(outbox, encrypted, letters("anna", "boris"))] == [State.ACCEPTED] * 2
    assert len(world.mailbox.letters) == 2


@pytest.mark.parametrize(
    ("wrong", "setting"),
    [
        ({"password": "wrong-secret"}, "SMTP_LOGIN, SMTP_PASSWORD"),
        ({"login": "", "password": ""}, "mail_from в portal.toml, SMTP_LOGIN"),
        ({"tls": ssl.create_default_context()}, "SMTP_HOST: сертификат"),
        ({"security": "none"}, "SMTP_"),
    ],
)
def test_wrong_settings_are_named(
    world: World, outbox: Outbox, encrypted: SmtpServer, letters: Letters, wrong: dict[str, str], setting: str
) -> None:
    """Without the password; put right, the letters go at once."""
    if wrong == {"security": "none"} and encrypted.security == "tls":
        pytest.skip("a server that waits for TLS says nothing to a client that waits for its greeting")
    message = refused(outbox, replace(encrypted, **wrong), letters)  # type: ignore[arg-type]  # named by the cases
    assert setting in message
    assert "secret" not in message
    assert "@" not in message
    assert {one.state for one in send(outbox, encrypted, letters("anna", "boris", "vera"))} == {State.ACCEPTED}
    assert len(world.mailbox.letters) == 3


def checked(server: SmtpServer) -> None:
    SmtpCarrier(server, lambda: datetime.now(UTC)).check()


def test_a_check_logs_in_and_sends_nothing(world: World, encrypted: SmtpServer) -> None:
    """Before anybody waits for a letter: right settings say nothing, a wrong password is named and not shown."""
    checked(encrypted)
    with pytest.raises(MailMisconfigured, match="SMTP_LOGIN, SMTP_PASSWORD") as refusal:
        checked(replace(encrypted, password="wrong-secret"))
    assert "secret" not in str(refusal.value)
    assert len(world.mailbox.letters) == 0


def test_a_check_takes_leave(script: "Script", scripted: SmtpServer) -> None:
    """No letter is begun."""
    checked(scripted)
    assert script.heard == ["EHLO", "QUIT"]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("greeting", ["421 too many connections", ""])
def test_a_check_of_a_busy_server_fails(script: "Script", scripted: SmtpServer, greeting: str) -> None:
    """Nobody waits in a trial: the settings that may be wrong are named."""
    script.greeting = greeting
    with pytest.raises(Unreachable, match=r"^SMTP_HOST, SMTP_PORT: "):
        checked(scripted)


def test_a_check_of_no_server_fails(unused: int) -> None:
    """A mistyped port looks like an outage."""
    with pytest.raises(Unreachable, match=f"^SMTP_HOST, SMTP_PORT: нет связи с почтовым сервером 127.0.0.1:{unused}"):
        checked(SmtpServer("127.0.0.1", SENDER, unused, "none"))


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_without_encryption_gets_nothing(
    outbox: Outbox, script: "Script", scripted: SmtpServer, letters: Letters, security: Security
) -> None:
    """Neither a login nor a letter: somebody in between may have taken the offer away."""
    server = replace(scripted, security=security, login="info", password="secret")
    assert "SMTP_SECURITY" in refused(outbox, server, letters)
    assert "MAIL" not in script.heard


@pytest.mark.parametrize(
    ("said", "setting"),
    [
        (("554 no SMTP service here", {}), "SMTP_HOST, SMTP_PORT"),
        (("HTTP/1.1 400 Bad Request", {}), "SMTP_HOST, SMTP_PORT"),
        (("220 ready", {"MAIL": "553 info@example.org is not yours"}), "mail_from"),
    ],
)
def test_a_server_that_does_not_want_us_is_told_by_its_setting(
    outbox: Outbox, script: "Script", scripted: SmtpServer, letters: Letters, said: Said, setting: str
) -> None:
    """A refusal that no letter has caused fails no letter."""
    script.greeting, script.answers = said[0], dict(said[1])
    message = refused(outbox, scripted, letters)
    assert setting in message
    assert "@" not in message
    script.greeting, script.answers = "220 ready", {}
    assert {one.state for one in send(outbox, scripted, letters("anna", "boris", "vera"))} == {State.ACCEPTED}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("greeting", ["421 too many connections", "", None])
def test_a_busy_server_is_waited_for(
    outbox: Outbox, script: "Script", scripted: SmtpServer, letters: Letters, greeting: str | None
) -> None:
    """Every letter is put off, with the reason."""
    script.greeting = "220 ready" if greeting is None else greeting
    script.answers = {"EHLO": None}
    sent = send(outbox, scripted, letters("anna", "boris", "vera"))
    assert {one.state for one in sent} == {State.QUEUED}
    assert all(one.reason for one in sent)


def test_no_server_at_all_is_waited_for(outbox: Outbox, unused: int, letters: Letters) -> None:
    """Refused connections are an outage."""
    sent = send(outbox, SmtpServer("127.0.0.1", SENDER, unused, "none"), letters("anna", "boris"))
    assert [one.state for one in sent] == [State.QUEUED] * 2
    assert all("нет связи с почтовым сервером" in one.reason for one in sent)


@pytest.mark.parametrize("host", ["smtp..example.org", "smpt.example.org"])
def test_a_name_that_no_server_has_is_told_by_its_setting(
    outbox: Outbox, letters: Letters, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """It was mistyped, and no waiting helps."""
    name_service(monkeypatch, socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
    assert f"SMTP_HOST: сервера {host} нет" in refused(outbox, SmtpServer(host, SENDER), letters)


def test_a_name_service_that_is_silent_is_waited_for(
    outbox: Outbox, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is an outage like others."""
    name_service(monkeypatch, socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"))
    assert [one.state for one in send(outbox, SmtpServer("smtp.example.org", SENDER), letters("anna"))] == [
        State.QUEUED
    ]


def name_service(monkeypatch: pytest.MonkeyPatch, answer: socket.gaierror) -> None:
    """What it says of any name that it could be asked for."""

    def look_up(host: str, *_: object) -> NoReturn:
        host.encode("idna")
        raise answer

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.fixture
def unused() -> int:
    """A port of this machine on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port
