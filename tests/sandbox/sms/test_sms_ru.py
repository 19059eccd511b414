"""SMS.RU as its documents describe it."""

from collections.abc import Callable
from decimal import Decimal

import httpx
import pytest

from backoffice.sandbox.sms.sms_ru import API_ID
from backoffice.sandbox.world import World

Ask = Callable[..., httpx.Response]

ANNA, BORIS = "79990000101", "79990000102"


def test_a_message_is_taken_and_paid(world: World, sms_ru: Ask) -> None:
    """The answer names its id and what money is left."""
    answer = sms_ru("sms/send", to=ANNA, msg="Завтра занятие в 19:00").json()
    assert (answer["status"], answer["status_code"], answer["balance"]) == ("OK", 100, 995.5)
    [sms] = world.sms.messages
    assert answer["sms"] == {ANNA: {"status": "OK", "status_code": 100, "sms_id": sms.provider_id}}
    assert (sms.phone, sms.text, sms.provider, sms.status) == (f"+{ANNA}", "Завтра занятие в 19:00", "sms.ru", "queued")
    assert (sms.segments, sms.cost, sms.at) == (1, Decimal("4.50"), world.clock.now())


def test_different_texts_in_one_request(world: World, sms_ru: Ask) -> None:
    """`to[number]=text`."""
    sms_ru("sms/send", **{f"to[{ANNA}]": "Анна, ждём", f"to[{BORIS}]": "Борис, ждём"})
    assert [(sms.phone, sms.text) for sms in world.sms.messages] == [
        (f"+{ANNA}", "Анна, ждём"),
        (f"+{BORIS}", "Борис, ждём"),
    ]


def test_twins_are_kept_as_twins(world: World, sms_ru: Ask) -> None:
    """Whoever sends twice is seen to have done so, and pays twice."""
    for _ in range(2):
        sms_ru("sms/send", to=ANNA, msg="Завтра занятие")
    assert len(world.sms.to(f"+{ANNA}")) == 2
    assert world.sms.balance == Decimal("991.00")


def test_a_query_is_as_good_as_a_form(world: World, client: httpx.Client) -> None:
    """The examples of the documents are addresses."""
    client.get("/sms.ru/sms/send", params={"api_id": API_ID, "json": 1, "to": ANNA, "msg": "Ждём"})
    assert len(world.sms.messages) == 1


def test_the_test_mode_sends_nothing(world: World, sms_ru: Ask) -> None:
    """It answers as if it did."""
    answer = sms_ru("sms/send", to=ANNA, msg="Ждём", test="1").json()
    assert (answer["sms"][ANNA]["status"], answer["balance"], world.sms.messages) == ("OK", 1000.0, [])


@pytest.mark.parametrize(
    ("to", "text", "code"),
    [("74990000101", "Ждём", 207), ("7999", "Ждём", 202), (ANNA, "", 203), (ANNA, "Ж" * 600, 205)],
)
def test_a_number_is_refused(world: World, sms_ru: Ask, to: str, text: str, code: int) -> None:
    """The request as a whole is in order."""
    answer = sms_ru("sms/send", to=to, msg=text).json()
    assert (answer["status_code"], answer["sms"][to]["status_code"]) == (100, code)
    assert (answer["sms"][to]["status"], world.sms.messages) == ("ERROR", [])


@pytest.mark.parametrize(("key", "code"), [("wrong", 200), ("", 301)])
def test_a_wrong_key_is_refused(world: World, sms_ru: Ask, key: str, code: int) -> None:
    """Of the request as a whole."""
    answer = sms_ru("sms/send", to=ANNA, msg="Ждём", api_id=key).json()
    assert (answer["status"], answer["status_code"], "sms" in answer) == ("ERROR", code, False)
    assert world.sms.messages == []


def test_without_money_nothing_is_sent(world: World, sms_ru: Ask) -> None:
    """It is told of the number, or of the request: the documents do not say."""
    world.sms.balance = Decimal("4.49")
    answer = sms_ru("sms/send", to=ANNA, msg="Ждём").json()
    assert (answer["status_code"], answer["sms"][ANNA]["status_code"]) == (100, 201)
    world.sms.whole_request_without_money = True
    assert sms_ru("sms/send", to=ANNA, msg="Ждём").json()["status_code"] == 201
    assert world.sms.messages == []


def test_a_price_is_told_before_sending(world: World, sms_ru: Ask) -> None:
    """Each number's and the total; nothing is sent."""
    answer = sms_ru("sms/cost", to=f"{ANNA},{BORIS}", msg="Ж" * 71).json()
    assert answer["sms"][ANNA] == {"status": "OK", "status_code": 100, "cost": 9.0, "sms": 2}
    assert (answer["total_cost"], answer["total_sms"], world.sms.messages) == (18.0, 4, [])


def test_a_status_follows_the_message(world: World, sms_ru: Ask) -> None:
    """Queued, delivered, not delivered; an unknown id is told of."""
    name = sms_ru("sms/send", to=ANNA, msg="Ждём").json()["sms"][ANNA]["sms_id"]
    [sms] = world.sms.messages
    codes = [sms_ru("sms/status", sms_id=name).json()["sms"][name]["status_code"]]
    for status in ("delivered", "undelivered"):
        world.sms.move(sms, status)
        codes.append(sms_ru("sms/status", sms_id=name).json()["sms"][name]["status_code"])
    assert codes == [100, 103, 107]
    stranger = sms_ru("sms/status", sms_id="000000-1").json()["sms"]["000000-1"]
    assert (stranger["status"], stranger["status_code"]) == ("ERROR", -1)


def test_the_balance(sms_ru: Ask) -> None:
    """In roubles."""
    assert sms_ru("my/balance").json() == {"status": "OK", "status_code": 100, "balance": 1000.0}


def test_a_misspelt_parameter_is_refused(world: World, sms_ru: Ask) -> None:
    """SMS.RU would ignore it, and so does a lenient sandbox."""
    answer = sms_ru("sms/send", to=ANNA, msg="Ждём", sender="Школа")
    assert (answer.status_code, "'sender'" in answer.text, world.sms.messages) == (400, True, [])
    world.sms.strict = False
    assert sms_ru("sms/send", to=ANNA, msg="Ждём", sender="Школа").json()["status"] == "OK"


@pytest.mark.parametrize(
    ("text", "parts"),
    [("Ж" * 70, 1), ("Ж" * 71, 2), ("Ж" * 134, 2), ("Ж" * 135, 3), ("z" * 160, 1), ("z" * 161, 2), ("🙂" * 35, 1)],
)
def test_a_long_text_is_paid_in_parts(world: World, sms_ru: Ask, text: str, parts: int) -> None:
    """70 or 160 characters in one message, 67 or 153 in each part of more."""
    sms_ru("sms/send", to=ANNA, msg=text)
    assert [sms.segments for sms in world.sms.messages] == [parts]
