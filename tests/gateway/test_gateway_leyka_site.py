"""From the fund's site through the gateway into the store, whatever becomes of the deliveries on their way."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, get_args

import httpx
import pytest
from sqlalchemy import Engine

from backoffice.gateway.app import Secrets
from backoffice.leyka.client import Leyka
from backoffice.rules.donation_events import read_event
from backoffice.sandbox import seeds
from backoffice.sandbox.faults.fault import DeliveryKind, Fault
from backoffice.sandbox.leyka import life
from backoffice.sandbox.leyka.state import SECRET, SITE
from backoffice.sandbox.world import World
from backoffice.store.donation_changes import apply, apply_snapshots
from backoffice.store.donations import created_between, newest_seqs
from backoffice.store.inbox import count_parked, mark_handled, pending

NOW = datetime(2026, 12, 1, tzinfo=UTC)
HOUR = 3600

# conftest's Sender; test folders are no packages, so its type cannot be imported.
Sender = Any


@pytest.fixture
def gateway(world: World, serve: Callable[[Secrets], AbstractContextManager[Sender]]) -> Iterator[str]:
    """The site delivers to it; both sign and verify by the wall's clock."""
    with serve(Secrets(leyka=SECRET)) as sender:
        url = str(sender.http.base_url.join("/leyka"))
        world.leyka.switches = replace(world.leyka.switches, url=url, signs_by="wall")
        yield url


@pytest.fixture
def leyka(sandbox: str) -> Iterator[Leyka]:
    with httpx.Client(base_url=f"{sandbox}/leyka") as http:
        yield Leyka(http, SECRET, lambda: datetime.now(UTC))


def drain(engine: Engine) -> None:
    """What the process does with what waits."""
    rows = pending(engine, "leyka")
    apply(engine, "portal", [read_event(row.body) for row in rows], NOW)
    mark_handled(engine, [row.id for row in rows], NOW)


def take_snapshots(engine: Engine, leyka: Leyka) -> None:
    """What the process does every night."""
    before = newest_seqs(engine, "portal").get(SITE, -1)
    for page in leyka.donations():
        apply_snapshots(engine, "portal", page.site, page.rows, max(before, page.newest_seq), NOW)


def known(engine: Engine) -> dict[int, str]:
    rows = created_between(engine, "portal", datetime(2000, 1, 1, tzinfo=UTC), NOW)
    return {row.id: row.status for row in rows}


def there(world: World) -> dict[int, str]:
    return {donation.id: donation.status for donation in world.leyka.donations.values()}


def test_everything_arrives(world: World, gateway: str, engine: Engine) -> None:
    """Once, and nothing that the gateway cannot read."""
    seeds.plant(world, "donations")
    world.bridge.deliver()
    assert len(pending(engine, "leyka")) == len(world.leyka.outbox)
    drain(engine)
    assert known(engine) == there(world)
    assert count_parked(engine) == {}
    doubled = [row for row in created_between(engine, "portal", NOW.replace(year=2000), NOW) if row.duplicate_of]
    assert len(doubled) == 1


@pytest.mark.parametrize("kind", get_args(DeliveryKind))
def test_on_a_bad_line_everything_arrives_in_the_end(
    world: World, gateway: str, engine: Engine, kind: DeliveryKind
) -> None:
    """The plugin sends again what had no answer; what comes twice or late changes nothing."""
    world.faults.order(Fault(kind=kind, methods="leyka.*", probability=0.4, seed=kind))
    seeds.plant(world, "donations")
    for _ in range(40):
        world.bridge.deliver()
        drain(engine)
    world.clock.advance(HOUR)
    drain(engine)
    assert world.faults.fired[kind] > 3
    assert known(engine) == there(world)


@pytest.mark.parametrize("kind", get_args(DeliveryKind))
def test_a_pull_closes_the_gaps(world: World, gateway: str, engine: Engine, leyka: Leyka, kind: DeliveryKind) -> None:
    """A proxy has swallowed events, and somebody has changed the database: the site still knows."""
    world.leyka.switches = replace(world.leyka.switches, proxy_answers=True)
    world.faults.order(Fault(kind=kind, methods="leyka.*", probability=0.4, seed=kind))
    seeds.plant(world, "donations")
    world.bridge.deliver()
    world.clock.advance(HOUR)
    drain(engine)
    for page in leyka.events(0, size=5):
        apply(engine, "portal", page.rows, NOW)
    assert known(engine) == there(world)
    assert newest_seqs(engine, "portal")[SITE] == len(world.leyka.outbox)
    world.leyka.donations[47].status = "refunded"
    take_snapshots(engine, leyka)
    assert known(engine) == there(world)


def test_a_site_that_forgot_its_events_is_still_believed(
    world: World, gateway: str, engine: Engine, leyka: Leyka
) -> None:
    """They were delivered long ago and dropped, or the plugin was installed anew: it numbers from the beginning."""
    seeds.plant(world, "donations")
    world.bridge.deliver()
    drain(engine)
    world.leyka.outbox.clear()
    life.set_status(world.leyka, world.leyka.donations[47], "refunded")
    take_snapshots(engine, leyka)
    assert known(engine) == there(world)


def test_a_day_without_the_gateway_loses_nothing(
    world: World, serve: Callable[[Secrets], AbstractContextManager[Sender]], engine: Engine
) -> None:
    """The site keeps its events, and brings them in their order when the gateway is back."""
    world.leyka.switches = replace(world.leyka.switches, url="http://127.0.0.1:9/leyka", signs_by="wall")
    made = seeds.plant(world, "donations")
    for _ in range(24):
        world.clock.advance(HOUR)
        life.set_status(world.leyka, world.leyka.donations[made["abandoned"]], "failed")
    assert known(engine) == {}
    with serve(Secrets(leyka=SECRET)) as sender:
        url = str(sender.http.base_url.join("/leyka"))
        world.leyka.switches = replace(world.leyka.switches, url=url)
        told = world.bridge.deliver()
    assert [one.status for one in told] == [200] * len(world.leyka.outbox)
    assert [row.body["seq"] for row in pending(engine, "leyka")] == list(range(1, len(told) + 1))
    drain(engine)
    assert known(engine) == there(world)
