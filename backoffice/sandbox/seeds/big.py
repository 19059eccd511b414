"""One past seminar with thousands of new people, for counting requests."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from backoffice.sandbox.timepad.forms import Form, Person

if TYPE_CHECKING:  # the world plants its seeds itself
    from backoffice.sandbox.world import World

SURNAMES = ("Абрамов", "Белов", "Воронов", "Громов", "Дроздов", "Егоров", "Жуков", "Зимин", "Ильин", "Крылов")
NAMES = ("Алексей", "Борис", "Виктор", "Глеб", "Денис", "Евгений", "Захар", "Игорь", "Кирилл", "Максим")


def big(world: "World", tickets: int = 5000, events: int = 1) -> dict[str, Any]:
    """`events` seminars that ended an hour ago with `tickets` people in each, all different, everybody let in."""
    return {"event_ids": [_seminar(world, number, tickets) for number in range(events)]}


def _seminar(world: "World", number: int, tickets: int) -> int:
    ended = world.clock.now() - timedelta(hours=1, days=number)
    event = world.timepad.add_event(f"Большая конференция № {number + 1}", ended - timedelta(hours=8), ended)
    for place in range(tickets):
        order = world.timepad.place_order(event, [_person(number, place)], Form.PER_PARTICIPANT)
        order.tickets[0].came_at = event.starts_at
    return event.id


def _person(event: int, place: int) -> Person:
    surname, name = SURNAMES[place % 10], NAMES[place // 10 % 10]
    return Person(f"{surname}-{place // 100 + 1}", name, f"guest-{event}-{place}@example.org")
