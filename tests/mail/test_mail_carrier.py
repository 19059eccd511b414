"""Letters handed to real servers, good and bad: what arrived, and what our store says of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine

from backoffice.mail.carrier import WEARY, SmtpCarrier
from backoffice.mail.handing_over import LOST_BEFORE
from backoffice.outbox import Outbox
from backoffice.rules.sending import Letter, Outgoing, Sent, State
from backoffice.sandbox.faults.fault import Fault, Kind
from backoffice.sandbox.world import World
from backoffice.store import message_turns, messages
from backoffice.store.message_turns import ANSWER_WITHIN

if TYPE_CHECKING:
    from tests.mail.conftest import Script

NOW = datetime(2026, 9, 10, 19, 0, tzinfo=UTC)
Letters = Callable[..., list[Outgoing[Letter]]]


def told(sent: list[Sent]) -> list[State]:
    return [one.state for one in sent]


def test_letters_arrive_once(world: World, outbox: Outbox, carrier: SmtpCarrier, letters: Letters) -> None:
    """As they were written; the second run sends nothing, and nothing is left to ask."""
    for _ in range(2):
        assert told(outbox.send(letters("anna", "boris"), carrier)) == [State.ACCEPTED] * 2
    first, second = sorted(world.mailbox.letters, key=lambda letter: letter.recipients)
    assert (first.recipients, second.recipients) == (("anna@example.org",), ("boris@example.org",))
    assert (first.sender, first.subject, first.text) == ("info@example.org", "Завтра занятие", "Ждём вас.\n.\n")
    assert first.html.strip() == "<p>Ждём вас.</p>"
    assert first.message_id != second.message_id
    assert outbox.resolve({"smtp": carrier}) == []


def test_three_hundred_letters_go_over_a_few_connections(
    world: World, outbox: Outbox, carrier: SmtpCarrier, letters: Letters
) -> None:
    """Each once, whatever the threads do."""
    names = [f"person{number}" for number in range(300)]
    assert set(told(outbox.send(letters(*names), carrier))) == {State.ACCEPTED}
    assert {letter.recipients for letter in world.mailbox.letters} == {(f"{name}@example.org",) for name in names}
    assert len(world.mailbox.letters) == 300


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("mail_greylist", (State.QUEUED, 0)),
        ("mail_later", (State.QUEUED, 0)),
        ("mail_later_data", (State.QUEUED, 0)),
        ("mail_cut_before_data", (State.QUEUED, 0)),
        ("mail_reject", (State.FAILED, 0)),
        ("mail_reject_data", (State.FAILED, 0)),
        ("mail_cut_after_data", (State.UNKNOWN, 1)),
        ("mail_cut_unkept", (State.UNKNOWN, 0)),
    ],
)
def test_each_trouble_has_its_outcome(
    world: World, outbox: Outbox, carrier: SmtpCarrier, letters: Letters, kind: Kind, outcome: tuple[State, int]
) -> None:
    """The next letter goes all the same; what did not leave goes with the next run, what is in doubt never does."""
    state, arrived = outcome
    world.faults.order(Fault(kind=kind, times=1))
    first, second = outbox.send(letters("anna", "boris"), replace(carrier, connections=1))
    assert (first.state, second.state) == (state, State.ACCEPTED)
    assert first.reason
    assert "@" not in first.reason
    assert len(world.mailbox.to("anna@example.org")) == arrived
    [again] = outbox.send(letters("anna"), carrier)
    assert again.state == (State.ACCEPTED if state is State.QUEUED else state)
    assert len(world.mailbox.to("anna@example.org")) == (1 if state is State.QUEUED else arrived)
    assert [one.key for one in outbox.resolve({"smtp": carrier})] == (["anna"] if state is State.UNKNOWN else [])


def test_a_slow_server_is_believed_late(world: World, outbox: Outbox, carrier: SmtpCarrier, letters: Letters) -> None:
    """Its answer comes after the message counted as unknown."""
    world.faults.order(Fault(kind="mail_slow", times=1, seconds=ANSWER_WITHIN.total_seconds() + 1))
    assert told(outbox.send(letters("anna"), carrier)) == [State.ACCEPTED]
    assert outbox.resolve({"smtp": carrier}) == []


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("silent", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("how", ["", None, "??? what", "250 fine" * 2000])
def test_trouble_before_the_text_leaves_nothing(
    outbox: Outbox, script: "Script", one_line: SmtpCarrier, letters: Letters, silent: str, how: str | None
) -> None:
    """Silence, a cut or nonsense: the letter waits, and goes when the server has come to its senses."""
    script.answers = {silent: how}
    [first] = outbox.send(letters("anna"), one_line)
    assert first.state is State.QUEUED
    assert first.reason
    script.answers = {}
    assert told(outbox.send(letters("anna"), one_line)) == [State.ACCEPTED]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("how", ["", None, "??? what", "354 go on", "250 fine" * 2000])
def test_trouble_after_the_text_is_doubt(
    outbox: Outbox, script: "Script", one_line: SmtpCarrier, letters: Letters, how: str | None
) -> None:
    """Whatever is no clear answer: nobody sends it again."""
    script.answers = {".": how}
    assert told(outbox.send(letters("anna"), one_line)) == [State.UNKNOWN]
    script.answers, script.heard = {}, []
    assert told(outbox.send(letters("anna"), one_line)) == [State.UNKNOWN]
    assert script.heard == []


def test_a_text_is_not_begun_without_permission(
    engine: Engine, outbox: Outbox, script: "Script", one_line: SmtpCarrier, letters: Letters
) -> None:
    """Dropped by a person after the claim: the connection is broken off at the server's invitation."""
    [outgoing] = letters("anna")
    row = messages.enqueue(engine, "portal", [outgoing.draft], NOW)[outgoing.draft]

    def drop_on_the_way() -> datetime:
        message_turns.lapse(engine, "portal", NOW + timedelta(days=1))
        assert messages.drop(engine, "portal", row.id, NOW)
        return NOW

    [sent] = outbox.send([outgoing], replace(one_line, now=drop_on_the_way))
    assert (sent.state, sent.reason) == (State.FAILED, messages.DROPPED)
    assert script.heard[-1] == "DATA"


def test_a_server_that_keeps_cutting_is_left_alone(
    outbox: Outbox, script: "Script", one_line: SmtpCarrier, letters: Letters
) -> None:
    """After a few losses in a row the rest is put off."""
    script.answers = {"RCPT": None}
    sent = outbox.send(letters(*"abcdef"), one_line)
    assert set(told(sent)) == {State.QUEUED}
    assert [one.reason for one in sent] == [LOST_BEFORE] * 3 + [WEARY] * 3
    assert script.heard.count("RCPT") == 3


def test_reasons_do_not_name_the_person(
    outbox: Outbox, script: "Script", one_line: SmtpCarrier, letters: Letters
) -> None:
    """Servers like to repeat the address, or its first half."""
    script.answers = {"RCPT": "550 <Anna@example.org>: user anna unknown"}
    [sent] = outbox.send(letters("anna"), one_line)
    assert sent.reason == "почтовый сервер отказал: 550 <<e-mail>>: user … unknown"
    script.answers = {".": "451 Come later, anna@example.org"}
    assert "anna" not in outbox.send(letters("anna2"), one_line)[0].reason
