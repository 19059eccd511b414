"""Notifications inside the portal: a repeated one replaces itself."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.notes import NoteCarrier
from backoffice.rules.sending import Doubt, Draft, Note, Outcome, Parcel, State, stamp_of
from backoffice.sandbox.faults.fault import Fault, RequestKind
from backoffice.sandbox.world import World
from tests.desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def carrier(portal: Portal) -> NoteCarrier:
    return NoteCarrier(portal)


@pytest.fixture
def shown(world: World) -> Callable[[], list[tuple[int, str]]]:
    """User and text of every notification in the portal."""
    return lambda: [(one.user_id, one.message) for one in world.portal.notifications.values()]


def parcel(number: int, user_id: int = 2) -> Parcel[Note]:
    draft = Draft("note", "lesson_reminders", f"no-address-{number}", "нет адреса", deal_id=number)
    return Parcel(number, stamp_of("portal", draft, 0), draft, Note(user_id, f"Нет адреса, сделка {number}"))


def test_a_note_reaches_its_user(carrier: NoteCarrier, desk: Desk, shown: Callable[[], list[tuple[int, str]]]) -> None:
    """Many in one request; different notes to one user do not replace each other."""
    carrier.carry([parcel(1), parcel(2)], desk)
    assert shown() == [(2, "Нет адреса, сделка 1"), (2, "Нет адреса, сделка 2")]
    assert {outcome.state for outcome in desk.settled.values()} == {State.ACCEPTED}


@pytest.mark.parametrize("fault", ["cut_after", "cut_before", "broken_after", "html_500"])
def test_a_note_without_an_answer_goes_again_and_stands_once(
    world: World, carrier: NoteCarrier, desk: Desk, shown: Callable[[], list[tuple[int, str]]], fault: RequestKind
) -> None:
    """The second one replaces the first, if that had arrived."""
    world.faults.order(Fault(kind=fault, methods="im.notify.*", times=1))
    carrier.carry([parcel(1)], desk)
    assert desk.settled[1].state is State.QUEUED
    carrier.carry([parcel(1)], desk)
    assert shown() == [(2, "Нет адреса, сделка 1")]
    assert {outcome.state for outcome in desk.settled.values()} == {State.ACCEPTED}


def test_a_note_lost_in_a_crash_goes_again(world: World, carrier: NoteCarrier) -> None:
    """Nothing was settled; to send it again does no harm. One that the portal named is not asked about."""
    one, left_at = parcel(1), world.clock.now() - timedelta(minutes=5)
    assert carrier.ask([Doubt(1, one.stamp, one.draft, left_at)])[1].state is State.QUEUED
    assert carrier.ask([Doubt(1, one.stamp, one.draft, left_at, "17")]) == {}


def test_a_note_for_a_user_there_is_not_fails(carrier: NoteCarrier, desk: Desk) -> None:
    """The portal says false and no more."""
    carrier.carry([parcel(1, user_id=77), parcel(2)], desk)
    assert desk.settled[1] == Outcome(State.FAILED, reason="портал не создал уведомление для пользователя 77")
    assert desk.settled[2].state is State.ACCEPTED


def test_a_webhook_without_the_scope_waits_for_the_administrator(
    world: World, carrier: NoteCarrier, desk: Desk
) -> None:
    """The reason says what is not allowed."""
    world.portal.config.scopes = ("crm",)
    carrier.carry([parcel(1)], desk)
    assert desk.settled[1].state is State.QUEUED
    assert "не разрешает" in desk.settled[1].reason
