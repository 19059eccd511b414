"""Troubles of an SMS provider, ordered like all others."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from backoffice.sandbox.faults.fault import Kind
from backoffice.sandbox.world import World

Ask = Callable[..., httpx.Response]
Order = Callable[..., None]

ANNA, BORIS = "79990000101", "79990000102"


@pytest.fixture(params=["sms_ru", "smsc"])
def send(request: pytest.FixtureRequest) -> Callable[[str], httpx.Response]:
    """send(phone): the answer of either provider."""
    ask: Ask = request.getfixturevalue(request.param)
    if request.param == "sms_ru":
        return lambda phone: ask("sms/send", to=phone, msg="Ждём")
    return lambda phone: ask("send", phones=phone, mes="Ждём", cost="3")


@pytest.mark.parametrize(("kind", "status", "sent"), [("sms_busy", 503, 0), ("sms_broken_after", 500, 1)])
def test_a_status_that_may_mean_either(
    world: World, order: Order, send: Callable[[str], httpx.Response], kind: Kind, status: int, sent: int
) -> None:
    """The log tells the fault."""
    order(kind)
    assert (send(ANNA).status_code, len(world.sms.messages)) == (status, sent)
    assert [(row["status"], row["fault"]) for row in world.log.rows()] == [(status, kind)]


@pytest.mark.parametrize(("kind", "sent"), [("sms_cut_before", 0), ("sms_cut_after", 1)])
def test_the_connection_is_cut(
    world: World, order: Order, send: Callable[[str], httpx.Response], kind: Kind, sent: int
) -> None:
    """Whether the message was sent, its sender is not told."""
    order(kind)
    with pytest.raises(httpx.RemoteProtocolError):
        send(ANNA)
    assert len(world.sms.messages) == sent


def test_a_slow_provider_moves_a_clock_that_stands(
    world: World, order: Order, send: Callable[[str], httpx.Response]
) -> None:
    """The message is sent before."""
    before = world.clock.now()
    order("sms_slow", seconds=30)
    send(ANNA)
    assert world.clock.now() - before == timedelta(seconds=30)
    assert [sms.at for sms in world.sms.messages] == [before]


@pytest.mark.parametrize(
    ("kind", "of_sms_ru", "of_smsc"), [("sms_refuse", 207, 8), ("sms_no_money", 201, 3), ("sms_later", 220, 9)]
)
def test_refusals_have_each_providers_number(  # noqa: PLR0913 - what the fixtures give, and the three parameters
    world: World, order: Order, sms_ru: Ask, smsc: Ask, kind: Kind, of_sms_ru: int, of_smsc: int
) -> None:
    """Nothing is sent; `sms_later` is told of the whole request."""
    order(kind, times=2)
    answer = sms_ru("sms/send", to=ANNA, msg="Ждём").json()
    assert answer.get("sms", {ANNA: answer})[ANNA]["status_code"] == of_sms_ru
    assert smsc("send", phones=ANNA, mes="Ждём").json()["error_code"] == of_smsc
    assert world.sms.messages == []


def test_one_number_of_several_is_refused(world: World, order: Order, sms_ru: Ask) -> None:
    """The patterns may be numbers."""
    order("sms_refuse", methods=f"+{BORIS}")
    answer = sms_ru("sms/send", to=f"{ANNA},{BORIS}", msg="Ждём").json()["sms"]
    assert (answer[ANNA]["status_code"], answer[BORIS]["status_code"]) == (100, 207)
    assert [sms.phone for sms in world.sms.messages] == [f"+{ANNA}"]


def test_only_a_busy_provider_is_so_for_questions_too(order: Order, sms_ru: Ask) -> None:
    """The other kinds wait for a message."""
    order("sms_cut_after")
    assert sms_ru("my/balance").json()["status"] == "OK"
    order("sms_busy", methods="sms/status")
    assert sms_ru("my/balance").json()["status"] == "OK"
    assert sms_ru("sms/status", sms_id="000000-10000001").status_code == 503


def test_one_provider_may_be_down_alone(order: Order, sms_ru: Ask, smsc: Ask) -> None:
    """The patterns may be providers."""
    order("sms_busy", methods="sms.ru", times=None)
    assert sms_ru("my/balance").status_code == 503
    assert smsc("balance").status_code == 200
