"""Lesson reminders on a portal with years of history: what is past stays past."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backoffice import connections
from backoffice.sandbox.bitrix24.config import PORTAL_ZONE
from backoffice.sandbox.seeds.crowd import add_courses, enrol
from backoffice.sandbox.seeds.school import School
from backoffice.sandbox.world import World
from backoffice.settings import settings

Sweep = Callable[..., None]
YEARS_AGO = datetime(2023, 3, 6, 6, 3, tzinfo=UTC)
WEEK = timedelta(days=7)
COURSES, DEALS = 100, 2_000


@pytest.fixture
def start_from(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sweep: Sweep) -> datetime:
    """The process is switched on at this moment of the sandbox's clock."""
    now = world.clock.now()
    before, begins, after = Path("portal.toml").read_text("utf-8").partition("[lesson_reminders]\nstart_from = ")
    rest = after.partition(" ")[2]
    words = tmp_path / "portal.toml"
    words.write_text(f"{before}{begins}{now.astimezone(PORTAL_ZONE).isoformat()} {rest}", "utf-8")
    monkeypatch.setenv("PORTAL_TOML", str(words))
    settings.cache_clear()
    connections.words.cache_clear()
    return now


@pytest.fixture
def history(world: World, school: School, start_from: datetime) -> list[int]:
    """Deals of three years ago in a hundred courses, with a lesson every week until summer; the ids of the courses.

    One begins every six minutes, from three hours before the process is switched on.
    """
    world.clock.move_to(YEARS_AGO)
    offsets = [timedelta(minutes=6 * place) for place in range(COURSES)]
    plan = [[YEARS_AGO + offset + week * WEEK for week in range(170)] for offset in offsets]
    courses = add_courses(world, school, plan)
    enrol(world, school, [courses[place % COURSES] for place in range(DEALS)])
    world.clock.move_to(start_from)
    return courses


def remains(world: World) -> tuple[int, int, int]:
    """Letters, notes and comments there are."""
    return len(world.mailbox.letters), len(world.portal.notifications), len(world.portal.crm.comments)


@pytest.mark.usefixtures("history")
def test_the_first_run_writes_to_nobody(world: World, sweep: Sweep) -> None:
    """Nothing about seventeen thousand lessons that are past, nor about the twenty of the two hours ahead."""
    sweep()
    assert remains(world) == (0, 0, 0)


@pytest.mark.usefixtures("history")
def test_what_falls_due_after_the_start_is_sent(world: World, sweep: Sweep, start_from: datetime) -> None:
    """And nothing besides; of a lesson that begins, and had its time before the start, nobody is told."""
    sweep()
    world.clock.move_to(start_from + timedelta(minutes=14))
    sweep()
    assert remains(world) == (2 * DEALS // COURSES, 0, 2 * DEALS // COURSES)
    assert {letter.subject.partition(" — ")[0] for letter in world.mailbox.letters} == {
        "В понедельник, 2 марта, в 14:03",
        "В понедельник, 2 марта, в 14:09",
    }


def test_of_the_past_only_a_date_that_is_none_is_told(
    world: World, school: School, sweep: Sweep, history: list[int], start_from: datetime
) -> None:
    """Once: it may be a lesson to come."""
    school.reschedule(history[0], [start_from - WEEK, "по договорённости"])
    sweep()
    sweep()
    assert remains(world) == (0, 1, 0)


def test_a_lesson_missed_by_many_is_told_of_in_full(world: World, school: School, sweep: Sweep) -> None:
    """One note counts all the deals of the lesson, however many portions they were looked at in."""
    [course] = add_courses(world, school, [[world.clock.now() + timedelta(hours=3)]])
    enrol(world, school, [course] * 100)
    sweep()
    world.clock.move_to(world.clock.now() + timedelta(hours=4))
    sweep()
    [note] = world.portal.notifications.values()
    assert note.message.count("/crm/deal/details/") == 20
    assert "И ещё 80 сделок." in note.message
