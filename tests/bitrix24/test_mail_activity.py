"""Letters that the portal sends itself: each leaves once, and what is left of the others is cleared away."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.mail_activity import ActivityCarrier
from backoffice.rules.sending import Doubt, Draft, Letter, Outcome, Parcel, State, stamp_of
from backoffice.sandbox.faults.fault import Fault, RequestKind
from backoffice.sandbox.world import World
from tests.desk import Desk

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire

SENDER = "Учебный центр <info@example.org>"


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def carrier(portal: Portal) -> ActivityCarrier:
    return ActivityCarrier(portal, SENDER)


@pytest.fixture
def parcel(portal: Portal) -> Callable[..., Parcel[Letter]]:
    """parcel(): a letter to a new contact about a new deal of manager 2; `to`, `html`, `deal_id` may be told."""
    numbers = itertools.count(1)

    def make(to: str = "anna@example.org", html: str = "<p>Ждём вас</p>", deal_id: int = 0) -> Parcel[Letter]:
        number = next(numbers)
        contact = portal.call("crm.contact.add", fields={"NAME": "Анна"})
        deal_id = deal_id or portal.call("crm.deal.add", fields={"TITLE": "Курс", "ASSIGNED_BY_ID": 2})
        draft = Draft("email", "lesson_reminders", f"lesson-{number}", "занятие", deal_id, contact)
        letter = Letter(to, "Анна", "Занятие завтра", "Ждём вас", html)
        return Parcel(number, stamp_of("portal", draft, 0), draft, letter)

    return make


def addressees(world: World) -> list[str]:
    return [letter.recipients[0] for letter in world.mailbox.letters]


def activities(world: World) -> list[dict[str, Any]]:
    return [item.values for item in world.portal.crm.activities.table]


def doubt(world: World, one: Parcel[Letter], seconds: float = 75) -> Doubt:
    """The message as our store has it so many seconds after it left."""
    return Doubt(one.id, one.stamp, one.draft, world.clock.now() - timedelta(seconds=seconds))


def test_a_letter_leaves_and_stands_in_the_deal(
    world: World, carrier: ActivityCarrier, desk: Desk, parcel: Callable[..., Parcel[Letter]]
) -> None:
    """From the sender of portal.toml to the addressee alone; the activity has our stamp and the deal's manager."""
    one = parcel()
    carrier.carry([one], desk)
    [letter], [activity] = world.mailbox.letters, activities(world)
    assert (letter.via, letter.sender, letter.recipients) == ("portal", SENDER, ("anna@example.org",))
    assert (letter.subject, letter.html) == ("Занятие завтра", "<p>Ждём вас</p>")
    assert (activity["OWNER_TYPE_ID"], activity["OWNER_ID"]) == (2, one.draft.deal_id)
    assert (activity["ORIGIN_ID"], activity["RESPONSIBLE_ID"]) == (one.stamp, 2)
    assert desk.settled == {1: Outcome(State.ACCEPTED, "1")}


def test_without_a_page_the_text_goes(
    world: World, carrier: ActivityCarrier, desk: Desk, parcel: Callable[..., Parcel[Letter]]
) -> None:
    """As plain text."""
    carrier.carry([parcel(html="")], desk)
    assert (world.mailbox.letters[0].text, world.mailbox.letters[0].html) == ("Ждём вас", "")


def test_without_a_sender_the_manager_writes(
    world: World, portal: Portal, desk: Desk, parcel: Callable[..., Parcel[Letter]]
) -> None:
    """The portal takes the mailbox of the person responsible for the deal."""
    ActivityCarrier(portal).carry([parcel()], desk)
    assert world.portal.users[2].email in world.mailbox.letters[0].sender


def test_many_letters_go_in_few_requests(
    world: World, wire: "Wire", carrier: ActivityCarrier, desk: Desk, parcel: Callable[..., Parcel[Letter]]
) -> None:
    """One for those responsible, and one for as many letters as the portal can send in it."""
    letters = [parcel(f"person{number}@example.org") for number in range(60)]
    wire.sent.clear()
    carrier.carry(letters, desk)
    assert addressees(world) == [letter.content.to for letter in letters]
    assert wire.methods() == ["batch"] * 4
    assert all(outcome.state is State.ACCEPTED for outcome in desk.settled.values())


