"""A course with lessons to come, and one person who attends it."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from backoffice.sandbox.bitrix24.config import PORTAL_ZONE
from backoffice.sandbox.seeds.school import School

if TYPE_CHECKING:  # the world plants its seeds itself
    from backoffice.sandbox.world import World


def lessons(world: "World") -> dict[str, Any]:
    """Gives the page of the course, the ids of the contact and of her deal, and when the next lesson starts."""
    school = School(world)
    starts_at = world.clock.now().replace(minute=30, second=0, microsecond=0) + timedelta(hours=3)
    dates = [starts_at + timedelta(days=7 * week) for week in range(3)]
    course = school.course("Управленческий учёт: интенсив", dates)
    vera = school.contact("Журавлёва", "Вера", "vera.zhuravleva@example.org", "+7 999 000 03 01")
    deal = school.deal([vera], [course])
    page = f"/crm/catalog/{school.iblock_id}/product/{course}/"
    return {
        "course_page": page,
        "contact_id": vera,
        "deal_id": deal,
        "starts_at": starts_at.astimezone(PORTAL_ZONE).isoformat(),
    }
