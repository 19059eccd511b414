"""What the client makes of a portal that refuses, breaks or is not there."""

import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.errors import (
    AccessDenied,
    AlreadyExists,
    AmbiguousWrite,
    NotFound,
    OperatingTimeSpent,
    PortalBusy,
    PortalError,
    PortalUnreachable,
    RequestRefused,
    refusal,
)
from backoffice.sandbox.world import World

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire, WorldClock

Origins = Callable[[], list[str]]
ADDED = {"fields": {"NAME": "Анна", "ORIGIN_ID": "one"}}
PAGE = "<html><body>502 Bad Gateway</body></html>"


def test_no_connection_means_nothing_was_sent(portal: Portal, wire: "Wire", origins: Origins) -> None:
    """Also for a write: it may be repeated later without looking it up. A person is told first what to look at."""
    wire.plan(wire.no_connection)
    told = (
        r"^портал 127.0.0.1:\d+ не отвечает: .*BITRIX24_WEBHOOK_URL\): crm.contact.add at .*\(request [0-9a-f-]{36}\)"
    )
    with pytest.raises(PortalUnreachable, match=told):
        portal.call("crm.contact.add", **ADDED)
    assert origins() == []


@pytest.mark.parametrize("error", [httpx.ConnectTimeout, httpx.PoolTimeout])
def test_no_time_to_connect_is_no_connection(portal: Portal, wire: "Wire", error: type[httpx.TransportError]) -> None:
    """The request never left."""

    def mishap(_: httpx.Request) -> httpx.Response:
        raise error("too slow")

    wire.plan(mishap)
    with pytest.raises(PortalUnreachable):
        portal.call("crm.contact.add", **ADDED)


@pytest.mark.parametrize("error", [httpx.ReadTimeout, httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError])
def test_a_request_without_an_answer_is_ambiguous_only_if_it_writes(
    portal: Portal, wire: "Wire", clock: "WorldClock", error: type[httpx.TransportError]
) -> None:
    """The write tells when it was sent; the reading call may simply be repeated."""

    def mishap(_: httpx.Request) -> httpx.Response:
        raise error("cut")

    sent_at = datetime.fromtimestamp(clock.time(), UTC)
    wire.plan(mishap, mishap)
    with pytest.raises(AmbiguousWrite) as ambiguous:
        portal.call("crm.contact.add", **ADDED)
    assert ambiguous.value.sent_at == sent_at
    with pytest.raises(PortalUnreachable):
        portal.call("crm.contact.list")
    assert len(wire.sent) == 2


def test_an_answer_that_cannot_be_decoded_is_no_answer(portal: Portal, wire: "Wire", origins: Origins) -> None:
    """A body that breaks off inside its compression: the write may have been done."""

    def mishap(request: httpx.Request) -> httpx.Response:
        body = zlib.compress(wire.through(request).content)[:10] + b"broken"
        return httpx.Response(200, headers={"Content-Encoding": "deflate"}, stream=httpx.ByteStream(body))

    wire.plan(mishap)
    with pytest.raises(AmbiguousWrite):
        portal.call("crm.contact.add", **ADDED)
    assert origins() == ["one"]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, PAGE),
        (502, PAGE),
        (503, PAGE),
        (504, ""),
        (408, PAGE),
        (200, PAGE),
        (200, ["not", "an", "envelope"]),
        (200, {"neither": "result nor error"}),
        (500, {"result": True}),
        (500, {"error": "INTERNAL_SERVER_ERROR", "error_description": "Internal server error"}),
        (500, {"error": "ERROR_UNEXPECTED_ANSWER", "error_description": "Server returned an unexpected response"}),
        (500, {"error": "", "error_description": ""}),
    ],
)
def test_a_server_that_broke_leaves_a_write_in_doubt(portal: Portal, wire: "Wire", status: int, body: Any) -> None:
    """A page instead of the portal's answer, or the portal's own word for a breakdown."""
    wire.plan(wire.answers(status, body), wire.answers(status, body))
    with pytest.raises(AmbiguousWrite, match=f"HTTP {status}"):
        portal.call("crm.contact.add", **ADDED)
    with pytest.raises(PortalUnreachable, match=f"HTTP {status}"):
        portal.call("crm.contact.list")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413])
