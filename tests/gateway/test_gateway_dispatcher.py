import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from backoffice.gateway.dispatcher import Dispatcher
from backoffice.gateway.starts import NotStarted
from backoffice.store.inbox import KEPT, Waiting, accept, mark_handled, park, parked, pending, waiting

MOMENT = datetime(2026, 9, 10, 19, 0, tzinfo=UTC)

# conftest's Sender and FakePrefect; test folders are no packages, so their types cannot be imported.
Sender = Any
FakePrefect = Any


def deliver(engine: Engine, key: str = "a", source: str = "timepad") -> None:
    accept(engine, source, key, "300100", {"event_id": 300100}, MOMENT)


def look(engine: Engine, prefect: FakePrefect, now: datetime = MOMENT) -> None:
    """One look into the inbox at the given moment."""
    asyncio.run(Dispatcher(engine, prefect, clock=lambda: now).start_waiting())


def test_what_waits_is_started_once(engine: Engine, prefect: FakePrefect) -> None:
    """The start is noted on the row, and a second look makes no other."""
    deliver(engine)
    look(engine, prefect)
    look(engine, prefect, MOMENT + timedelta(minutes=15))
    assert list(prefect.runs) == ["inbox:timepad:1:0"]
    [row] = pending(engine, "timepad")
    assert (row.flow_run_id, row.starts, row.last_started_at) == ("run 1", 1, MOMENT)


def test_nothing_waiting_starts_nothing(engine: Engine, prefect: FakePrefect) -> None:
    """Prefect is not asked about an empty inbox, nor about a source that hints at no process."""
    deliver(engine, source="elsewhere")
    look(engine, prefect)
    assert prefect.asked == 0


def test_each_source_starts_its_own_process(engine: Engine, prefect: FakePrefect) -> None:
    """Tickets and donations that wait at once are two runs."""
    deliver(engine)
    deliver(engine, source="leyka")
    look(engine, prefect)
    started = sorted(deployment for deployment, _ in prefect.given.values())
    assert started == ["attendance-import/hinted", "donation-reconciliation/hinted"]


def test_a_lost_run_is_started_again(engine: Engine, prefect: FakePrefect) -> None:
    """When a quarter of an hour later the row still waits, there is a new start under a new number."""
    deliver(engine)
    look(engine, prefect)
    look(engine, prefect, MOMENT + timedelta(minutes=15, seconds=1))
    assert list(prefect.runs) == ["inbox:timepad:1:0", "inbox:timepad:1:1"]


def test_a_start_nobody_noted_is_the_same_run(engine: Engine, prefect: FakePrefect) -> None:
    """The process died, or the answer was lost, between the start and its note: the next look gets the same run."""
    deliver(engine)
    prefect.loses_answers = True
    with pytest.raises(NotStarted):
        look(engine, prefect)
    prefect.loses_answers = False
    look(engine, prefect)
    assert prefect.runs == {"inbox:timepad:1:0": "run 1"}
    assert waiting(engine) == [Waiting("timepad", 1, rows=1, starts=1, last_started_at=MOMENT)]


def test_a_spent_key_is_passed_over(engine: Engine, prefect: FakePrefect) -> None:
    """A store made anew counts from one again: keys whose runs have ended do not swallow its starts."""
    prefect.runs = {"inbox:timepad:1:0": "old", "inbox:timepad:1:1": "older"}
    prefect.spent = set(prefect.runs)
    deliver(engine)
    look(engine, prefect)
    [row] = pending(engine, "timepad")
    assert prefect.runs[f"inbox:timepad:{row.id}:2"] == row.flow_run_id


def test_what_comes_after_the_run_looked_is_started_anew(engine: Engine, prefect: FakePrefect) -> None:
    """A hook that arrives while a run works waits for that run's end, and not for a quarter of an hour."""
    deliver(engine, "a")
    look(engine, prefect)
    seen_by_the_run = [row.id for row in pending(engine, "timepad")]
    deliver(engine, "b")
    look(engine, prefect)
    assert len(prefect.runs) == 1
    mark_handled(engine, seen_by_the_run, MOMENT)
    look(engine, prefect)
    assert len(prefect.runs) == 2


def test_one_source_does_not_hold_up_another(engine: Engine) -> None:
    """A deployment that cannot be started is told after all the others are."""
    started = []

    class HalfDeployed:
        async def start(self, deployment: str, idempotency_key: str, _parameters: Any = None) -> Any:
            if deployment == "missing/missing":
                raise NotStarted(deployment)
            started.append(idempotency_key)
            raise NotStarted("its answer is of no interest here")

    deliver(engine, source="a")
    deliver(engine, source="b")
    deployments = {"a": "missing/missing", "b": "there/there"}
    with pytest.raises(NotStarted):
        asyncio.run(Dispatcher(engine, HalfDeployed(), deployments=deployments).start_waiting())
    assert started == ["inbox:b:2:0"]


