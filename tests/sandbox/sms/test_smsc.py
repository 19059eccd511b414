"""SMSC as its documents describe it."""

from collections.abc import Callable
from decimal import Decimal

import httpx
import pytest

from backoffice.sandbox.sms.smsc import API_KEY
from backoffice.sandbox.world import World

Ask = Callable[..., httpx.Response]

ANNA = "79990000101"


def test_a_message_is_taken_under_the_senders_own_id(world: World, smsc: Ask) -> None:
    """`cost=3` adds the price and the money that is left."""
    answer = smsc("send", phones=f"+{ANNA}", mes="Ждём завтра", id="abc123", sender="Школа", cost="3").json()
    assert answer == {"id": "abc123", "cnt": 1, "cost": "4.50", "balance": "995.50"}
    [sms] = world.sms.messages
    assert (sms.phone, sms.text, sms.sender, sms.client_id) == (f"+{ANNA}", "Ждём завтра", "Школа", "abc123")


def test_without_an_id_the_provider_gives_one(smsc: Ask) -> None:
    """A number."""
    assert smsc("send", phones=ANNA, mes="Ждём").json() == {"id": 1, "cnt": 1}


def test_an_id_is_not_a_guard_against_twins(world: World, smsc: Ask) -> None:
    """Documented as not necessarily unique."""
    for _ in range(2):
        smsc("send", phones=ANNA, mes="Ждём", id="abc123")
    assert [sms.client_id for sms in world.sms.messages] == ["abc123", "abc123"]


def test_a_price_is_told_before_sending(world: World, smsc: Ask) -> None:
    """`cost=1` sends nothing."""
    assert smsc("send", phones=ANNA, mes="Ж" * 71, cost="1").json() == {"cost": "9.00", "cnt": 2}
    assert world.sms.messages == []


def test_a_key_instead_of_login_and_password(client: httpx.Client, world: World) -> None:
    """`apikey`."""
    params = {"apikey": API_KEY, "fmt": "3", "charset": "utf-8", "phones": ANNA, "mes": "Ждём"}
    client.get("/smsc.ru/sys/send.php", params=params)
    assert len(world.sms.messages) == 1


def test_without_a_charset_a_text_is_spoilt(world: World, smsc: Ask) -> None:
    """The provider takes it for windows-1251."""
    smsc("send", phones=ANNA, mes="Ждём", charset="")
    assert [sms.text for sms in world.sms.messages] == ["Р–РґС‘Рј"]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"psw": "wrong"}, 2),
        ({"mes": ""}, 1),
        ({"mes": "ж" * 1001}, 1),
        ({"phones": ""}, 1),
        ({"phones": "74990000101"}, 7),
    ],
)
def test_what_is_wrong_has_a_number(world: World, smsc: Ask, params: dict[str, str], code: int) -> None:
    """With HTTP status 200."""
    answer = smsc("send", **{"phones": ANNA, "mes": "Ждём", **params})
    assert (answer.status_code, answer.json()["error_code"], world.sms.messages) == (200, code, [])


def test_without_money_nothing_is_sent(world: World, smsc: Ask) -> None:
    """Asking for the price is free."""
    world.sms.balance = Decimal("1.00")
    assert smsc("send", phones=ANNA, mes="Ждём").json()["error_code"] == 3
    assert smsc("send", phones=ANNA, mes="Ждём", cost="1").json()["cnt"] == 1
    assert smsc("balance").json() == {"balance": "1.00"}


def test_a_status_follows_the_message(world: World, smsc: Ask) -> None:
    """Asked for by phone and id; the moment is Moscow's."""
    smsc("send", phones=ANNA, mes="Ждём", id="7")
    sent = smsc("status", phone=ANNA, id="7").json()
    assert sent == {"status": 0, "last_date": "02.03.2026 12:00:00", "last_timestamp": 1772442000}
    world.clock.advance(60)
    world.sms.move(world.sms.messages[0], "undelivered")
    failed = smsc("status", phone=ANNA, id="7").json()
    assert (failed["status"], failed["err"], failed["last_date"]) == (20, 1, "02.03.2026 12:01:00")


def test_a_message_that_was_not_sent_is_not_found(smsc: Ask) -> None:
    """Alone it is an error, in a list a status."""
    smsc("send", phones=ANNA, mes="Ждём", id="7")
    assert smsc("status", phone=ANNA, id="8").json()["error_code"] == 3
    several = smsc("status", phone=f"{ANNA},{ANNA}", id="7,8").json()
    assert [one["status"] for one in several] == [0, -3]
