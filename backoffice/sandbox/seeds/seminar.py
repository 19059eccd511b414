"""The demonstration: a seminar that ends in two hours, and the training centre's portal before the import."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from backoffice.sandbox.seeds.seminar_orders import EARLIER_VISITORS, REGISTRATIONS, register
from backoffice.sandbox.seeds.seminar_portal import furnish
from backoffice.sandbox.timepad.state import Event, TimepadState

if TYPE_CHECKING:  # the world plants its seeds itself
    from backoffice.sandbox.world import World

# Before any `start_from`: its facts fill data and move nobody to write letters.
LONG_AGO = datetime(2025, 11, 20, 16, 0, tzinfo=UTC)


def seminar(world: "World") -> dict[str, Any]:
    """Gives the ids of the seminar, of one long past, of one to come, and of the portal's contacts."""
    now = world.clock.now().replace(second=0, microsecond=0)
    today = _event(world.timepad, "Управленческий учёт без паники", now - timedelta(hours=1), hours=3)
    today.price = 3500
    past = _event(world.timepad, "Деньги в малом бизнесе: осенняя встреча", LONG_AGO, hours=2)
    future = _event(world.timepad, "Бюджет на год: практикум", now + timedelta(days=60), hours=8)
    register(world.timepad, today, REGISTRATIONS)
    register(world.timepad, past, EARLIER_VISITORS)
    register(world.timepad, future, EARLIER_VISITORS[:1])
    return {
        "event_id": today.id,
        "past_event_id": past.id,
        "future_event_id": future.id,
        "contact_ids": furnish(world.portal),
    }


def _event(timepad: TimepadState, name: str, starts_at: datetime, *, hours: int) -> Event:
    return timepad.add_event(name, starts_at, starts_at + timedelta(hours=hours))
