"""What the ready-made worlds promise to those who show or test with them."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from backoffice.sandbox import seeds
from backoffice.sandbox.timepad.statuses import TICKET_STATUSES
from backoffice.sandbox.world import World

START_FROM = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_seminar_ends_in_two_hours(world: World) -> None:
    """It is going on when planted; of its neighbours one is long past, the other far ahead."""
    made, now = seeds.plant(world, "seminar"), world.clock.now()
    today, past, future = (world.timepad.events[made[key]] for key in ("event_id", "past_event_id", "future_event_id"))
    assert today.starts_at < now
    assert today.ends_at == now + timedelta(hours=2)
    assert past.ends_at is not None
    assert past.ends_at < START_FROM
    assert future.starts_at > now + timedelta(days=30)


def test_the_seminar_has_every_kind_of_order(world: World) -> None:
    """Good, waiting, lost and unknown statuses; both shapes of answers; three tickets; the same person twice."""
    event = world.timepad.events[seeds.plant(world, "seminar")["event_id"]]
    orders = event.orders.values()
    statuses = {order.status for order in orders}
    assert {"ok", "paid", "paid_ur", "booked", "pending", "returned"} <= statuses
    assert statuses - TICKET_STATUSES.keys() == {"frozen_by_bank"}
    assert {order.answers_as for order in orders} == {"object", "array"}
    assert max(len(order.tickets) for order in orders) == 3
    assert any(not order.answers for order in orders)
    assert any("mail" not in ticket.answers for _, ticket in event.tickets())
    assert 2 in Counter(str(ticket.answers) for _, ticket in event.tickets()).values()
    assert {ticket.came_at is None for _, ticket in event.tickets()} == {True, False}


def test_the_portal_of_the_seminar_has_twins(world: World) -> None:
    """Two contacts equal in name and e-mail, for the ambiguous case."""
    seeds.plant(world, "seminar")
    names = Counter(
        (item.values["LAST_NAME"], item.values["NAME"], *(field.value for field in item.multifields[:1]))
        for item in world.portal.crm.tables["CONTACT"]
    )
    assert [name for name, count in names.items() if count == 2] == [
        ("Соколова", "Мария", "maria.sokolova@example.org")
    ]


def test_everybody_is_invented(world: World) -> None:
    """Addresses on example.org, phones of the unused +7 999 000."""
    seeds.plant(world, "seminar")
    seeds.plant(world, "big", tickets=100)
    fields = [field for item in world.portal.crm.tables["CONTACT"] for field in item.multifields]
    answers = [ticket.answers for event in world.timepad.events.values() for _, ticket in event.tickets()]
    mails = [field.value for field in fields if field.type_id == "EMAIL"] + [
        row["mail"] for row in answers if "mail" in row
    ]
    phones = [field.value for field in fields if field.type_id == "PHONE"] + [
        row["88004"] for row in answers if "88004" in row
    ]
    assert {mail.lower().rpartition("@")[2] for mail in mails} == {"example.org"}
    assert all(phone.startswith("+7 999 000 ") for phone in phones)


def test_the_big_seed_is_over_and_everybody_differs(world: World) -> None:
    """As many events as asked for, each with as many different people."""
    made = seeds.plant(world, "big", tickets=300, events=2)
    events = [world.timepad.events[event_id] for event_id in made["event_ids"]]
    people = {str(ticket.answers) for event in events for _, ticket in event.tickets()}
    assert len(people) == 600
    assert all(event.ends_at is not None and event.ends_at < world.clock.now() for event in events)


def test_an_unknown_seed_is_refused_with_the_names_there_are(world: World) -> None:
    """KeyError for callers inside; the control answers 400."""
    with pytest.raises(KeyError, match="seminar"):
        seeds.plant(world, "wedding")
