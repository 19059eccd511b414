"""Both gateways in a box, and messages for them."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from backoffice.rules.sending import Doubt, Draft, Parcel, Sms, stamp_of
from backoffice.sandbox.sms import sms_ru as box_sms_ru
from backoffice.sandbox.sms import smsc as box_smsc
from backoffice.sandbox.world import World
from backoffice.sms.carrier import SmsCarrier
from backoffice.sms.gateway import SmsGateway
from backoffice.sms.sms_ru import SmsRu
from backoffice.sms.smsc import Smsc
from backoffice.sms.wire import Wire
from tests.desk import Desk

ANNA, BORIS = "+79990000101", "+79990000102"


def parcel(number: int, phone: str = ANNA, text: str = "Занятие в 18:30") -> Parcel[Sms]:
    """A reminder about a lesson of contact `number`."""
    draft = Draft("sms", "lesson_reminders", f"lesson-{number}", "занятие", deal_id=number, contact_id=number)
    return Parcel(number, stamp_of("portal", draft, 0), draft, Sms(phone, text))


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def phones() -> dict[int, list[str]]:
    """What the contacts' cards show."""
    return {1: [ANNA], 2: [BORIS]}


@pytest.fixture
def sms_ru(sandbox: str) -> SmsRu:
    return SmsRu(Wire("sms.ru", f"{sandbox}/sms.ru"), box_sms_ru.API_ID, "Shkola")


@pytest.fixture
def smsc(sandbox: str) -> Smsc:
    return Smsc(Wire("smsc", f"{sandbox}/smsc.ru"), box_smsc.LOGIN, box_smsc.PASSWORD, "Shkola")


@pytest.fixture(params=["sms_ru", "smsc"])
def gateway(request: pytest.FixtureRequest) -> SmsGateway:
    """Each of the gateways in turn."""
    chosen: SmsGateway = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
def carrier_of(world: World, phones: dict[int, list[str]]) -> Callable[[SmsGateway], SmsCarrier]:
    return lambda gateway: SmsCarrier(gateway, lambda _: phones, world.clock.now)


@pytest.fixture
def doubt_of(world: World, desk: Desk) -> Callable[..., Doubt]:
    """doubt_of(parcel, minutes): a message without an answer, as our store has it so many minutes after it left."""

    def doubt(one: Parcel[Sms], minutes: float = 15) -> Doubt:
        left_at = world.clock.now() - timedelta(minutes=minutes)
        provider_id = desk.settled[one.id].provider_id if one.id in desk.settled else ""
        return Doubt(one.id, one.stamp, one.draft, left_at, provider_id)

    return doubt
