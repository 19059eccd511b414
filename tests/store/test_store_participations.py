from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from backoffice.store.engine import writing
from backoffice.store.events import KnownEvent, known_events, remember_event
from backoffice.store.participations import AttendedEvent, Participation, attended_events, of_event, remember

MOMENT = datetime(2026, 9, 10, 19, 0, tzinfo=UTC)


def participation(ticket_id: str = "7001", **known: Any) -> Participation:
    usual = {"event_id": 300100, "contact_id": 1, "element_id": 11, "status": "paid", "attended": True}
    return Participation(portal="portal", ticket_id=ticket_id, **{**usual, **known})


def held(event_id: int, starts_at: datetime = MOMENT, portal: str = "portal") -> KnownEvent:
    return KnownEvent(
        portal=portal,
        event_id=event_id,
        title=f"Семинар {event_id}",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        imported_at=MOMENT,
    )


def test_a_ticket_is_remembered_as_it_is_now(engine: Engine) -> None:
    """What is remembered later of a ticket replaces what was known."""
    remember(engine, [participation("7001"), participation("7002")])
    remember(engine, [participation("7001", status="returned", attended=False, contact_id=None)])
    known = of_event(engine, "portal", 300100)
    assert sorted(known) == ["7001", "7002"]
    assert known["7001"] == participation("7001", status="returned", attended=False, contact_id=None)


def test_tickets_of_other_events_and_portals_are_apart(engine: Engine) -> None:
    """An event is asked for by portal and id."""
    other = participation()
    other.portal = "other"
    remember(engine, [participation(event_id=300101), other])
    assert of_event(engine, "portal", 300100) == {}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 9)), max_size=12), cut=st.integers(0, 12))
def test_any_order_of_remembering_ends_with_the_latest(engine: Engine, rows: list[tuple[str, int]], cut: int) -> None:
    """However the rows are cut into calls and however often a ticket comes, its last row is what is known."""
    _forget(engine)
    tickets = [participation(ticket, contact_id=contact) for ticket, contact in rows]
    remember(engine, tickets[:cut])
    remember(engine, tickets[cut:])
    known = of_event(engine, "portal", 300100)
    assert {ticket: row.contact_id for ticket, row in known.items()} == dict(rows)


def test_visits_are_distinct_attended_known_events_in_order(engine: Engine) -> None:
    """Two tickets of an event are one visit; a no-show, an unknown event and another portal's are none."""
    for event in (held(3, MOMENT), held(2, MOMENT), held(1, MOMENT + timedelta(days=1)), held(4, portal="other")):
        remember_event(engine, event)
    remember(
        engine,
        [
            *(participation("a", event_id=event_id) for event_id in (1, 2, 3, 4, 5)),
            participation("b", event_id=2),
            participation("c", event_id=1, contact_id=2, attended=False),
        ],
    )
    visits = attended_events(engine, "portal", [1, 2, 3])
    assert [visit.event_id for visit in visits[1]] == [2, 3, 1]
    assert visits[1][0] == AttendedEvent(2, "Семинар 2", MOMENT)
    assert (visits[2], visits[3]) == ([], [])


def test_a_renamed_event_has_its_new_title(engine: Engine) -> None:
    """An event is remembered as it was at its last import."""
    remember_event(engine, held(1))
    renamed = held(1)
    renamed.title, renamed.section_id = "Вебинар", 169
    remember_event(engine, renamed)
    assert known_events(engine, "portal", [1, 2]) == {1: renamed}


def test_five_thousand_tickets_are_remembered(engine: Engine) -> None:
    """More rows and contacts than a statement takes variables."""
    remember_event(engine, held(300100))
    remember(engine, (participation(str(number), contact_id=number) for number in range(5000)))
    assert len(of_event(engine, "portal", 300100)) == 5000
    assert all(len(visits) == 1 for visits in attended_events(engine, "portal", range(5000)).values())


def _forget(engine: Engine) -> None:
    with writing(engine) as session:
        for row in of_event(engine, "portal", 300100).values():
            session.delete(session.merge(row))
