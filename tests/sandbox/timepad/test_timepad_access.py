"""Who may ask Timepad, and how often. Source: help.timepad.ru; the marks are explained in conftest.py."""

from collections.abc import Callable

import httpx
import pytest

from backoffice.sandbox.timepad.forms import Person
from backoffice.sandbox.timepad.state import TOKEN, Event
from backoffice.sandbox.world import World

Switch = Callable[..., None]


def test_public_events_need_no_token(anonymous: httpx.Client, seminar: Event) -> None:
    """Public event data is open to anybody [H get-v1-events]."""
    assert [row["id"] for row in anonymous.get("/timepad/v1/events").json()["values"]] == [seminar.id]


@pytest.mark.parametrize("path", ["orders", "orders/1", "orders.json"])
def test_orders_need_a_token(anonymous: httpx.Client, seminar: Event, path: str) -> None:
    """An anonymous visitor sees no registration [N, B]."""
    assert anonymous.get(f"/timepad/v1/events/{seminar.id}/{path}").status_code == 401


def test_the_older_spelling_of_a_token_is_accepted(anonymous: httpx.Client, seminar: Event) -> None:
    """`?token=` and a `.json` ending, as the WordPress plugin and G send them [P, G]."""
    answer = anonymous.get(f"/timepad/v1/events/{seminar.id}/orders.json", params={"token": TOKEN})
    assert answer.json() == {"total": 0, "values": []}


def test_a_wrong_token_is_refused_everywhere(anonymous: httpx.Client, seminar: Event) -> None:
    """401 with the body `response_status.error_code` [N]."""
    answer = anonymous.get(f"/timepad/v1/events/{seminar.id}", headers={"Authorization": "Bearer wrong"})
    assert (answer.status_code, answer.json()["response_status"]["error_code"]) == (401, 401)


def test_orders_need_the_right_to_see_visitors(api: httpx.Client, seminar: Event, switch: Switch) -> None:
    """Without `view_visitors` on the event's organization: 403 [N, B]."""
    switch(permissions=("view_private_events",))
    assert api.get(f"/timepad/v1/events/{seminar.id}/orders").status_code == 403


def test_visitors_of_another_organization_are_hidden(api: httpx.Client, seminar: Event) -> None:
    """The right counts in the event's own organization [N, B]."""
    seminar.organization_id = 1
    assert api.get(f"/timepad/v1/events/{seminar.id}/orders").status_code == 403


@pytest.mark.parametrize("path", ["events/1", "events/1/orders", "events/x", "nothing"])
def test_what_is_not_there_is_404_in_json(api: httpx.Client, path: str) -> None:
    """A missing event and a missing address have the usual error body [N]."""
    assert api.get(f"/timepad/v1/{path}").json()["response_status"]["error_code"] == 404


def test_an_error_may_come_with_status_200(api: httpx.Client, switch: Switch) -> None:
    """The status and the body's code are usually, not always, equal [N checks both]."""
    switch(errors_with_200=True)
    answer = api.get("/timepad/v1/events/1")
    assert (answer.status_code, answer.json()["response_status"]["error_code"]) == (200, 404)


def test_requests_per_minute_are_limited_when_switched_on(api: httpx.Client, world: World, switch: Switch) -> None:
    """Over the limit 429 until the minute has passed on the sandbox's clock [H; figure and shape unverified]."""
    switch(requests_per_minute=2)
    statuses = [api.get("/timepad/v1/events").status_code for _ in range(3)]
    world.clock.advance(60)
    assert [*statuses, api.get("/timepad/v1/events").status_code] == [200, 200, 429, 200]


def test_requests_are_counted_with_the_status_meant(api: httpx.Client, world: World, switch: Switch) -> None:
    """The request log shows a refusal even where HTTP said 200."""
    switch(requests_per_minute=0, errors_with_200=True)
    api.get("/timepad/v1/events")
    counters = world.log.counters()
    assert (counters["timepad_requests"], counters["rejected"]["429"]) == (1, 1)


@pytest.mark.parametrize("ask", ["get", "post", "header"])
def test_introspection_tells_organizations_and_rights(anonymous: httpx.Client, ask: str) -> None:
    """GET and POST, outside /v1 [H get-introspect, P]."""
    answer = {
        "get": lambda: anonymous.get("/timepad/introspect", params={"token": TOKEN}),
        "post": lambda: anonymous.post("/timepad/introspect", data={"token": TOKEN}),
        "header": lambda: anonymous.get("/timepad/introspect", headers={"Authorization": f"Bearer {TOKEN}"}),
    }[ask]()
    organization = answer.json()["organizations"][0]
    assert (organization["id"], "view_visitors" in organization["permissions"]) == (40400, True)


def test_introspection_of_a_bad_token_is_not_an_error(anonymous: httpx.Client) -> None:
    """`active: false` with status 200 [P checks it]."""
    answer = anonymous.get("/timepad/introspect", params={"token": "wrong"})
    assert (answer.status_code, answer.json()) == (200, {"active": False})


def test_people_are_not_shown_to_strangers(anonymous: httpx.Client, world: World, seminar: Event, anna: Person) -> None:
    """Even the counters of sold tickets are for the organizer [T]."""
    world.timepad.place_order(seminar, [anna])
    kind = anonymous.get(f"/timepad/v1/events/{seminar.id}").json()["ticket_types"][0]
    assert not {"sold", "attended"} & kind.keys()
