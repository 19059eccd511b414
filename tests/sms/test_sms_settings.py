"""Which gateway an installation uses."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from backoffice import connections
from backoffice.rules.sending import Doubt, State
from backoffice.sandbox.faults.fault import Fault
from backoffice.sandbox.sms import sms_ru, smsc
from backoffice.sandbox.world import World
from backoffice.settings import SettingMissing, settings
from tests.desk import Desk
from tests.sms.conftest import ANNA, parcel


@pytest.fixture
def use(connected: None, sandbox: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """use(NAME=value): settings of the installation."""

    def use(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value.format(sandbox=sandbox))
        settings.cache_clear()

    return use


def test_without_a_provider_nobody_carries_sms(connected: None) -> None:
    """The default: no SMS."""
    assert connections.sms_carrier() is None


@pytest.mark.parametrize(("provider", "missing"), [("sms.ru", "SMS_RU_API_ID"), ("smsc", "SMSC_LOGIN")])
def test_a_provider_needs_its_credentials(use: Callable[..., None], provider: str, missing: str) -> None:
    """The message names what is missing."""
    use(SMS_PROVIDER=provider)
    with pytest.raises(SettingMissing, match=missing):
        connections.sms_carrier()


def test_sms_ru_carries_what_the_installation_sends(world: World, use: Callable[..., None]) -> None:
    """With its key, at the address of the settings."""
    use(SMS_PROVIDER="sms.ru", SMS_RU_API_ID=sms_ru.API_ID, SMS_API_URL="{sandbox}/sms.ru")
    carrier, desk = connections.sms_carrier(), Desk()
    assert carrier is not None
    carrier.carry([parcel(1)], desk)
    assert (carrier.name, world.sms.messages[0].phone) == ("sms.ru", ANNA)


def test_smsc_is_asked_under_the_numbers_that_the_cards_show(world: World, use: Callable[..., None]) -> None:
    """They are read from the portal in the moment of asking, however people wrote them."""
    use(SMS_PROVIDER="smsc", SMSC_LOGIN=smsc.LOGIN, SMSC_PASSWORD=smsc.PASSWORD, SMS_API_URL="{sandbox}/smsc.ru")
    carrier, desk = connections.sms_carrier(), Desk()
    assert carrier is not None
    with connections.portal() as portal:
        phones = [{"VALUE": "12"}, {"VALUE": "8 (999) 000-01-01"}]
        contact = portal.call("crm.contact.add", fields={"NAME": "Анна", "PHONE": phones})
    world.faults.order(Fault(kind="sms_cut_after", methods="sys/send.php", start=2, times=1))
    carrier.carry([parcel(contact)], desk)
    one, left_at = parcel(contact), world.clock.now() - timedelta(minutes=1)
    told = carrier.ask([Doubt(one.id, one.stamp, one.draft, left_at, desk.settled[one.id].provider_id)])
    assert told[one.id].state is State.ACCEPTED