def test_a_refusal_by_somebody_on_the_way_is_a_refusal(portal: Portal, wire: "Wire", status: int) -> None:
    """A page with a 4xx comes from a server before the portal: nothing was executed, repeating is useless."""
    wire.plan(wire.answers(status, PAGE))
    with pytest.raises(RequestRefused, match=f"HTTP {status}"):
        portal.call("crm.contact.add", **ADDED)


@pytest.mark.parametrize(
    ("status", "code", "description", "kind"),
    [
        (200, "", "Access denied.", AccessDenied),
        (200, "WRONG_CLIENT", "Wrong client", AccessDenied),
        (400, "", "Not found", NotFound),
        (400, "ERROR_ELEMENT_NOT_FOUND", "Element not found", NotFound),
        (400, "ERROR_ELEMENT_ALREADY_EXISTS", "Element already exists", AlreadyExists),
        (400, "100", "Could not find value for parameter {id}", RequestRefused),
        (400, 200040300010, "Access denied", AccessDenied),
        (401, "INVALID_CREDENTIALS", "Invalid request credentials", AccessDenied),
        (403, "insufficient_scope", "The request requires higher privileges", AccessDenied),
        (401, "INSUFFICIENT_SCOPE", "The request requires higher privileges", AccessDenied),
        (500, "PORTAL_DELETED", "Portal was deleted", AccessDenied),
        (503, "OVERLOAD_LIMIT", "REST API is blocked due to overload.", AccessDenied),
    ],
)
def test_the_portals_own_refusal_is_named_by_what_to_do(
    portal: Portal, wire: "Wire", status: int, code: Any, description: str, kind: type[PortalError]
) -> None:
    """Any body with an `error` is a failure, even with 200; the code decides before the status does."""
    wire.plan(wire.answers(status, {"error": code, "error_description": description}))
    with pytest.raises(RequestRefused) as refused:
        portal.call("crm.contact.add", **ADDED)
    assert type(refused.value) is kind
    assert (refused.value.code, refused.value.description) == (str(code), description)
    assert len(wire.sent) == 1


def test_an_error_beside_a_result_is_an_error(portal: Portal, wire: "Wire") -> None:
    """The answer is not taken for a success because something stands in `result`."""
    wire.plan(wire.answers(200, {"result": [], "error": 0, "error_description": "The parameter is required."}))
    with pytest.raises(RequestRefused, match="parameter is required"):
        portal.call("crm.contact.list")


@pytest.mark.parametrize("null", [None, False, [], 0, ""])
def test_an_empty_result_is_a_result(portal: Portal, wire: "Wire", null: Any) -> None:
    """A method may answer with nothing; that is not a failure."""
    wire.plan(wire.answers(200, {"result": null, "time": []}))
    assert portal.call("profile") == null


def test_too_many_requests_are_waited_out(
    world: World, portal: Portal, wire: "Wire", clock: "WorldClock", origins: Origins
) -> None:
    """503 QUERY_LIMIT_EXCEEDED: the refused write was not executed and is done once when there is room."""
    world.portal.config.bucket_size = 1
    for _ in range(3):
        portal.call("crm.contact.add", **ADDED)
    assert origins() == ["one"] * 3
    assert world.log.counters()["rejected"]["503"] > 0
    assert all(wait >= 1 for wait in clock.waits)


def test_waits_for_a_busy_portal_grow_and_end(world: World, portal: Portal, clock: "WorldClock") -> None:
    """Half an hour at most, each wait longer than the one before; then the caller learns that it is busy."""
    world.portal.config.bucket_size = 0
    with pytest.raises(PortalBusy):
        portal.call("profile")
    assert clock.waits == sorted(clock.waits)
    assert sum(clock.waits) <= 1800
    assert len(clock.waits) < 30


