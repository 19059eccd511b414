"""SMS: sent once through either gateway, and what becomes of those without an answer."""

import logging
from collections.abc import Callable
from decimal import Decimal

import pytest

from backoffice.rules.sending import Doubt, Outcome, State
from backoffice.sandbox.faults.fault import Fault, Kind
from backoffice.sandbox.sms.outbox import Status
from backoffice.sandbox.world import World
from backoffice.sms.carrier import SmsCarrier
from backoffice.sms.errors import SmsMisconfigured
from backoffice.sms.gateway import SmsGateway
from backoffice.sms.sms_ru import SmsRu
from backoffice.sms.smsc import Smsc
from backoffice.sms.wire import Wire
from tests.desk import Desk
from tests.sms.conftest import ANNA, BORIS, parcel

CarrierOf = Callable[[SmsGateway], SmsCarrier]
DoubtOf = Callable[..., Doubt]

SENDING = "sms/send sys/send.php"


def trouble(gateway: SmsGateway, kind: Kind, **more: int) -> Fault:
    """Strikes the request that sends: SMSC is asked for the price at the same address before it."""
    return Fault(kind=kind, methods=SENDING, start=2 if gateway.name == "smsc" else 1, times=1, **more)


def test_an_sms_is_sent_and_paid_for(world: World, gateway: SmsGateway, carrier_of: CarrierOf, desk: Desk) -> None:
    """The gateway has it under an id, the desk its price; it left only after the desk was asked."""
    carrier_of(gateway).carry([parcel(1)], desk)
    [sms] = world.sms.messages
    assert (sms.phone, sms.text, sms.sender) == (ANNA, "Занятие в 18:30", "Shkola")
    assert desk.left == [1]
    assert desk.settled == {1: Outcome(State.ACCEPTED, sms.provider_id, cost=Decimal("4.50"))}


def test_cyrillic_arrives_as_it_was_written(
    world: World, gateway: SmsGateway, carrier_of: CarrierOf, desk: Desk
) -> None:
    """Signs, quotes and pictures too; the gateway counts the same parts."""
    text = "«Ход конём» & co: 50% = 1 500 ₽ + ♟\n😀" * 3
    carrier_of(gateway).carry([parcel(1, text=text)], desk)
    assert world.sms.messages[0].text == text
    assert desk.settled[1].cost == world.sms.messages[0].segments * Decimal("4.50")


def test_what_somebody_else_sends_is_left_alone(
    world: World, gateway: SmsGateway, carrier_of: CarrierOf, desk: Desk
) -> None:
    """Not claimed, or lost at the last moment: nothing leaves and nothing is settled; the next one goes."""
    desk.taken, desk.lost = {1}, {2}
    carrier_of(gateway).carry([parcel(1), parcel(2), parcel(3, BORIS)], desk)
    assert [sms.phone for sms in world.sms.messages] == [BORIS]
    assert desk.settled.keys() == {3}


def test_a_refused_number_stops_nobody_else(
    world: World, gateway: SmsGateway, carrier_of: CarrierOf, desk: Desk
) -> None:
    """It failed for good, and says why."""
    world.faults.order(Fault(kind="sms_refuse", methods=ANNA))
    carrier_of(gateway).carry([parcel(1), parcel(2, BORIS)], desk)
    assert [sms.phone for sms in world.sms.messages] == [BORIS]
    assert desk.settled[1].state is State.FAILED
    assert "на этот номер" in desk.settled[1].reason


@pytest.mark.parametrize("kind", ["sms_no_money", "sms_later"])
def test_a_gateway_that_takes_nothing_now_is_asked_once(
    world: World, gateway: SmsGateway, carrier_of: CarrierOf, desk: Desk, kind: Kind
) -> None:
    """The first one waits with the reason, the rest was not even claimed; later they go."""
    world.faults.order(trouble(gateway, kind))
    carrier_of(gateway).carry([parcel(1), parcel(2, BORIS)], desk)
    assert world.sms.messages == []
    assert desk.settled[1].state is State.QUEUED
    assert desk.claimed == [1]
    carrier_of(gateway).carry([parcel(1), parcel(2, BORIS)], desk)
    assert [sms.phone for sms in world.sms.messages] == [ANNA, BORIS]


