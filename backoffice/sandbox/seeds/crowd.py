"""A school with tens of thousands of participants, put into the portal without calling its methods."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from backoffice.sandbox.bitrix24.catalog.planting import plant_course, plant_rows
from backoffice.sandbox.bitrix24.config import WEBHOOK_USER
from backoffice.sandbox.bitrix24.crm.multifields import MultifieldChange
from backoffice.sandbox.bitrix24.crm.store import Change
from backoffice.sandbox.seeds.big import NAMES, SURNAMES
from backoffice.sandbox.seeds.school import School

if TYPE_CHECKING:  # the portal's world plants its seeds itself
    from backoffice.sandbox.world import World


def add_courses(world: "World", school: School, schedule: Iterable[Sequence[datetime]]) -> list[int]:
    """A course for each list of dates."""
    dates = int(school.property.removeprefix("property"))
    return [
        plant_course(world.portal, f"Курс № {number}", dates, lessons)
        for number, lessons in enumerate(schedule, start=1)
    ]


def enrol(world: "World", school: School, course_ids: Iterable[int]) -> list[int]:
    """For each course id a deal on the stage, of a contact of its own: `learner-<contact>@example.org`."""
    return [_deal(world, school, course_id) for course_id in course_ids]


def _deal(world: "World", school: School, course_id: int) -> int:
    contact = _contact(world)
    values = {
        "TITLE": "Обучение",
        "CATEGORY_ID": school.funnel_id,
        "STAGE_ID": school.stage_id,
        "CONTACT_IDS": [contact],
    }
    deal = world.portal.crm.create("DEAL", Change(values), WEBHOOK_USER)
    plant_rows(world.portal, deal.id, [course_id], price=9000)
    return deal.id


def _contact(world: "World") -> int:
    place = len(world.portal.crm.tables["CONTACT"]) + 1
    values = {"LAST_NAME": f"{SURNAMES[place % 10]}-{place // 100 + 1}", "NAME": NAMES[place // 10 % 10]}
    address = MultifieldChange("EMAIL", f"learner-{place}@example.org")
    return world.portal.crm.create("CONTACT", Change(values, (address,)), WEBHOOK_USER).id
