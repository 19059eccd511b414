"""Any interleaving of sweeps, of people at the portal, of deaths and of troubles sends each reminder at most once."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, get_args

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from backoffice import connections
from backoffice.bitrix24.errors import PortalError
from backoffice.rules.lesson_report import SendingFailed
from backoffice.rules.sending import State, stamp_of
from backoffice.sandbox.bitrix24.config import PORTAL_ZONE
from backoffice.sandbox.faults.fault import Fault, MailKind, RequestKind
from backoffice.store import messages
from backoffice.store.messages import DROPPED, Message
from tasks.messages import Decision, DecisionRefused, decide_message
from tests.chaos.lessons.classroom import CHANGES, MINUTE, Change, Classroom, Ground

if TYPE_CHECKING:
    from tests.chaos.lessons.conftest import Office

EXAMPLES, STEPS = 20, 20
LEAD = timedelta(hours=2)
MAIL_TROUBLES: tuple[MailKind, ...] = get_args(MailKind)
PORTAL_TROUBLES: tuple[RequestKind, ...] = (
    "busy",
    "operating_time",
    "html_500",
    "broken_after",
    "slow",
    "cut_after",
    "cut_before",
    "late_write",
    "cut_midway",
    "short_answer",
    "bad_page",
)
TROUBLE = (PortalError, SendingFailed)
DOUBTFUL_STEPS = ("text before", "half the text sent", "text sent")
MINUTES = st.sampled_from([0, 1, 5, 15])
MAIL_FAULTS = st.builds(
    Fault,
    kind=st.sampled_from(MAIL_TROUBLES),
    methods=st.sampled_from(["smtp", "person0@*", "person1@*"]),
    times=st.integers(1, 3),
)
PORTAL_FAULTS = st.builds(
    Fault,
    kind=st.sampled_from(PORTAL_TROUBLES),
    methods=st.sampled_from(["*", "*.add"]),
    times=st.integers(1, 2),
    start=st.integers(1, 8),
    seed=st.just("ash"),
)


class Reminding(RuleBasedStateMachine):
    office: "Office"
    reach: Callable[[bool], None]

    @initialize()
    def begin(self) -> None:
        self.classroom = Classroom(self.office.world, self.office.open_anew())
        self.reach(True)
        self.closed: set[int] = set()
        self.seen = 0
        self.office.sweep()

    @property
    def now(self) -> datetime:
        return self.office.world.clock.now()

    @rule(change=CHANGES)
    def change(self, change: Change) -> None:
        self.classroom.change(change)

    @rule(reachable=st.booleans())
    def plug(self, reachable: bool) -> None:
        """The mail server is down, or up."""
        self.reach(reachable)

    @rule(minutes=MINUTES)
    def sweep(self, minutes: int) -> None:
        self._sweep(minutes)

    @rule(minutes=MINUTES, dies_at=st.integers(5, 95) | st.sampled_from(DOUBTFUL_STEPS))
    def sweep_that_dies(self, minutes: int, dies_at: int | str) -> None:
        self._sweep(minutes, dies_at=dies_at)

    @rule(minutes=MINUTES, fault=MAIL_FAULTS)
    def sweep_with_trouble_in_the_mail(self, minutes: int, fault: Fault) -> None:
        self.office.world.faults.order(fault)
        self._sweep(minutes)

    @rule(minutes=MINUTES, mail=MAIL_FAULTS, portal=PORTAL_FAULTS)
    def sweep_with_trouble_everywhere(self, minutes: int, mail: Fault, portal: Fault) -> None:
        self.office.world.faults.order(mail, portal)
        self._sweep(minutes)

    @rule(minutes=MINUTES, step=st.integers(1, 60), change=CHANGES)
    def sweep_while_somebody_works(self, minutes: int, step: int, change: Change) -> None:
        self._sweep(minutes, meanwhile=(step, lambda: self.classroom.change(change)))

    @rule(dies_at=st.none() | st.integers(1, 40))
    def rebuild(self, dies_at: int | None) -> None:
        if self._sweep(0, dies_at=dies_at, which="rebuild"):
            self.classroom.untraced = False

    @precondition(lambda self: self.seen)
    @rule(number=st.integers(0, 8), decision=st.sampled_from(get_args(Decision)))
    def decide(self, number: int, decision: Decision) -> None:
        """A person decides about one of the letters."""
        known = self.office.letters()
        message = known[number % len(known)]
        self.office.life.begin()
        try:
            decide_message.fn(message.id, decision)
        except DecisionRefused:
            return
        self.closed -= {message.id}
        self.closed |= {message.id} if decision == "sent" else set()

    def _sweep(self, minutes: int, **how: Any) -> bool:
        """So much later; whether it came to its end. Every letter that came had its ground before or after it."""
        self.office.pass_by(minutes * MINUTE)
        before = self.classroom.grounds()
        try:
            lived = self.office.sweep(**how)
        except TROUBLE:
            lived = False
        self._check_newcomers(before | self.classroom.grounds())
        self._check_store()
        return lived

    def _check_newcomers(self, grounds: set[Ground]) -> None:
        arrived = self.office.world.mailbox.all()
        known = {id_: message for message in self.office.letters() for id_ in _message_ids(message)}
        for letter in arrived[self.seen :]:
            message = known[letter.message_id]
            ground = _ground(message.key)
            _, course_id, start, contact_id = ground
            assert ground in grounds, f"{message.key} at {letter.at}"
            assert start - LEAD <= letter.at < start
            assert letter.recipients == (self.classroom.person(contact_id).address,)
            course = self.classroom.course(course_id)
            assert course.name in letter.subject
            assert f"{start.astimezone(PORTAL_ZONE):%H:%M}" in letter.subject
        self.seen = len(arrived)

    def _check_store(self) -> None:
        came = self.office.came()
        assert not came or max(came.values()) == 1
        for message in self.office.letters():
            self._check(message, came)

    def _check(self, message: Message, came: Counter[str]) -> None:
        arrived = came[_message_ids(message)[-1]]
        if message.state == State.ACCEPTED:
            assert arrived == 1 or message.id in self.closed
        if message.state == State.QUEUED or (message.state == State.FAILED and message.reason != DROPPED):
            assert arrived == 0

    def teardown(self) -> None:
        """Nothing troubles any more: what has its ground until the lesson is sent, or a person is told."""
        if not hasattr(self, "classroom"):
            return
        self.office.world.faults.clear()
        self.reach(True)
        self.office.pass_by(5 * MINUTE)
        if self.classroom.untraced:
            assert self._sweep(0, which="rebuild")
        calm_since = self.now
        ahead = {ground for ground in self.classroom.grounds() if ground[2] > calm_since + 20 * MINUTE}
        for start in sorted({ground[2] for ground in ahead}):
            self._be_there(start)
        for ground in ahead:
            self._is_told(ground, calm_since)

    def _be_there(self, start: datetime) -> None:
        self.office.world.clock.move_to(max(self.now, start - LEAD))
        for _ in range(3):
            self.office.pass_by(5 * MINUTE)
            assert self.office.sweep()
        self._check_newcomers(self.classroom.grounds())
        self._check_store()

    def _is_told(self, ground: Ground, calm_since: datetime) -> None:
        deal, course, start, contact = ground
        person = self.classroom.person(contact)
        key = f"{deal}:{course}:{start:%Y%m%dT%H%M%SZ}:{contact}:120"
        message = next((one for one in self.office.letters() if one.key == key), None)
        if message is None:
            assert not person.email
            assert self._notes(f"no-address:{deal}:{contact}"), f"{key} has no letter and no note"
            return
        state = State(message.state)
        if state is State.QUEUED:
            assert not person.email
        elif state is State.FAILED:
            assert message.reason
            assert message.reason == DROPPED or self._notes(f"not-sent:{deal}:{contact}:"), f"{key} failed silently"
        elif state is State.UNKNOWN:
            assert message.left_at is not None
            assert message.left_at < calm_since
            assert message.id in self.office.listed()
        else:
            assert state is State.ACCEPTED

    def _notes(self, beginning: str) -> list[Message]:
        """Notes of such keys that the portal shows."""
        shown = {one.tag for one in self.office.world.portal.notifications.values()}
        every = messages.in_state(connections.store(), connections.portal_host(), *State)
        return [one for one in every if one.key.startswith(beginning) and one.stamp in shown]


def _message_ids(message: Message) -> list[str]:
    """Of all its sendings, the last one's last."""
    return [
        f"<{stamp_of(message.portal, message.draft, release)}@example.org>" for release in range(message.releases + 1)
    ]


def _ground(key: str) -> Ground:
    deal, course, start, contact, _ = key.split(":")
    return int(deal), int(course), datetime.strptime(start, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC), int(contact)


def test_no_interleaving_sends_twice_or_forgets(
    office: "Office", monkeypatch: pytest.MonkeyPatch, mail_server: tuple[str, int]
) -> None:
    """Nothing goes without its ground, nothing goes twice, and what did not go a person is told of."""
    from backoffice.settings import settings as ours

    def reach(reachable: bool) -> None:
        monkeypatch.setenv("SMTP_PORT", str(mail_server[1] if reachable else 1))
        ours.cache_clear()

    machine = type("RemindingHere", (Reminding,), {"office": office, "reach": staticmethod(reach)})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None)
    )