def test_a_wrong_key_is_no_trouble_of_the_message(
    world: World, sandbox: str, carrier_of: CarrierOf, desk: Desk
) -> None:
    """It waits with the reason, and whoever sends is told what to mend."""
    with pytest.raises(SmsMisconfigured, match="SMS_RU_API_ID"):
        carrier_of(SmsRu(Wire("sms.ru", f"{sandbox}/sms.ru"), "mistyped")).carry([parcel(1), parcel(2)], desk)
    assert (desk.settled[1].state, desk.claimed, world.sms.messages) == (State.QUEUED, [1], [])


def test_without_a_price_nothing_leaves(world: World, gateway: SmsGateway, carrier_of: CarrierOf, desk: Desk) -> None:
    """A gateway that is down already when asked for the price got nothing: the message waits."""
    world.faults.order(Fault(kind="sms_busy", times=1))
    carrier_of(gateway).carry([parcel(1)], desk)
    assert desk.left == []
    assert desk.settled[1].state is State.QUEUED


@pytest.mark.parametrize(("kind", "sent"), [("sms_cut_after", 1), ("sms_cut_before", 0), ("sms_broken_after", 1)])
def test_an_sms_without_an_answer_is_in_doubt(
    world: World, gateway: SmsGateway, carrier_of: CarrierOf, desk: Desk, kind: Kind, sent: int
) -> None:
    """Whether the gateway has it or not: it is not sent again, and the rest waits."""
    world.faults.order(trouble(gateway, kind))
    carrier_of(gateway).carry([parcel(1), parcel(2, BORIS)], desk)
    assert len(world.sms.messages) == sent
    assert desk.settled[1].state is State.UNKNOWN
    assert desk.claimed == [1]


@pytest.mark.parametrize("kind", ["sms_cut_after", "sms_broken_after"])
def test_smsc_tells_that_it_has_the_sms(
    world: World, smsc: Smsc, carrier_of: CarrierOf, desk: Desk, doubt_of: DoubtOf, kind: Kind
) -> None:
    """By the id that we gave it."""
    world.faults.order(trouble(smsc, kind))
    carrier = carrier_of(smsc)
    carrier.carry([parcel(1)], desk)
    outcome = carrier.ask([doubt_of(parcel(1))])[1]
    assert (outcome.state, outcome.provider_id) == (State.ACCEPTED, world.sms.messages[0].provider_id)


def test_what_smsc_never_got_may_be_sent_again(
    world: World, smsc: Smsc, carrier_of: CarrierOf, desk: Desk, doubt_of: DoubtOf
) -> None:
    """But not at once: the request may still be on its way."""
    world.faults.order(trouble(smsc, "sms_cut_before"))
    carrier = carrier_of(smsc)
    carrier.carry([parcel(1)], desk)
    assert carrier.ask([doubt_of(parcel(1), minutes=2)]) == {}
    assert carrier.ask([doubt_of(parcel(1))])[1].state is State.QUEUED


def test_an_sms_to_a_number_that_the_card_has_no_more_stays_in_doubt(
    world: World, smsc: Smsc, carrier_of: CarrierOf, desk: Desk, doubt_of: DoubtOf, phones: dict[int, list[str]]
) -> None:
    """Its status is told only by the number; not to know the message under another one proves nothing."""
    world.faults.order(trouble(smsc, "sms_cut_after"))
    carrier = carrier_of(smsc)
    carrier.carry([parcel(1)], desk)
    phones[1] = [BORIS]
    assert carrier.ask([doubt_of(parcel(1))]) == {}
    phones[1] = [BORIS, ANNA]
    assert carrier.ask([doubt_of(parcel(1))])[1].state is State.ACCEPTED


def test_after_a_crash_smsc_is_asked_under_every_number_of_the_card(
    world: World, smsc: Smsc, carrier_of: CarrierOf, desk: Desk, doubt_of: DoubtOf, phones: dict[int, list[str]]
) -> None:
    """Nothing was settled: what is found is sent; what is not stays in doubt, for the number may have been another."""
    carrier = carrier_of(smsc)
    carrier.carry([parcel(1)], desk)
    desk.settled.clear()
    phones[1] = [BORIS, ANNA]
    assert carrier.ask([doubt_of(parcel(1))])[1].state is State.ACCEPTED
    assert carrier.ask([doubt_of(parcel(2, BORIS))]) == {}


