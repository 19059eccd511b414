"""A lesson and those who attend it, and what has reached people of it."""

from collections.abc import Sequence
from datetime import timedelta

from backoffice.sandbox.seeds.school import School
from backoffice.sandbox.world import World

HOUR = timedelta(hours=1)


class Lesson:
    """A course with a lesson three hours from now, and a deal of two people who attend it."""

    def __init__(self, world: World, school: School) -> None:
        self.world, self.school = world, school
        self.starts_at = world.clock.now() + 3 * HOUR
        self.course = school.course("Интенсив по налогам", [self.starts_at])
        self.anna = school.contact("Белова", "Анна", "anna@example.org", "+7 999 000 01 01")
        self.boris = school.contact("Волков", "Борис", "boris@example.org")
        self.deal = school.deal([self.anna, self.boris], [self.course])

    def comes(self, before: timedelta = 2 * HOUR) -> None:
        """The clock stands so long before the lesson."""
        self.world.clock.advance((self.starts_at - before - self.world.clock.now()).total_seconds())


def letters(world: World) -> list[str]:
    """To whom letters have come; several connections carry them, so their order means nothing."""
    return sorted(address for letter in world.mailbox.letters for address in letter.recipients)


def comments(world: World, deal_id: int) -> Sequence[str]:
    return [one.text for one in world.portal.crm.comments.values() if (one.entity, one.entity_id) == ("deal", deal_id)]


def notes(world: World) -> list[str]:
    return [one.message for one in world.portal.notifications.values()]
