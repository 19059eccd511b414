"""What the ready-made worlds promise to those who show or test with them."""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backoffice.sandbox import seeds
from backoffice.sandbox.bitrix24.crm.merging import conflicts
from backoffice.sandbox.seeds.fund import Fund
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


def test_the_twins_are_as_many_as_asked_for(world: World) -> None:
    """Every pair is a paid deal and an unpaid one of the same sum; three of four have two contacts."""
    made, deals = seeds.plant(world, "twins", pairs=40), world.portal.crm.tables["DEAL"]
    assert len(made["keep"]) == len(made["remove"]) == len(made["donation_ids"]) == 40
    assert len(made["doubles"]) == 30
    for keep, remove in zip(made["keep"], made["remove"], strict=True):
        paid, unpaid = (item.values for one in (keep, remove) if (item := deals.get(one)))
        assert (paid["STAGE_SEMANTIC_ID"], unpaid["STAGE_SEMANTIC_ID"]) == ("S", "P")
        assert paid["OPPORTUNITY"] == unpaid["OPPORTUNITY"]
        assert abs(paid["DATE_CREATE"] - unpaid["DATE_CREATE"]) < timedelta(hours=24)
        assert "ORIGIN_ID" not in unpaid


def test_half_of_the_paid_deals_are_our_own(world: World) -> None:
    """They name the donation at the site; the others were made by an older integration."""
    made, deals = seeds.plant(world, "twins", pairs=40), world.portal.crm.tables["DEAL"]
    for place, (donation_id, keep) in enumerate(zip(made["donation_ids"], made["keep"], strict=True)):
        item = deals.get(keep)
        assert item is not None
        assert item.values.get("ORIGIN_ID") == (str(donation_id) if place % 4 < 2 else None)


def test_the_doubles_can_be_merged_and_the_decoys_cannot(world: World) -> None:
    """Equal in name and address, with nothing that contradicts; siblings differ in name, others in what they are."""
    made = seeds.plant(world, "twins", pairs=40)
    assert {(len(cards(world, ids)), disagreeing(world, ids)) for ids in made["doubles"]} == {(1, ())}
    conflicting = made["decoys"]["conflicting"]["contacts"]
    assert (len(cards(world, conflicting)), disagreeing(world, conflicting)) == (1, ("POST",))
    assert len(cards(world, made["decoys"]["siblings"]["contacts"])) == 2


def cards(world: World, ids: list[int]) -> set[tuple[Any, ...]]:
    """Name and address of each."""
    found = [item for one in ids if (item := world.portal.crm.tables["CONTACT"].get(one))]
    return {(item.values["LAST_NAME"], item.values["NAME"], item.multifields[0].value) for item in found}


def disagreeing(world: World, ids: list[int]) -> tuple[str, ...]:
    items = [item for one in ids if (item := world.portal.crm.tables["CONTACT"].get(one))]
    return tuple(conflicts(world.portal, "CONTACT", items))


def test_the_site_of_the_twins_has_their_donations(world: World) -> None:
    """Paid when they were given, two weeks to a month ago; the events wait to be delivered."""
    made = seeds.plant(world, "twins", pairs=40)
    now, site = world.clock.now(), world.leyka
    assert {site.donations[one].status for one in made["donation_ids"]} == {"funded"}
    ages = [now - moment for donation in site.donations.values() for moment, _ in donation.log]
    assert timedelta(days=14) < min(ages) < max(ages) < timedelta(days=31)
    assert [event.delivered for event in site.outbox] == [False] * (2 * len(site.donations))


def test_a_thousand_twins_are_planted_in_seconds(world: World) -> None:
    """Nothing of it by HTTP."""
    begun = time.monotonic()
    made = seeds.plant(world, "twins")
    assert time.monotonic() - begun < 20
    assert len(set(made["remove"])) == 1000
    assert len(world.portal.crm.tables["DEAL"]) > 2300


def test_the_fund_is_what_the_process_looks_for(world: World, connected: None) -> None:
    """Under the names of the portal.toml that the project comes with; planted twice, it is there once."""
    from backoffice import connections

    Fund(world), Fund(world)
    connections.refresh_names("donation_reconciliation")
    assert [row.name for row in world.portal.crm.directories.categories].count("Пожертвования") == 1


def test_an_unknown_seed_is_refused_with_the_names_there_are(world: World) -> None:
    """KeyError for callers inside; the control answers 400."""
    with pytest.raises(KeyError, match="seminar"):
        seeds.plant(world, "wedding")