def test_sms_ru_cannot_tell_about_an_sms_without_an_answer(
    world: World, sms_ru: SmsRu, carrier_of: CarrierOf, desk: Desk, doubt_of: DoubtOf
) -> None:
    """It takes no id of ours; so a person decides."""
    world.faults.order(trouble(sms_ru, "sms_cut_after"))
    carrier = carrier_of(sms_ru)
    carrier.carry([parcel(1)], desk)
    desk.settled.clear()
    assert carrier.ask([doubt_of(parcel(1))]) == {}


def test_sms_ru_is_not_asked_by_a_name_that_it_did_not_give(
    world: World, sms_ru: SmsRu, carrier_of: CarrierOf, desk: Desk, doubt_of: DoubtOf
) -> None:
    """What was settled as doubtful has no id of the gateway's."""
    world.faults.order(trouble(sms_ru, "sms_cut_after"))
    carrier = carrier_of(sms_ru)
    carrier.carry([parcel(1)], desk)
    asked = len(world.log.rows())
    assert carrier.ask([doubt_of(parcel(1))]) == {}
    assert len(world.log.rows()) == asked


@pytest.fixture
def ask_again(gateway: SmsGateway, carrier_of: CarrierOf, desk: Desk, doubt_of: DoubtOf) -> Callable[[], Outcome]:
    """What the gateway tells about a message that it has accepted."""
    carrier = carrier_of(gateway)
    carrier.carry([parcel(1)], desk)
    return lambda: carrier.ask([doubt_of(parcel(1))])[1]


STATES: list[tuple[Status, State]] = [
    ("queued", State.ACCEPTED),
    ("delivered", State.DELIVERED),
    ("undelivered", State.FAILED),
]


@pytest.mark.parametrize(("status", "state"), STATES)
def test_the_gateway_tells_what_became_of_an_accepted_sms(
    world: World, ask_again: Callable[[], Outcome], status: Status, state: State
) -> None:
    """On its way, delivered, or failed with the reason."""
    world.sms.move(world.sms.messages[0], status)
    outcome = ask_again()
    assert outcome.state is state
    assert bool(outcome.reason) == (state is State.FAILED)


def test_an_accepted_sms_that_the_gateway_has_forgotten_is_not_sent_again(
    world: World, gateway: SmsGateway, carrier_of: CarrierOf, desk: Desk, doubt_of: DoubtOf
) -> None:
    """Gateways do not keep messages for ever."""
    carrier = carrier_of(gateway)
    carrier.carry([parcel(1)], desk)
    world.sms.clear()
    assert carrier.ask([doubt_of(parcel(1), minutes=10_000)]) == {}


def test_a_silent_gateway_leaves_doubts_as_they_are(
    world: World, smsc: Smsc, carrier_of: CarrierOf, desk: Desk, doubt_of: DoubtOf
) -> None:
    """An outage is not «no such message»."""
    carrier = carrier_of(smsc)
    world.faults.order(trouble(smsc, "sms_cut_before"))
    carrier.carry([parcel(1)], desk)
    world.faults.order(Fault(kind="sms_busy"))
    assert carrier.ask([doubt_of(parcel(1))]) == {}


def test_neither_key_nor_number_nor_text_gets_into_logs_and_reasons(
    world: World, gateway: SmsGateway, carrier_of: CarrierOf, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever goes wrong; httpx logs addresses, and the key is in none."""
    caplog.set_level(logging.DEBUG)
    for kind in ("sms_refuse", "sms_no_money", "sms_cut_after", "sms_broken_after"):
        world.faults.order(trouble(gateway, kind))
        carrier_of(gateway).carry([parcel(1)], desk)
        said = caplog.text + desk.settled[1].reason
        assert not any(secret in said for secret in ("sandbox-sm", "79990000101", "18:30"))
