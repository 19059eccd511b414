"""The list of events and one event. Source: help.timepad.ru, get-v1-events and get-v1-events-event-id [H, S, T]."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from backoffice.sandbox.timepad.state import Event
from backoffice.sandbox.world import World

ALWAYS = {"id", "starts_at", "name", "url", "poster_image", "categories", "moderation_status"}


@pytest.fixture
def listed(api: httpx.Client) -> Callable[..., list[int]]:
    """Ids the list shows for these parameters."""

    def ids(**params: Any) -> list[int]:
        return [row["id"] for row in api.get("/timepad/v1/events", params=params).json()["values"]]

    return ids


@pytest.fixture
def week(world: World) -> list[Event]:
    """Twelve events, one a day, beginning today."""
    today = world.clock.now()
    return [world.timepad.add_event(f"День {day}", today + timedelta(days=day)) for day in range(12)]


def test_only_required_fields_come_unasked(api: httpx.Client, seminar: Event) -> None:
    """The list shows an optional field only if `fields` names it [H, T]."""
    bare = api.get("/timepad/v1/events").json()["values"][0]
    asked = api.get("/timepad/v1/events", params={"fields": "ends_at,questions"}).json()["values"][0]
    assert (bare.keys(), asked.keys() - bare.keys()) == (ALWAYS, {"ends_at", "questions"})
    assert seminar.name == bare["name"]


def test_a_single_event_shows_everything_unless_limited(api: httpx.Client, seminar: Event) -> None:
    """Without `fields` the whole object, with it only what it names [PS, H]."""
    path = f"/timepad/v1/events/{seminar.id}"
    assert {"organization", "ends_at", "created_at", "questions"} <= api.get(path).json().keys()
    assert api.get(path, params={"fields": "ends_at"}).json().keys() == ALWAYS | {"ends_at"}


def test_an_unknown_end_is_a_missing_key(api: httpx.Client, world: World) -> None:
    """`ends_at` is optional and may be missing though asked for [T]."""
    world.timepad.add_event("Без конца", world.clock.now())
    assert "ends_at" not in api.get("/timepad/v1/events", params={"fields": "ends_at"}).json()["values"][0]


def test_pages_hold_ten_events_unless_asked(listed: Callable[..., list[int]], week: list[Event]) -> None:
    """`limit` is 10 by default, `skip` moves on [H]."""
    ids = [event.id for event in week]
    assert (listed(), listed(skip=10), listed(limit=100)) == (ids[:10], ids[10:], ids)


@pytest.mark.parametrize("limit", ["0", "101", "-1", "many"])
def test_a_page_is_one_to_a_hundred_events(api: httpx.Client, limit: str) -> None:
    """`limit` 1..100 [H]."""
    assert api.get("/timepad/v1/events", params={"limit": limit}).status_code == 400


def test_total_counts_beyond_the_page(api: httpx.Client, week: list[Event]) -> None:
    """`total` is the number of all matches [S]."""
    assert api.get("/timepad/v1/events", params={"limit": 1}).json()["total"] == len(week)


def test_newest_first_on_request(listed: Callable[..., list[int]], week: list[Event]) -> None:
    """`sort=-starts_at`; the default is `+id` [H, T]."""
    assert listed(sort="-starts_at", limit=1) == [week[-1].id]


def test_events_are_chosen_by_their_start(listed: Callable[..., list[int]], world: World, week: list[Event]) -> None:
    """`starts_at_min` takes a bare date and an ISO time [P, G, PS]."""
    day = (world.clock.now() + timedelta(days=10)).strftime("%Y-%m-%d")
    assert listed(starts_at_min=day, limit=100) == [event.id for event in week[10:]]
    assert listed(starts_at_max=f"{day}T00:00:00", limit=100) == [event.id for event in week[:10]]


def test_events_are_chosen_by_id_and_organization(listed: Callable[..., list[int]], week: list[Event]) -> None:
    """Arrays go comma-separated in one parameter [P and others]."""
    week[3].organization_id = 7
    assert listed(event_ids=f"{week[1].id},{week[3].id}") == [week[1].id, week[3].id]
    assert listed(event_ids=f"{week[1].id},{week[3].id}", organization_ids="40400") == [week[1].id]


@pytest.mark.parametrize("moderation", ["hidden", "not_moderated"])
def test_unmoderated_events_must_be_asked_for(
    listed: Callable[..., list[int]], seminar: Event, moderation: str
) -> None:
    """The default list hides some moderation statuses [P passes all four]."""
    seminar.moderation_status = moderation
    assert (listed(), listed(moderation_statuses="featured,shown,hidden,not_moderated")) == ([], [seminar.id])


@pytest.mark.parametrize("access", ["private", "draft", "link_only"])
def test_events_for_few_must_be_asked_for_by_organizers(
    listed: Callable[..., list[int]], anonymous: httpx.Client, seminar: Event, access: str
) -> None:
    """`access_statuses` helps organizers only [H, S]."""
    seminar.access_status = access
    every = "private,draft,link_only,public"
    assert (listed(), listed(access_statuses=every)) == ([], [seminar.id])
    assert anonymous.get("/timepad/v1/events", params={"access_statuses": every}).json()["total"] == 0
    assert anonymous.get(f"/timepad/v1/events/{seminar.id}").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["ends_at_min=2026-01-01", "fields=ends", "sort=starts_at", "sort=+starts_at", "fields=url&fields=name"],
)
def test_strict_mode_names_what_the_documents_do_not_have(api: httpx.Client, query: str) -> None:
    """No `ends_at_*` filter exists, the plus of `sort` must be encoded, arrays are not repeated [H, P]."""
    answer = api.get(f"/timepad/v1/events?{query}")
    assert (answer.status_code, answer.json()["response_status"]["error_code"]) == (400, 400)


@pytest.mark.parametrize("query", ["ends_at_min=2026-01-01", "fields=ends", "sort=starts_at", "limit=5&limit=10"])
def test_a_lenient_service_ignores_them(
    api: httpx.Client, seminar: Event, switch: Callable[..., None], query: str
) -> None:
    """As the live one does."""
    switch(strict=False)
    assert [row["id"] for row in api.get(f"/timepad/v1/events?{query}").json()["values"]] == [seminar.id]


@pytest.mark.parametrize(
    ("style", "text"),
    [("+0300", "2026-03-02T13:00:00+0300"), ("+03:00", "2026-03-02T13:00:00+03:00"), ("naive", "2026-03-02T13:00:00")],
)
def test_times_come_in_every_spelling_seen(
    api: httpx.Client, seminar: Event, switch: Callable[..., None], style: str, text: str
) -> None:
    """An offset without a colon, with it, or none [S, and two test suites side by side]."""
    switch(times=style)
    assert api.get(f"/timepad/v1/events/{seminar.id}").json()["starts_at"] == text


@pytest.mark.parametrize("name", ["event_statuses", "tickets_statuses", "event_categories"])
def test_dictionaries_list_ids_and_names(api: httpx.Client, name: str) -> None:
    """`{"values": [{"id", "name"}]}` [S]."""
    assert api.get(f"/timepad/v1/dictionary/{name}").json()["values"][0].keys() == {"id", "name"}
