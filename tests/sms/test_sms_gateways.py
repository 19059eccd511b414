"""The gateways below the carrier: prices, refusals and addresses."""

from decimal import Decimal
from typing import Any

import httpx
import pytest

from backoffice.rules.sending import Sms
from backoffice.sandbox.world import World
from backoffice.sms.errors import SmsDoubtful, SmsLater, SmsMisconfigured, SmsRefused
from backoffice.sms.gateway import Price, SmsGateway
from backoffice.sms.sms_ru import SmsRu
from backoffice.sms.smsc import Smsc
from backoffice.sms.wire import Wire
from tests.sms.conftest import ANNA

SMS = Sms(ANNA, "Занятие в 18:30")


def test_a_price_costs_nothing(world: World, gateway: SmsGateway) -> None:
    """The price by the account's tariff and the number of parts; nothing is sent."""
    assert gateway.cost(Sms(ANNA, "я" * 100)) == Price(Decimal("9.00"), 2)
    assert world.sms.messages == []


@pytest.mark.parametrize("url", ["http://sms.ru", "http://sms.ru@127.0.0.1.example.org", "ftp://sms.ru", "sms.ru", ""])
def test_nothing_is_sent_in_clear_text(url: str) -> None:
    """The key would be read on the way."""
    with pytest.raises(SmsMisconfigured, match="https"):
        Wire("sms.ru", url)


@pytest.mark.parametrize(
    "url", ["https://sms.ru", "http://127.0.0.1:8024/sms.ru", "http://[::1]:8024", "http://localhost"]
)
def test_tls_or_this_machine(url: str) -> None:
    """The sandbox is reached without TLS."""
    Wire("sms.ru", url)


@pytest.mark.parametrize("url", ["{}/nowhere", "{}"])
def test_an_address_where_no_gateway_is_is_a_matter_of_the_settings(sandbox: str, url: str) -> None:
    """Nothing was sent, and nothing ever will be."""
    with pytest.raises(SmsMisconfigured, match="HTTP 4"):
        Smsc(Wire("smsc", url.format(sandbox)), "login", "password").send(SMS, "id")


def test_a_wrong_key_is_a_matter_of_the_settings(sandbox: str) -> None:
    """The message names the setting, not the key."""
    with pytest.raises(SmsMisconfigured, match="SMS_RU_API_ID"):
        SmsRu(Wire("sms.ru", f"{sandbox}/sms.ru"), "wrong").send(SMS, "")
    with pytest.raises(SmsMisconfigured, match="SMSC_PASSWORD"):
        Smsc(Wire("smsc", f"{sandbox}/smsc.ru"), "sandbox", "wrong").send(SMS, "id")


def test_without_a_connection_nothing_was_sent() -> None:
    """Nobody listens there: try again later."""
    with pytest.raises(SmsLater, match="нет связи"):
        Wire("smsc", "http://127.0.0.1:9").send("sys/send.php", {})


ANSWERS: list[tuple[int, Any, type[Exception]]] = [
    (302, None, SmsMisconfigured),
    (500, {"status": "OK", "status_code": 100}, SmsDoubtful),
    (200, "<html>", SmsDoubtful),
    (200, [], SmsDoubtful),
    (200, {}, SmsDoubtful),
    (200, {"status": "OK", "status_code": 100}, SmsDoubtful),
    (200, {"status": "OK", "status_code": 100, "sms": {"7999": {"status": "OK", "status_code": 100}}}, SmsDoubtful),
    (200, {"status": "ERROR", "status_code": 500}, SmsDoubtful),
    (200, {"status": "ERROR", "status_code": 220}, SmsLater),
    (200, {"status": "ERROR", "status_code": "201"}, SmsLater),
    (200, {"status": "ERROR", "status_code": 204}, SmsMisconfigured),
    (200, {"status": "ERROR", "status_code": 999}, SmsRefused),
    (200, {"status": "OK", "status_code": 100, "sms": {"7999": {"status_code": 202}}}, SmsRefused),
]


@pytest.mark.parametrize(("status", "body", "error"), ANSWERS)
def test_every_answer_of_sms_ru_says_what_to_do_next(
    monkeypatch: pytest.MonkeyPatch, status: int, body: Any, error: type[Exception]
) -> None:
    """Only what the gateway itself refused may be sent again; what cannot be understood may have been taken."""
    _answering(monkeypatch, status, body)
    with pytest.raises(error):
        SmsRu(Wire("sms.ru", "https://sms.example.org"), "key").send(SMS, "")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, SmsDoubtful),
        ({"error": "no money", "error_code": 3}, SmsLater),
        ({"error": "too many requests", "error_code": "9"}, SmsLater),
        ({"error": "authorise error", "error_code": 2}, SmsMisconfigured),
        ({"error": "invalid number", "error_code": 7, "id": 5}, SmsRefused),
    ],
)
def test_every_answer_of_smsc_says_what_to_do_next(
    monkeypatch: pytest.MonkeyPatch, body: Any, error: type[Exception]
) -> None:
    """The same for the other one."""
    _answering(monkeypatch, 200, body)
    with pytest.raises(error):
        Smsc(Wire("smsc", "https://sms.example.org"), "login", "password").send(SMS, "id")


def test_the_key_travels_in_the_body(monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses stand in the logs of every machine on the way."""
    asked = _answering(monkeypatch, 200, {"id": 1, "cnt": 1})
    Smsc(Wire("smsc", "https://sms.example.org"), "login", "password").send(SMS, "id")
    assert str(asked[0].url) == "https://sms.example.org/sys/send.php"
    assert b"psw=password" in asked[0].content


def _answering(monkeypatch: pytest.MonkeyPatch, status: int, body: Any) -> list[httpx.Request]:
    """Something on the way answers instead of the gateway; the requests that it got."""
    asked: list[httpx.Request] = []

    def answer(_: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        request.read()
        asked.append(request)
        content = {"text": body} if isinstance(body, str) else {"json": body}
        return httpx.Response(status, headers={"Location": "http://example.org/"}, **content)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", answer)
    return asked
