"""The attendance fields of a contact, counted anew each time from the events attended; never «plus one»."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from backoffice.rules.attendance_facts import Card, Contacts, Event, Visit
from backoffice.rules.attendance_plan import ContactRef


def card_of(visits: Iterable[Visit]) -> Card:
    """The card of somebody with these visits, whatever their order; an event counts once."""
    events = {visit.event_id: visit for visit in visits}
    ordered = sorted(events.values(), key=lambda visit: (visit.starts_at, visit.event_id))
    if not ordered:
        return Card()
    titles = tuple(f"{visit.title} ({visit.starts_at:%d.%m.%Y})" for visit in ordered)
    return Card(len(ordered), ordered[0].starts_at, ordered[-1].starts_at, titles)


def recount(
    event: Event, visitors: Collection[ContactRef], involved: Iterable[ContactRef], contacts: Contacts
) -> dict[ContactRef, Card]:
    """The cards that everybody involved should have: other events attended, and this one for its visitors."""
    this = Visit(event.id, event.title, event.starts_at)
    return {
        contact: card_of([*_other_visits(contact, event, contacts), *([this] if contact in visitors else [])])
        for contact in involved
    }


def inherit(history: Mapping[int, tuple[Visit, ...]], heirs: Mapping[int, int | None]) -> dict[int, tuple[Visit, ...]]:
    """The histories with those of contacts that are gone added to the contacts that took their place."""
    inherited = dict(history)
    for gone, heir in heirs.items():
        if heir is not None:
            inherited[heir] = inherited.get(heir, ()) + history.get(gone, ())
    return inherited


def outdated(cards: Mapping[ContactRef, Card], contacts: Contacts) -> dict[int, Card]:
    """Those of the cards that a living contact does not show yet."""
    return {
        contact: card
        for contact, card in cards.items()
        if isinstance(contact, int) and not _alike(contacts.living.get(contact, card), card)
    }


def _alike(shown: Card, wanted: Card) -> bool:
    """Whether there is nothing to write; a portal may give the titles back in an order of its own."""
    return replace(shown, titles=()) == replace(wanted, titles=()) and sorted(shown.titles) == sorted(wanted.titles)


def _other_visits(contact: ContactRef, event: Event, contacts: Contacts) -> list[Visit]:
    history = contacts.history.get(contact, ()) if isinstance(contact, int) else ()
    return [visit for visit in history if visit.event_id != event.id]