def test_what_somebody_else_sends_is_left_alone(
    world: World, carrier: ActivityCarrier, desk: Desk, parcel: Callable[..., Parcel[Letter]]
) -> None:
    """Not claimed, or lost while waiting for the turn: the others of the same request leave without them."""
    letters = [parcel(f"person{number}@example.org") for number in range(4)]
    desk.taken, desk.lost = {1}, {3}
    carrier.carry(letters, desk)
    assert addressees(world) == ["person1@example.org", "person3@example.org"]
    assert desk.settled.keys() == {2, 4}


def test_a_letter_without_a_deal_is_refused(
    world: World, carrier: ActivityCarrier, desk: Desk, parcel: Callable[..., Parcel[Letter]]
) -> None:
    """The deal was deleted meanwhile; the others go."""
    carrier.carry([parcel(deal_id=99), parcel()], desk)
    assert len(world.mailbox.letters) == 1
    assert desk.settled[1].state is State.FAILED
    assert desk.settled[2].state is State.ACCEPTED


def test_the_activity_of_a_letter_that_was_not_sent_is_deleted(
    world: World, carrier: ActivityCarrier, desk: Desk, parcel: Callable[..., Parcel[Letter]]
) -> None:
    """The error comes after the activity is there; a wrong address is wrong for good; the reason keeps it back."""
    carrier.carry([parcel("не адрес@"), parcel("boris@example.org")], desk)
    assert addressees(world) == ["boris@example.org"]
    assert [activity["COMMUNICATIONS"][0].value for activity in activities(world)] == ["boris@example.org"]
    assert desk.settled[1].state is State.FAILED
    assert "адрес@" not in desk.settled[1].reason


def test_a_portal_without_a_mailbox_is_tried_again(
    world: World, portal: Portal, desk: Desk, parcel: Callable[..., Parcel[Letter]]
) -> None:
    """«From» is for the administrator to mend: nothing is left behind, and the letter leaves once that is done."""
    world.portal.config.employees_have_mailboxes = False
    one = parcel()
    ActivityCarrier(portal).carry([one], desk)
    assert desk.settled[1].state is State.QUEUED
    assert "From" in desk.settled[1].reason
    assert activities(world) == []
    ActivityCarrier(portal, SENDER).carry([one], desk)
    assert addressees(world) == ["anna@example.org"]


@pytest.mark.parametrize("fault", ["cut_before", "cut_after"])
def test_an_activity_that_could_not_be_deleted_is_told_of(
    world: World, carrier: ActivityCarrier, desk: Desk, parcel: Callable[..., Parcel[Letter]], fault: RequestKind
) -> None:
    """Its message failed: were it tried again, the activity would some day be taken for a letter that was sent."""
    world.faults.order(Fault(kind=fault, methods="crm.activity.delete"))
    carrier.carry([parcel("не адрес@")], desk)
    assert desk.settled[1].state is State.FAILED
    assert "удалите" in desk.settled[1].reason


@pytest.mark.parametrize(("fault", "sent"), [("cut_after", 1), ("broken_after", 1), ("cut_before", 0), ("html_500", 0)])
def test_a_letter_without_an_answer_is_in_doubt_until_the_portal_is_asked(
    world: World,
    carrier: ActivityCarrier,
    desk: Desk,
    parcel: Callable[..., Parcel[Letter]],
    fault: RequestKind,
    sent: int,
) -> None:
    """It left if its activity stands in the deal; if not, it certainly did not, and leaves once with a later run."""
    one = parcel()
    world.faults.order(Fault(kind=fault, methods="crm.activity.add", times=1))
    carrier.carry([one], desk)
    assert desk.settled[1].state is State.UNKNOWN
    assert len(world.mailbox.letters) == sent
    told = carrier.ask([doubt(world, one)])[1]
    assert told.state is (State.ACCEPTED if sent else State.QUEUED)
    if told.state is State.QUEUED:
        carrier.carry([one], desk)
    assert addressees(world) == ["anna@example.org"]


