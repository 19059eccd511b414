"""The whole process in Prefect, between Timepad and a portal in a box."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prefect import get_client
from prefect.client.schemas.sorting import ArtifactSort
from prefect.settings import PREFECT_LOGGING_TO_API_ENABLED, temporary_settings

from backoffice import connections
from backoffice.sandbox.bitrix24.config import WEBHOOK_SECRET
from backoffice.sandbox.seeds import plant
from backoffice.sandbox.timepad.state import TOKEN as TIMEPAD_TOKEN
from backoffice.sandbox.world import World
from backoffice.settings import settings
from backoffice.store import inbox
from backoffice.timepad import NoEvents, TimepadRefused
from flows.attendance_import import attendance_import
from flows.portal_setup import portal_setup

pytestmark = pytest.mark.usefixtures("prefect", "connected")
HOURS = 3600


@pytest.fixture
def event_id(world: World) -> int:
    """The seminar of the demonstration, still going on for two hours, on a portal that is set up."""
    seed = plant(world, "seminar")
    portal_setup()
    return int(seed["event_id"])


def hooks(event_id: int, *deliveries: str) -> None:
    """Signed hooks about the event that the gateway has taken in."""
    for delivery in deliveries:
        inbox.accept(connections.store(), "timepad", delivery, str(event_id), {}, datetime.now(UTC))


def test_the_sweep_imports_a_finished_event_without_any_hook(world: World, event_id: int) -> None:
    """Before the end nothing happens; after it everything stands; the same event forced again changes nothing."""
    before = world.portal.dump()
    attendance_import()
    assert world.portal.dump() == before
    world.clock.advance(3 * HOURS)
    attendance_import()
    after_one = world.portal.dump()
    assert len(after_one["contacts"]) == 20
    attendance_import()
    attendance_import(event_id=event_id)
    assert world.portal.dump() == after_one


def test_a_mistyped_organization_is_told(event_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep that would find nothing for ever says which setting to look at."""
    assert event_id
    monkeypatch.setenv("TIMEPAD_ORGANIZATION_ID", "40401")
    settings.cache_clear()
    with pytest.raises(NoEvents, match="TIMEPAD_ORGANIZATION_ID"):
        attendance_import()


def test_hooks_only_hint(world: World, event_id: int) -> None:
    """Early, doubled and reordered hooks lead to the portal that the sweep leads to, and none stays unhandled."""
    before = world.portal.dump()
    hooks(event_id, "early", "early", "second")
    attendance_import(which="hinted")
    assert world.portal.dump() == before
    assert inbox.waiting(connections.store()) == []
    world.clock.advance(3 * HOURS)
    hooks(event_id, "third", "early")
    attendance_import(which="hinted")
    assert inbox.waiting(connections.store()) == []
    imported = world.portal.dump()
    attendance_import()
    assert world.portal.dump() == imported
    assert len(imported["contacts"]) == 20


def test_a_dry_run_shows_the_plan_and_writes_nothing(world: World, event_id: int) -> None:
    """The plan counts what the run would do; the portal and our memory of it stay as they were."""
    world.clock.advance(3 * HOURS)
    before = world.portal.dump()
    attendance_import(event_id=event_id, dry_run=True)
    assert world.portal.dump() == before
    plan = next(text for key, text in artifacts() if key == f"attendance-plan-{event_id}")
    assert "| Создать контактов | 8 |" in plan
    assert "| Запись займёт | меньше минуты: 1" in plan
    attendance_import()
    assert len(world.portal.dump()["contacts"]) == 20


def test_check_ins_and_refunds_are_looked_for_again_later(world: World, event_id: int) -> None:
    """The passes hours and a day after the end import again, and between them nothing is read anew."""
    world.clock.advance(3 * HOURS)
    attendance_import()
    world.log.reset_counters()
    world.clock.advance(1 * HOURS)
    attendance_import()
    assert f"/v1/events/{event_id}/orders" not in str(world.log.counters()["by_method"])
    assert not any("orders" in method for method in world.log.counters()["by_method"])
    world.clock.advance(5 * HOURS)
    attendance_import()
    assert any("orders" in method for method in world.log.counters()["by_method"])


def test_one_refused_event_does_not_stop_the_others(world: World, event_id: int) -> None:
    """The run fails, the other event stands in the portal, and only the refused event's hook is still waiting."""
    foreign = world.timepad.add_event("Чужое", world.clock.now() - timedelta(hours=5), world.clock.now())
    foreign.organization_id = 7
    hooks(foreign.id, "one")
    hooks(event_id, "two")
    world.clock.advance(3 * HOURS)
    state = attendance_import(which="hinted", return_state=True)
    assert state.is_failed()
    assert len(world.portal.dump()["contacts"]) == 20
    assert [row.subject for row in inbox.pending(connections.store(), "timepad")] == [str(foreign.id)]


def test_an_unknown_event_is_refused_clearly(event_id: int) -> None:
    """The error names the event and what Timepad says of it; nothing is retried."""
    with pytest.raises(TimepadRefused, match=r"/v1/events/1: 404: такого мероприятия"):
        attendance_import(event_id=1)


def test_one_event_wants_its_number() -> None:
    """Started by hand without a number, the run says what to fill in instead of importing everything that is due."""
    with pytest.raises(ValueError, match="впишите номер мероприятия"):
        attendance_import(which="one")


def test_neither_secrets_nor_addresses_reach_prefect(
    world: World, sandbox: str, event_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logs, artifacts, states and parameters of good and failing runs hold no secret, e-mail or phone."""
    world.clock.advance(3 * HOURS)
    with temporary_settings({PREFECT_LOGGING_TO_API_ENABLED: True}):
        attendance_import()
        monkeypatch.setenv("BITRIX24_WEBHOOK_URL", f"{sandbox}/rest/1/mistyped-secret/")
        settings.cache_clear()
        assert attendance_import(return_state=True).is_failed()
    told = asyncio.run(everything_prefect_knows())
    assert "Кузнецов" not in told
    for secret in (WEBHOOK_SECRET, "mistyped-secret", TIMEPAD_TOKEN, "@example.org", "+7999", "+7 999"):
        assert secret.casefold() not in told.casefold()


def artifacts() -> list[tuple[str | None, str]]:
    """Key and content of every artifact, the newest first."""

    async def read() -> list[tuple[str | None, str]]:
        async with get_client() as client:
            found = await client.read_artifacts(sort=ArtifactSort.UPDATED_DESC, limit=200)
        return [(artifact.key, str(artifact.data)) for artifact in found]

    return asyncio.run(read())


async def everything_prefect_knows() -> str:
    """All that the server keeps of the runs, as one text."""
    async with get_client() as client:
        await asyncio.sleep(3)
        parts: list[Any] = [
            await client.read_flow_runs(limit=200),
            await client.read_task_runs(limit=200),
            await client.read_artifacts(limit=200),
            await client.read_logs(limit=200),
        ]
    assert all(parts)
    return json.dumps([row.model_dump(mode="json") for rows in parts for row in rows], ensure_ascii=False)