def test_it_stops_when_it_is_told_to_though_just_woken(engine: Engine, prefect: FakePrefect) -> None:
    """A webhook stored in the moment of the stop does not keep the gateway from stopping."""

    async def scenario() -> None:
        dispatcher = Dispatcher(engine, prefect, look_every=60)
        async with asyncio.timeout(5), dispatcher.working():
            await asyncio.sleep(0.2)
            dispatcher.wake()
            await asyncio.sleep(0)
        assert not dispatcher.alive

    asyncio.run(scenario())


def test_once_an_hour_the_old_goes(engine: Engine, prefect: FakePrefect) -> None:
    """What has waited for nothing for a month is dropped, not at every look."""
    now = MOMENT + KEPT

    async def scenario() -> list[int]:
        dispatcher, left = Dispatcher(engine, prefect, clock=lambda: now), []
        for passed in (0, 10, 59, 61):
            now_is(passed)
            await dispatcher.prune_if_due()
            left.append(len(parked(engine)))
        return left

    def now_is(minutes: int) -> None:
        nonlocal now
        now = MOMENT + KEPT + timedelta(minutes=minutes)

    park(engine, "leyka", "a", "", {}, MOMENT, reason="?")
    park(engine, "leyka", "b", "", {}, MOMENT - timedelta(minutes=1), reason="?")
    assert asyncio.run(scenario()) == [1, 1, 1, 0]


def test_a_burst_during_an_outage_is_one_run(
    sender: Sender, engine: Engine, prefect: FakePrefect, eventually: Callable[..., None]
) -> None:
    """500 hooks are accepted while Prefect is down; when it is back, exactly one run is started for them."""
    prefect.down = True
    answers = [sender.hook({"event_id": 300100, "id": f"{ticket}:1", "order_id": "1"}) for ticket in range(500)]
    assert {answer.status_code for answer in answers} == {200}
    assert [source.rows for source in waiting(engine)] == [500]
    assert prefect.asked < 100
    prefect.down = False
    eventually(lambda: prefect.runs)
    eventually(lambda: waiting(engine)[0].starts == 1)
    eventually(lambda: sender.http.get("/ready").json()["prefect"] == "ok")
    assert list(prefect.runs) == ["inbox:timepad:1:0"]


def test_the_next_gateway_starts_what_the_last_one_stored(
    serve: Callable[[], AbstractContextManager[Sender]],
    engine: Engine,
    prefect: FakePrefect,
    eventually: Callable[..., None],
) -> None:
    """A gateway stopped between storing and starting loses nothing: its successor looks into the inbox first."""
    prefect.down = True
    with serve() as sender:
        assert sender.hook({"event_id": 300100}).status_code == 200
    assert prefect.runs == {}
    prefect.down = False
    with serve():
        eventually(lambda: waiting(engine)[0].starts == 1)
    assert list(prefect.runs) == ["inbox:timepad:1:0"]


def test_an_outage_of_the_store_is_survived(
    sender: Sender, engine: Engine, prefect: FakePrefect, eventually: Callable[..., None]
) -> None:
    """The dispatcher goes on when the database is back; meanwhile the gateway says that it is not ready."""
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE inbox RENAME TO away")
    eventually(lambda: sender.http.get("/ready").status_code == 503)
    assert sender.hook({"event_id": 300100}).status_code == 503
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO inbox")
    assert sender.hook({"event_id": 300100}).status_code == 200
    eventually(lambda: prefect.runs)


def test_a_defect_of_the_dispatcher_is_seen(
    sender: Sender,
    prefect: FakePrefect,
    engine: Engine,
    caplog: pytest.LogCaptureFixture,
    eventually: Callable[..., None],
) -> None:
    """What nobody foresaw stops the starts, not the storing: the gateway is no more ready, and its log says why."""
    prefect.defect = KeyError("nobody foresaw this")
    sender.hook({"event_id": 300100})
    eventually(lambda: sender.http.get("/ready").status_code == 503)
    assert sender.hook({"event_id": 300101}).status_code == 200
    assert waiting(engine)[0].rows == 2
    assert "nobody foresaw this" in caplog.text


def test_an_outage_is_told_once(
    sender: Sender, prefect: FakePrefect, caplog: pytest.LogCaptureFixture, eventually: Callable[..., None]
) -> None:
    """One warning when Prefect stops answering, however often it is tried, and one line when it answers again."""
    with caplog.at_level(logging.INFO, logger="backoffice"):
        prefect.down = True
        sender.hook({"event_id": 300100})
        eventually(lambda: prefect.asked >= 3)
        prefect.down = False
        eventually(lambda: sender.http.get("/ready").json()["prefect"] == "ok")
    levels = [record.levelname for record in caplog.records if record.name.startswith("backoffice")]
    assert levels == ["WARNING", "INFO", "INFO"]
