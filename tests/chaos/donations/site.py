"""A fund's site on which one thing happens after another, and whose webhooks may be late, doubled or lost."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from backoffice import connections
from backoffice.sandbox.leyka.state import Event
from backoffice.sandbox.seeds import plant
from backoffice.sandbox.seeds.recorded import happen
from backoffice.sandbox.world import World
from backoffice.store import inbox

NOTHING_LATER = timedelta()
BRIEFLY = "a charge told twice and a payment after a failure"
STORIES: Mapping[str, Collection[str]] = {
    "a charge told twice": ("long_ago", "repeated", "twin"),
    "attempts": ("failed_then_funded", "failed", "abandoned", "trashed"),
    "a household": ("refunded", "household", "anonymous", "by_phone"),
    "a subscription": ("subscription", "charged", "charge_failed"),
    BRIEFLY: ("repeated", "twin", "failed_then_funded"),
    "everything": (),
}
"""The donations of the seed `donations` by what became of them; all of them if there are none."""


class Site:
    """What a seed's site told is told once more, event by event."""

    def __init__(self, world: World, story: str) -> None:
        self._leyka = world.leyka
        self._ahead = _events(world, story)
        self._leyka.clear()

    @property
    def told(self) -> Sequence[Event]:
        """What has happened so far."""
        return self._leyka.outbox

    @property
    def donation_ids(self) -> list[int]:
        """The donations that are there now."""
        return sorted(self._leyka.donations)

    @property
    def ahead(self) -> int:
        """How much is still to happen."""
        return len(self._ahead)

    def live(self, events: int) -> None:
        """The next events happen; nobody is told yet."""
        with self._leyka.lock:
            for event in self._ahead[:events]:
                happen(self._leyka.donations, event.body(), NOTHING_LATER)
                self._leyka.outbox.append(event)
            del self._ahead[:events]


def deliver(events: Sequence[Event]) -> None:
    """These come to the gateway in this order, whether they have come before or not."""
    for event in events:
        body = event.body()
        subject = f"{body['site']} {body['donation_id']}"
        inbox.accept(connections.store(), "leyka", body["event_id"], subject, body, datetime.now(UTC))


def _events(world: World, story: str) -> list[Event]:
    """Of the donations of the story, numbered as if there were no others."""
    ids = plant(world, "recorded" if story == "recorded" else "donations")
    kept = {ids[name] for name in STORIES.get(story, ())}
    events = [one for one in world.leyka.outbox if not kept or one.donation_id in kept]
    for seq, event in enumerate(events, 1):
        event.seq = seq
    return events
