from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from backoffice.rules.donation_facts import Donation
from backoffice.store.aliases import note_alias, survivors
from backoffice.store.donation_changes import apply_snapshots
from backoffice.store.donations import Written, note_written, of_contacts
from backoffice.store.participations import Participation, of_event, remember

MOMENT = datetime(2026, 9, 10, 19, 0, tzinfo=UTC)


def test_chains_of_merges_are_followed_to_their_end(engine: Engine) -> None:
    """1 went into 2 and 2 into 3: whoever asks for 1 gets 3; a deleted end is None; an unknown contact is left out."""
    note_alias(engine, "portal", {1: 2}, MOMENT)
    note_alias(engine, "portal", {2: 3, 4: None, 5: 4}, MOMENT)
    assert survivors(engine, "portal", [1, 2, 3, 4, 5]) == {1: 3, 2: 3, 4: None, 5: None}


def test_the_newer_sight_of_a_contact_counts(engine: Engine) -> None:
    """A contact noted as gone that is now seen to survive another stands again, and no circle comes of it."""
    note_alias(engine, "portal", {1: 2}, MOMENT)
    note_alias(engine, "portal", {2: 1}, MOMENT)
    assert survivors(engine, "portal", [1, 2]) == {2: 1}


def test_a_deleted_contact_may_turn_out_merged(engine: Engine) -> None:
    """A later alias of the same contact replaces the earlier."""
    note_alias(engine, "portal", {1: None}, MOMENT)
    note_alias(engine, "portal", {1: 2}, MOMENT)
    assert survivors(engine, "portal", [1]) == {1: 2}


def test_what_the_gone_attended_passes_to_the_survivor(engine: Engine) -> None:
    """To the end of a chain of merges, on this portal only; a deleted contact keeps its own."""
    for portal in ("portal", "other"):
        rows = [
            Participation(
                portal=portal, event_id=1, ticket_id=str(contact), contact_id=contact, status="оплачен", attended=True
            )
            for contact in (1, 2, 3, 4)
        ]
        remember(engine, rows)
    note_alias(engine, "portal", {1: 2, 2: 3, 4: None}, MOMENT)
    assert [row.contact_id for _, row in sorted(of_event(engine, "portal", 1).items())] == [3, 3, 3, 4]
    assert [row.contact_id for _, row in sorted(of_event(engine, "other", 1).items())] == [1, 2, 3, 4]


def test_what_the_gone_donated_is_the_survivors(engine: Engine) -> None:
    """To the end of a chain of merges, on this portal only; a deleted contact keeps its own."""
    hundred = Decimal("100.00")
    gifts = [Donation(number, "funded", MOMENT, hundred, hundred) for number in (1, 2, 3, 4)]
    for portal in ("portal", "other"):
        apply_snapshots(engine, portal, "site", gifts, 0, MOMENT)
        note_written(engine, portal, {("site", number): Written(500, number, {}) for number in (1, 2, 3, 4)})
    note_alias(engine, "portal", {1: 2, 2: 3, 4: None}, MOMENT)
    assert _donated(engine, "portal") == {3: [1, 2, 3], 4: [4]}
    assert _donated(engine, "other") == {1: [1], 2: [2], 3: [3], 4: [4]}


@pytest.mark.parametrize("circle", [{1: 1}, {1: 2, 2: 1}, {3: 1, 1: 2, 2: 1}])
def test_a_circle_is_refused(engine: Engine, circle: dict[int, int | None]) -> None:
    """Contacts cannot survive each other; nothing of such a note is kept."""
    with pytest.raises(ValueError, match="in a circle"):
        note_alias(engine, "portal", circle, MOMENT)
    assert survivors(engine, "portal", [1, 2, 3]) == {}


def test_portals_are_apart(engine: Engine) -> None:
    """Contact 1 of another portal is another contact."""
    note_alias(engine, "other", {1: 2}, MOMENT)
    assert survivors(engine, "portal", [1]) == {}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(notes=st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)).filter(lambda pair: pair[0] != pair[1])))
def test_no_history_of_merges_makes_a_circle(engine: Engine, notes: list[tuple[int, int]]) -> None:
    """Whatever is noted in whatever order, the last survivor stands and every chain has an end that stands."""
    note_alias(engine, "portal", dict.fromkeys(range(1, 6)), MOMENT)
    for gone, survivor in notes:
        note_alias(engine, "portal", {gone: survivor}, MOMENT)
        assert survivor not in survivors(engine, "portal", [survivor])
    ends = survivors(engine, "portal", range(1, 6))
    assert not set(ends.values()) & ends.keys()


def _donated(engine: Engine, portal: str) -> dict[int, list[int]]:
    return {contact: [one.id for one in theirs] for contact, theirs in of_contacts(engine, portal, range(1, 5)).items()}
