"""The attendance fields of a contact are counted, never added to."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from backoffice.rules.attendance_cards import card_of, inherit, outdated, recount
from backoffice.rules.attendance_facts import Card, Contacts, Event, Visit

START = datetime(2026, 3, 1, 16, tzinfo=UTC)
VISITS = st.lists(st.integers(1, 5).map(lambda number: _visit(number)), max_size=8)


def _visit(number: int) -> Visit:
    return Visit(number, f"Семинар {number}", START + timedelta(days=number % 3))


@given(VISITS, st.data())
def test_a_card_does_not_depend_on_the_order_of_visits(visits: list[Visit], choice: st.DataObject) -> None:
    """Nor on how often an event is named: the count is that of distinct events."""
    card = card_of(visits)
    assert card == card_of(choice.draw(st.permutations(visits + visits)))
    assert card.count == len({visit.event_id for visit in visits}) == len(card.titles)


def test_a_card_tells_first_last_and_every_event() -> None:
    """Ordered by start; two events at the same time by their ids."""
    card = card_of([_visit(2), _visit(4), _visit(1)])
    assert (card.count, card.first, card.last) == (3, _visit(1).starts_at, _visit(2).starts_at)
    assert card.titles == ("Семинар 1 (02.03.2026)", "Семинар 4 (02.03.2026)", "Семинар 2 (03.03.2026)")


def test_who_attended_nothing_has_an_empty_card() -> None:
    """Equal to what a contact without our fields shows, so that nothing is written to it."""
    assert card_of([]) == Card()


def test_a_title_shows_the_day_in_the_zone_of_the_visit() -> None:
    """A morning in Vladivostok is still the evening before in UTC."""
    morning = datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("Asia/Vladivostok"))
    assert card_of([Visit(1, "Завтрак", morning)]).titles == ("Завтрак (02.03.2026)",)


def test_this_event_is_counted_from_the_visitors_and_the_others_from_history() -> None:
    """What history says of this very event is out of date and not looked at."""
    event = Event(1, "Семинар 1", _visit(1).starts_at)
    contacts = Contacts(history={5: (_visit(1), _visit(2)), 7: (_visit(1),)})
    cards = recount(event, {5, "newcomer"}, [5, 7, "newcomer"], contacts)
    assert {who: card.count for who, card in cards.items()} == {5: 2, 7: 0, "newcomer": 1}


def test_only_living_contacts_with_another_card_are_outdated() -> None:
    """A newcomer gets its card when created, and one that is gone gets none."""
    one = card_of([_visit(1)])
    contacts = Contacts(living={5: one, 7: Card()})
    assert outdated({5: one, 7: one, 9: one, "newcomer": one}, contacts) == {7: one}


def test_the_visits_of_the_gone_are_inherited() -> None:
    """By the one that took their place; a deleted contact leaves them to nobody."""
    history = {5: (_visit(1),), 7: (_visit(2),), 8: (_visit(3),)}
    assert inherit(history, {5: 7, 8: None})[7] == (_visit(2), _visit(1))
    assert inherit(history, {5: 9})[9] == (_visit(1),)
