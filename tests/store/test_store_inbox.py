from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from backoffice.store.counters import count, counters
from backoffice.store.inbox import InboxRow, Waiting, accept, file_away, mark_handled, note_start, pending, waiting

MOMENT = datetime(2026, 9, 10, 19, 0, tzinfo=UTC)
LATER = MOMENT + timedelta(minutes=16)


def deliver(engine: Engine, key: str, now: datetime = MOMENT, source: str = "timepad") -> bool:
    return accept(engine, source, key, "300100", {"event_id": 300100, "ticket_id": key}, now)


def test_a_delivery_waits_with_its_body(engine: Engine) -> None:
    """What was accepted is pending, as it was delivered."""
    assert deliver(engine, "a")
    [row] = pending(engine, "timepad")
    assert (row.subject, row.body, row.received_at) == ("300100", {"event_id": 300100, "ticket_id": "a"}, MOMENT)


def test_a_repeat_of_a_waiting_delivery_changes_nothing(engine: Engine) -> None:
    """A doubled hook is one row, with the start that was made for it."""
    deliver(engine, "a")
    [row] = pending(engine, "timepad")
    note_start(engine, "timepad", row.id, "run", MOMENT)
    before = pending(engine, "timepad")
    assert not deliver(engine, "a", LATER)
    assert pending(engine, "timepad") == before


def test_a_repeat_of_a_handled_delivery_waits_again(engine: Engine) -> None:
    """A repeated hint costs one look: the row waits again, free to start at once, under a new start number."""
    deliver(engine, "a")
    [row] = pending(engine, "timepad")
    note_start(engine, "timepad", row.id, "run", MOMENT)
    mark_handled(engine, [row.id], MOMENT)
    assert pending(engine, "timepad") == []
    assert deliver(engine, "a", LATER)
    assert waiting(engine) == [Waiting("timepad", row.id, rows=1, starts=1, last_started_at=None)]


def test_waiting_counts_rows_by_source(engine: Engine) -> None:
    """Each source shows its oldest waiting row and how many wait; the handled do not count."""
    for key in ("a", "b", "c"):
        deliver(engine, key)
    deliver(engine, "a", source="leyka")
    first, second, _ = pending(engine, "timepad")
    [other] = pending(engine, "leyka")
    mark_handled(engine, [first.id], MOMENT)
    assert waiting(engine) == [Waiting("leyka", other.id, 1, 0, None), Waiting("timepad", second.id, 2, 0, None)]


def test_a_start_holds_for_everything_that_waits(engine: Engine) -> None:
    """The last start is known though a row older than the one it was noted on turns up after it."""
    deliver(engine, "a")
    deliver(engine, "b")
    first, second = pending(engine, "timepad")
    note_start(engine, "timepad", second.id, "run", MOMENT)
    assert waiting(engine) == [Waiting("timepad", first.id, rows=2, starts=0, last_started_at=MOMENT)]
    note_start(engine, "timepad", first.id, "another run", LATER)
    assert waiting(engine) == [Waiting("timepad", first.id, rows=2, starts=1, last_started_at=LATER)]


def test_a_filed_delivery_waits_for_nobody(engine: Engine) -> None:
    """What no process listens to is stored as handled, once."""
    for _ in range(2):
        file_away(engine, "bitrix24", "a", "ONCRMDEALUPDATE", {"event": "ONCRMDEALUPDATE"}, MOMENT)
    assert waiting(engine) == []
    assert deliver(engine, "a", source="bitrix24")
    assert len(pending(engine, "bitrix24")) == 1


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(["a", "b", "c", "handle"]), max_size=20))
def test_any_sequence_of_deliveries_gives_each_row_once(engine: Engine, steps: list[str]) -> None:
    """Doubled and reordered as it may be, a delivery is one row, and it waits if it came after the last handling."""
    mark_handled(engine, [row.id for row in pending(engine, "timepad")], MOMENT)
    expected: set[str] = set()
    for step in steps:
        if step == "handle":
            mark_handled(engine, [row.id for row in pending(engine, "timepad")], MOMENT)
            expected.clear()
            continue
        assert deliver(engine, step) == (step not in expected)
        expected.add(step)
    assert sorted(_keys(pending(engine, "timepad"))) == sorted(expected)


def test_counters_count(engine: Engine) -> None:
    """Each name has its own total."""
    for name in ("forged", "oversized", "forged"):
        count(engine, name)
    assert counters(engine) == {"forged": 2, "oversized": 1}


def _keys(rows: list[InboxRow]) -> list[str]:
    return [row.delivery_key for row in rows]