def test_after_a_request_without_an_answer_the_rest_is_not_touched(
    world: World, carrier: ActivityCarrier, desk: Desk, parcel: Callable[..., Parcel[Letter]]
) -> None:
    """Each of them would wait a minute for nothing and be in doubt after it."""
    letters = [parcel() for _ in range(60)]
    world.faults.order(Fault(kind="cut_before", methods="crm.activity.add"))
    carrier.carry(letters, desk)
    assert desk.claimed == [one.id for one in letters[:50]]
    assert {outcome.state for outcome in desk.settled.values()} == {State.UNKNOWN, State.QUEUED}


def test_the_portal_may_still_be_sending(
    world: World, carrier: ActivityCarrier, desk: Desk, parcel: Callable[..., Parcel[Letter]]
) -> None:
    """A request may be executed up to 70 s after its connection broke: before that, absence proves nothing."""
    one = parcel()
    world.faults.order(Fault(kind="late_write", methods="crm.activity.add", times=1, seconds=40))
    carrier.carry([one], desk)
    assert carrier.ask([doubt(world, one, seconds=30)]) == {}
    world.clock.advance(60)
    assert carrier.ask([doubt(world, one)])[1].state is State.ACCEPTED
    assert addressees(world) == ["anna@example.org"]


def test_only_some_of_a_request_may_have_left(
    world: World, carrier: ActivityCarrier, desk: Desk, parcel: Callable[..., Parcel[Letter]]
) -> None:
    """The connection broke in the middle: the portal tells for each letter."""
    letters = [parcel(f"person{number}@example.org") for number in range(4)]
    world.faults.order(Fault(kind="cut_midway", methods="crm.activity.add", times=1))
    carrier.carry(letters, desk)
    told = carrier.ask([doubt(world, one) for one in letters])
    again = [one for one in letters if told[one.id].state is State.QUEUED]
    assert 0 < len(again) < 4
    carrier.carry(again, desk)
    assert sorted(addressees(world)) == [one.content.to for one in letters]


@pytest.mark.parametrize("finds_origins", [True, False])
def test_the_letter_is_found_among_many_of_its_deal(
    world: World,
    portal: Portal,
    carrier: ActivityCarrier,
    desk: Desk,
    parcel: Callable[..., Parcel[Letter]],
    finds_origins: bool,
) -> None:
    """Under a hundred newer activities, and whatever the portal filters by."""
    world.portal.config.activity_list_finds_origins = finds_origins
    one = parcel()
    carrier.carry([one], desk)
    for _ in range(2):
        todo = {"OWNER_TYPE_ID": 2, "OWNER_ID": one.draft.deal_id, "TYPE_ID": 1, "SUBJECT": "Встреча"}
        for _ in range(30):
            portal.call("crm.activity.add", fields={**todo, "COMMUNICATIONS": [{"VALUE": "Анна"}], "RESPONSIBLE_ID": 2})
    other = parcel(deal_id=one.draft.deal_id or 0)
    told = carrier.ask([doubt(world, one), doubt(world, other)])
    assert (told[one.id].state, told[one.id].provider_id) == (State.ACCEPTED, "1")
    assert told[other.id].state is State.QUEUED


def test_a_deal_that_cannot_be_read_leaves_the_doubt(
    world: World, carrier: ActivityCarrier, parcel: Callable[..., Parcel[Letter]]
) -> None:
    """An outage is not «there is no such activity»."""
    one = parcel()
    world.faults.order(Fault(kind="cut_before", methods="crm.activity.list"))
    assert carrier.ask([doubt(world, one)]) == {}


def test_a_portal_that_takes_nothing_now_loses_nothing(
    world: World, carrier: ActivityCarrier, desk: Desk, parcel: Callable[..., Parcel[Letter]]
) -> None:
    """Its «later» is obeyed, and the desk asked again before the second attempt."""
    world.faults.order(Fault(kind="busy", methods="crm.activity.add", times=1))
    carrier.carry([parcel()], desk)
    assert desk.left == [1, 1]
    assert addressees(world) == ["anna@example.org"]
