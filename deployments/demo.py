"""`make demo`: a seminar and its visitors, a lesson, donations, a repeat sale, in a few minutes.

Everything runs for real but for Bitrix24, Timepad and the fund's site, which are the sandbox. The exit code is not 0 if
anything turned out otherwise than told.
"""

import sys
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import httpx

from deployments.demo_donations import donate
from deployments.demo_lessons import remind
from deployments.demo_sales import call_clients
from deployments.errors import StandFailed
from deployments.interruption import Interrupted, interruptible
from deployments.portal_report import PortalReport, counts, report
from deployments.stand import (
    HINTED,
    ONE_EVENT,
    RUN_WITHIN_SECONDS,
    SWEEP,
    SWEEPS,
    Stand,
    finished,
    prepared_stand,
)
from deployments.story import Story

# What follows from the registrations of the seed `seminar`: sixteen confirmed tickets of fifteen people, seven of whom
# are in the portal already; one of those twice, and one came to the earlier meeting.
TICKETS, CREATED, RECOGNISED, AMBIGUOUS, RETURNING = 16, 8, 7, 1, 1


def main() -> int:
    """Tell the whole story; 0 if it went as it should."""
    story = Story()
    try:
        with interruptible(), prepared_stand("demo", story) as stand:
            tell(stand, story)
            story.step("Останавливаю всё")
    except (StandFailed, httpx.HTTPError) as error:
        story.fail(str(error))
    except Interrupted as signal:
        story.fail(f"показ прерван ({signal})")
    return story.end()


def tell(stand: Stand, story: Story) -> None:
    """The steps after the preparations."""
    timetable(stand, story)
    earlier(stand, story)
    before = stand.sandbox.portal()
    hint(stand, story, before)
    sweep(stand, story)
    imported = stand.sandbox.portal()
    told = counts(stand.prefect.artifact(f"attendance-result-{stand.event.id}"))
    show(stand, story, report(before, imported, stand.event.title), told)
    again(stand, story, imported)
    remind(stand, story)
    donate(stand, story)
    call_clients(stand, story)


def timetable(stand: Stand, story: Story) -> None:
    """The scheduler has appointed the next sweep; for the story the schedule is switched off, as a person may do it."""
    story.step("Расписание: сервер сам назначает обходы; на время показа выключаю его, чтобы обход не начался раньше")
    next_sweep = stand.prefect.next_start(SWEEP, RUN_WITHIN_SECONDS)
    story.say(f"следующий обход по расписанию: {next_sweep.astimezone():%H:%M}")
    for deployment in SWEEPS:
        stand.prefect.switch_off_schedules(deployment)


def earlier(stand: Stand, story: Story) -> None:
    """A meeting of long ago is imported by hand, so that somebody can return."""
    event = stand.sandbox.past_event()
    story.step(f"Прошлая встреча «{event.title}» — вручную: тогда будет видно, кто вернулся")
    run = finished(stand, stand.prefect.start(ONE_EVENT, event_id=event.id))
    story.say(f"{run.name}: {stand.run_url(run)}")


def hint(stand: Stand, story: Story, before: Any) -> None:
    """A visitor is let in while the event goes on: the hook starts a run that has nothing to import yet."""
    story.step(f"«{stand.event.title}» идёт; на входе отмечают гостя, Таймпад шлёт подписанный сигнал")
    statuses = [delivery["status"] for delivery in stand.sandbox.check_in(stand.event)]
    story.expect(statuses == [HTTPStatus.OK], f"шлюз принял сигнал: {statuses}")
    run = finished(stand, stand.prefect.first_of(HINTED, RUN_WITHIN_SECONDS))
    story.say(f"{run.name}: {stand.run_url(run)}")
    story.expect(stand.sandbox.portal() == before, "пока мероприятие не закончилось, в портале ничего не изменилось")


def sweep(stand: Stand, story: Story) -> None:
    """The event ends; the sweep, which the timetable starts every 15 minutes, is started now."""
    story.step("Часы песочницы: мероприятие закончилось; обход, который по расписанию идёт каждые 15 минут, — сейчас")
    stand.sandbox.move_clock(stand.event.ends_at + timedelta(minutes=5))
    run = finished(stand, stand.prefect.start(SWEEP))
    story.say(f"{run.name}: {stand.run_url(run)}")


def show(stand: Stand, story: Story, found: PortalReport, told: dict[str, int]) -> None:
    """What stands in the portal now, and whether the run's own report says the same."""
    ambiguous = told.get("Несколько одинаковых", 0)
    story.step("Что теперь в портале")
    story.say(f"раздел        «{stand.event.title}»: {stand.addresses.sandbox}{found.section_url}")
    story.say(f"участники     {found.elements}, из них пришли {found.attended}")
    story.say(f"контакты      создано {len(found.created)}, узнано {len(found.recognised)}")
    story.say(f"              из узнанных неоднозначно {ambiguous}: записаны на старший контакт, остальные — в отчёте")
    story.say(f"посетители    впервые {len(found.first_timers)}, снова {len(found.returning)}")
    story.say(f"все контакты  {stand.addresses.sandbox}/contacts")
    story.expect(found.sections == 1, "у мероприятия один раздел")
    story.expect(found.elements == TICKETS, f"по строке списка на каждый подтверждённый билет: {TICKETS}")
    story.expect(len(found.created) == CREATED, f"новых контактов: {CREATED}")
    story.expect(len(found.recognised) == RECOGNISED, f"узнанных контактов: {RECOGNISED}")
    story.expect(ambiguous == AMBIGUOUS, f"неоднозначных: {AMBIGUOUS}")
    story.expect(len(found.returning) == RETURNING, f"вернувшихся: {RETURNING}")
    story.expect(_same(found, told), "отчёт запуска называет те же числа")


def again(stand: Stand, story: Story, imported: Any) -> None:
    """A second import of the same event, asked for by hand, changes nothing."""
    story.step("То же мероприятие ещё раз, вручную")
    run = finished(stand, stand.prefect.start(ONE_EVENT, event_id=stand.event.id))
    story.say(f"{run.name}: {stand.run_url(run)}")
    story.expect(stand.sandbox.portal() == imported, "второй раз ничего не изменил")


def _same(found: PortalReport, told: dict[str, int]) -> bool:
    counted = {
        "Создано контактов": len(found.created),
        "Записано строк списка": found.elements,
        "Пришли впервые": len(found.first_timers),
        "Пришли снова": len(found.returning),
    }
    return counted.items() <= told.items()


if __name__ == "__main__":
    sys.exit(main())
