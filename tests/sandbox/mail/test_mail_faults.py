"""Troubles of a mail server, ordered like all others."""

import smtplib
import threading
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest

from backoffice.sandbox.faults.fault import Kind
from backoffice.sandbox.world import World

Order = Callable[..., None]


@pytest.mark.parametrize(("kind", "status"), [("mail_greylist", 451), ("mail_later", 421), ("mail_reject", 550)])
def test_a_recipient_is_refused(
    world: World, client: smtplib.SMTP, letter: EmailMessage, order: Order, kind: Kind, status: int
) -> None:
    """Nothing is kept; the same letter gets through once the fault is spent."""
    order(kind)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        client.send_message(letter)
    assert refused.value.recipients["anna@example.org"][0] == status
    assert world.mailbox.letters == []
    [row] = world.log.rows()
    assert (row["system"], row["method"], row["status"], row["fault"]) == ("smtp", "RCPT", status, kind)


def test_too_many_letters_close_the_connection(
    client: smtplib.SMTP, letter: EmailMessage, order: Order, mail_server: tuple[str, int]
) -> None:
    """421 is the server's last word on it; another connection is welcome."""
    order("mail_later")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        client.send_message(letter)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.noop()
    with smtplib.SMTP(*mail_server, timeout=5) as another:
        assert another.send_message(letter) == {}


@pytest.mark.parametrize(("kind", "status"), [("mail_later_data", 452), ("mail_reject_data", 554)])
def test_a_text_is_refused(
    world: World, client: smtplib.SMTP, letter: EmailMessage, order: Order, kind: Kind, status: int
) -> None:
    """Not kept, and the connection goes on."""
    order(kind)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        client.send_message(letter)
    assert (refused.value.smtp_code, world.mailbox.letters) == (status, [])
    assert client.send_message(letter) == {}


@pytest.mark.parametrize(
    ("kind", "kept"), [("mail_cut_before_data", 0), ("mail_cut_unkept", 0), ("mail_cut_after_data", 1)]
)
def test_the_connection_is_cut(
    world: World, client: smtplib.SMTP, letter: EmailMessage, order: Order, kind: Kind, kept: int
) -> None:
    """Whether the letter was kept, the sender is not told."""
    order(kind)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.send_message(letter)
    assert len(world.mailbox.letters) == kept
    assert world.log.counters()["faults"] == {kind: 1}


def test_only_the_cut_before_the_text_can_be_told(client: smtplib.SMTP, order: Order) -> None:
    """It comes instead of the invitation to send the text."""
    order("mail_cut_before_data")
    client.ehlo()
    client.mail("info@example.org")
    client.rcpt("anna@example.org")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.docmd("DATA")


def test_a_slow_server_moves_a_clock_that_stands(
    world: World, client: smtplib.SMTP, letter: EmailMessage, order: Order
) -> None:
    """Nobody waits for half a minute in a test."""
    before = world.clock.now()
    order("mail_slow", seconds=30)
    client.send_message(letter)
    assert world.clock.now() - before == timedelta(seconds=30)
    assert [one.at for one in world.mailbox.letters] == [before]


def test_a_slow_server_outlasts_its_client(
    world: World, mail_server: tuple[str, int], letter: EmailMessage, order: Order
) -> None:
    """The letter is kept although its sender has stopped waiting."""
    world.clock.run()
    order("mail_slow", seconds=60)
    impatient = smtplib.SMTP(*mail_server, timeout=0.2)
    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        impatient.send_message(letter)
    impatient.close()
    assert len(world.mailbox.letters) == 1


def test_a_pattern_means_a_recipient(world: World, client: smtplib.SMTP, letter: EmailMessage, order: Order) -> None:
    """Of two recipients one is refused, the other gets the letter."""
    order("mail_reject", methods="boris@*", times=None)
    refused = client.send_message(letter, to_addrs=["anna@example.org", "boris@example.org"])
    assert list(refused) == ["boris@example.org"]
    assert [one.recipients for one in world.mailbox.letters] == [("anna@example.org",)]


def test_faults_of_other_systems_leave_the_mail_alone(client: smtplib.SMTP, letter: EmailMessage, order: Order) -> None:
    """`*` means everything of its own kind."""
    order("cut_before")
    assert client.send_message(letter) == {}


def test_parallel_senders_all_get_through(world: World, mail_server: tuple[str, int], letter: EmailMessage) -> None:
    """Each letter is kept once."""

    def send() -> None:
        with smtplib.SMTP(*mail_server, timeout=5) as connection:
            connection.send_message(letter)

    senders = [threading.Thread(target=send) for _ in range(8)]
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    assert sorted(one.id for one in world.mailbox.letters) == list(range(1, 9))
