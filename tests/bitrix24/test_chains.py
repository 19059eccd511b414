"""Pages that follow each other inside one request, on portals that understand references otherwise than ours."""

import json
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.errors import RequestRefused
from backoffice.sandbox.inside import ask
from backoffice.sandbox.world import World

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire

CONTACTS = 1_000
REFERENCE = re.compile(r"%24result(%5B[^&]*?%5D)+")
MANY = 200


@pytest.fixture
def ids(world: World) -> list[int]:
    """The ids of the contacts of a portal, with gaps between them."""
    made = [ask(world.portal, "crm.contact.add", fields={"NAME": "Анна"}) for _ in range(CONTACTS)]
    for number in made[200:300] + made[::7]:
        if number in world.portal.crm.tables["CONTACT"]:
            ask(world.portal, "crm.contact.delete", id=number)
    return [item.id for item in world.portal.crm.tables["CONTACT"]]


@pytest.fixture
def read(portal: Portal) -> Callable[[], list[int]]:
    """The ids as the client reads them."""

    def numbers() -> Iterator[int]:
        return (int(row["ID"]) for row in portal.rows("crm.contact.list", select=["ID", "NAME"]))

    return lambda: list(numbers())


def rewritten(wire: "Wire", becomes: str) -> Callable[[httpx.Request], httpx.Response]:
    """A mishap: every reference in the request is something else for the portal."""

    def mishap(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.read())
        body["cmd"] = {key: REFERENCE.sub(becomes, line) for key, line in body["cmd"].items()}
        headers = {name: value for name, value in request.headers.items() if name != "content-length"}
        return wire.through(httpx.Request(request.method, request.url, headers=headers, json=body))

    return mishap


@pytest.mark.parametrize("becomes", ["", "0", "%24nothing", "999999999"])
def test_a_portal_that_resolves_no_reference_is_read_whole_all_the_same(
    ids: list[int], read: Callable[[], list[int]], wire: "Wire", becomes: str
) -> None:
    """Whether a reference is empty, zero, mere text or far too large: a page that proves nothing is asked for anew."""
    wire.plan(*[rewritten(wire, becomes)] * MANY)
    assert read() == ids
    assert 5 < len(wire.sent) < MANY


def test_pages_that_repeat_each_other_give_no_row_twice(
    ids: list[int], read: Callable[[], list[int]], wire: "Wire"
) -> None:
    """A portal that answers every command of a request with its first page."""

    def repeated(answer: Any) -> Any:
        pages = answer["result"]["result"]
        answer["result"]["result"] = {key: pages["c_000"] if len(pages) > 2 else page for key, page in pages.items()}
        return answer

    wire.plan(wire.through, wire.through, *[wire.edits(repeated)] * 2)
    assert read() == ids


def test_a_page_that_fails_behind_others_keeps_what_was_read_before_it(
    ids: list[int], read: Callable[[], list[int]], wire: "Wire"
) -> None:
    """The rest of its chain is asked for once more, by a number."""

    def failed(answer: Any) -> Any:
        for key in [key for key in answer["result"]["result"] if key > "c_003"]:
            del answer["result"]["result"][key]
        answer["result"]["result_error"] = {"c_004": {"error": "", "error_description": "Something broke"}}
        return answer

    wire.plan(wire.through, wire.edits(failed))
    assert read() == ids


def test_a_page_asked_for_by_a_number_that_is_refused_ends_the_reading(
    ids: list[int], read: Callable[[], list[int]], wire: "Wire"
) -> None:
    """A shorter list would be taken for the whole."""

    def refused(answer: Any) -> Any:
        error = {"error": "", "error_description": "Something broke"}
        answer["result"]["result_error"] = dict.fromkeys(answer["result"]["result"], error)
        answer["result"]["result"] = []
        return answer

    wire.plan(wire.through, wire.edits(refused))
    with pytest.raises(RequestRefused, match="Something broke"):
        read()


def test_operating_time_spent_within_a_chain_costs_no_row(
    world: World, ids: list[int], read: Callable[[], list[int]]
) -> None:
    """The pages before it stand; those after it are read when the time has come back."""
    world.portal.config.costs["crm.contact.list"] = 1.0
    world.portal.config.operating_limit = 7.0
    assert read() == ids