def test_operating_time_is_waited_for_until_it_comes_back(
    world: World, portal: Portal, wire: "Wire", clock: "WorldClock", origins: Origins
) -> None:
    """429 OPERATION_TIME_LIMIT: one wait until `operating_reset_at`, known from the answers before."""
    world.portal.config.operating_limit = 0.5
    for _ in range(3):
        portal.call("crm.contact.add", **ADDED)
    assert origins() == ["one"] * 3
    assert world.log.counters()["rejected"]["429"] == 1
    assert len(clock.waits) == 1


def test_operating_time_of_unknown_end_is_asked_for_every_ten_seconds(
    world: World, portal: Portal, clock: "WorldClock", new_portal: Callable[..., Portal]
) -> None:
    """A client that has no answer of the method yet does not wait the ten minutes out."""
    world.portal.config.operating_limit = 0.1
    portal.call("crm.contact.add", **ADDED)
    assert new_portal().call("crm.contact.add", **ADDED) == 2
    assert set(clock.waits) == {10.0}


def test_a_portal_with_another_clock_is_asked_again_within_ten_minutes(
    portal: Portal, wire: "Wire", clock: "WorldClock"
) -> None:
    """Its clock is a day ahead of ours: `operating_reset_at` is obeyed as far as it can be true."""
    blocked = {"error": "OPERATION_TIME_LIMIT", "error_description": "Method is blocked due to operation time limit."}
    tomorrow = {"duration": 0.1, "operating": 480.0, "operating_reset_at": int(clock.time()) + 86_400}
    wire.plan(wire.answers(200, {"result": 1, "time": tomorrow}), wire.answers(429, blocked))
    portal.call("crm.contact.add", **ADDED)
    assert portal.call("crm.contact.add", **ADDED) == 1
    assert clock.waits == [600.0]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, PAGE),
        (429, {"error": "QUERY_LIMIT_EXCEEDED", "error_description": "Too many requests"}),
        (503, {"error": "QUERY_LIMIT_EXCEEDED", "error_description": "Too many requests"}),
        (429, {"error": "OPERATION_TIME_LIMIT", "error_description": "Method is blocked due to operation time limit."}),
    ],
)
def test_retry_after_is_obeyed(
    portal: Portal, wire: "Wire", clock: "WorldClock", origins: Origins, status: int, body: Any
) -> None:
    """Whoever names the seconds to wait is given them, and the write is done once."""
    wire.plan(wire.answers(status, body, Retry_After="42"))
    portal.call("crm.contact.add", **ADDED)
    assert clock.waits == [42.0]
    assert origins() == ["one"]


@pytest.mark.parametrize("header", ["Wed, 21 Oct 2026 07:28:00 GMT", "soon", "-5", ""])
def test_a_retry_after_that_is_no_number_is_a_second(
    portal: Portal, wire: "Wire", clock: "WorldClock", header: str
) -> None:
    """The other forms of the header are rare; the waits grow by themselves."""
    wire.plan(wire.answers(429, PAGE, Retry_After=header))
    portal.call("profile")
    assert clock.waits == [1.0]


@pytest.mark.parametrize(
    "text",
    [
        "Contact anna.petrova@example.org not found",
        "Значение «Анна <anna@пример.рф>» уже занято",
        "a@b.ru,c@d.ru;e@f.ru",
        "e-mail: 'O'Neil+list@example.org'.",
    ],
)
def test_addresses_in_the_portals_texts_are_masked(text: str) -> None:
    """The message goes to logs; the text as it came stays in `description` for the code that reads it."""
    error = refusal("crm.contact.add", "", text)
    assert "@" not in str(error)
    assert "<e-mail>" in str(error)
    assert isinstance(error, RequestRefused)
    assert error.description == text


@pytest.mark.parametrize(
    ("code", "kind"), [("QUERY_LIMIT_EXCEEDED", PortalBusy), ("operation_time_limit", OperatingTimeSpent)]
)
def test_codes_are_read_in_any_case(code: str, kind: type[PortalError]) -> None:
    """The documents mix both."""
    assert type(refusal("m", code, "")) is kind
