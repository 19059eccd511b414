from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import select

from backoffice.store.counters import count, counters
from backoffice.store.engine import reading
from backoffice.store.inbox import (
    KEPT,
    InboxRow,
    Waiting,
    accept,
    accept_once,
    count_parked,
    file_away,
    mark_handled,
    note_start,
    park,
    parked,
    pending,
    prune,
    waiting,
)

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


def test_a_handled_delivery_is_forgotten_but_for_its_key(engine: Engine) -> None:
    """What it said may be about a person; a repeat that waits again says it again."""
    deliver(engine, "a")
    mark_handled(engine, [row.id for row in pending(engine, "timepad")], MOMENT)
    assert [(row.delivery_key, row.body) for row in _all(engine)] == [("a", {})]
    deliver(engine, "a", LATER)
    assert [row.body for row in pending(engine, "timepad")] == [{"event_id": 300100, "ticket_id": "a"}]


def test_a_numbered_delivery_comes_once(engine: Engine) -> None:
    """Its sender numbers what happens: a repeat is no news, waiting or handled."""
    assert accept_once(engine, "leyka", "a", "47", {"id": 47}, MOMENT)
    assert not accept_once(engine, "leyka", "a", "47", {"id": 47}, MOMENT)
    mark_handled(engine, [row.id for row in pending(engine, "leyka")], MOMENT)
    assert not accept_once(engine, "leyka", "a", "47", {"id": 47}, LATER)
    assert pending(engine, "leyka") == []


def test_a_parked_delivery_waits_for_people(engine: Engine) -> None:
    """It starts nothing, is counted, and has its body and the reason."""
    for _ in range(2):
        park(engine, "leyka", "a", "", {"raw": "?"}, MOMENT, reason="тело: не JSON")
    assert waiting(engine) == []
    assert count_parked(engine) == {"leyka": 1}
    assert [(row.body, row.reason) for row in parked(engine)] == [({"raw": "?"}, "тело: не JSON")]


def test_what_waits_for_nothing_goes_in_time(engine: Engine) -> None:
    """The handled after a month, the parked too; what waits stays for as long as it waits."""
    for key in ("waits", "handled", "handled later"):
        deliver(engine, key)
    _, handled, later = pending(engine, "timepad")
    mark_handled(engine, [handled.id], MOMENT)
    mark_handled(engine, [later.id], LATER)
    park(engine, "leyka", "parked", "", {}, MOMENT, reason="?")
    assert prune(engine, MOMENT + KEPT) == 0
    assert prune(engine, LATER + KEPT) == 2
    assert _keys(_all(engine)) == ["waits", "handled later"]


def test_a_portion_of_what_waits_is_the_oldest(engine: Engine) -> None:
    """As many as asked for."""
    for key in ("a", "b", "c"):
        deliver(engine, key)
    assert _keys(pending(engine, "timepad", most=2)) == ["a", "b"]


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


def _all(engine: Engine) -> list[InboxRow]:
    with reading(engine) as session:
        return list(session.exec(select(InboxRow).order_by(InboxRow.id)))  # type: ignore[arg-type]  # a column of the class
