"""`make pictures`: docs/pictures from a real run on the stand, so that they show what is there today."""

import sys
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import httpx

from deployments.browser import Page, browser_page
from deployments.demo_donations import DonationDeal, donate
from deployments.demo_lessons import remind
from deployments.demo_sales import call_clients
from deployments.environment import CHECKOUT
from deployments.errors import StandFailed
from deployments.interruption import Interrupted, interruptible
from deployments.portal_report import PortalReport, report
from deployments.stand import (
    CALLS,
    CALLS_REPORT,
    CALLS_WHY,
    DONATION_NIGHTLY,
    DONATION_REPORT,
    ONE_EVENT,
    RUN_WITHIN_SECONDS,
    SWEEP,
    SWEEPS,
    Stand,
    finished,
    prepared_stand,
)
from deployments.story import Story

PICTURES = CHECKOUT / "docs" / "pictures"
LARGEST_BYTES = 250_000
WIDTH, USUAL, FRAMED, TALL = 1200, 800, 900, 1060
SHORT = 690  # ends before the report names a file of this machine
MONTHS, NEW_CLIENTS = 4, 3
DRAWN_AFTER_SECONDS = 2.0  # graphs of the Prefect page come after their texts
View = tuple[str, str, str, int]
"""Name, address, what must be true of the page before its picture is taken, and the height of the window."""
READY = "document.readyState === 'complete'"


def main() -> int:
    """Take every picture; 0 if all were taken and none is too large."""
    story = Story()
    try:
        with interruptible(), browser_page() as page, prepared_stand("pictures", story) as stand:
            page.size(WIDTH, FRAMED)
            take(stand, page, story)
            story.step("Останавливаю всё")
    except (StandFailed, httpx.HTTPError) as error:
        story.fail(str(error))
    except Interrupted as signal:
        story.fail(f"съёмка прервана ({signal})")
    return story.end()


def take(stand: Stand, page: Page, story: Story) -> None:
    """The seminar ends, is imported from inside the portal, and everything that shows it is photographed."""
    story.step("Переношу прошлую встречу, заканчиваю семинар и переношу его кнопкой внутри портала")
    stand.prefect.next_start(SWEEP, RUN_WITHIN_SECONDS)  # the scheduler is done with it and keeps no lock
    for deployment in SWEEPS:
        stand.prefect.switch_off_schedules(deployment)
    finished(stand, stand.prefect.start(ONE_EVENT, event_id=stand.sandbox.past_event().id))
    stand.sandbox.move_clock(stand.event.ends_at + timedelta(minutes=5))
    before = stand.sandbox.portal()
    press_import(stand, page)
    snap(story, "page", page)
    found = report(before, stand.sandbox.portal(), stand.event.title)
    story.step("Снимаю портал и Prefect")
    shoot(views(stand, found), page, story)
    shoot(lesson_views(stand, remind(stand, story)), page, story)
    deals = donate(stand, story)
    shoot(donation_views(stand, deals), page, story)
    shoot(twin_views(stand), page, story)
    shoot(call_views(stand, call_clients(stand, story)), page, story)


def shoot(wanted: Iterable[View], page: Page, story: Story) -> None:
    """Each view as soon as it shows what it must."""
    for name, url, shown, height in wanted:
        page.size(WIDTH, height)
        page.go(url)
        page.until(shown)
        time.sleep(DRAWN_AFTER_SECONDS)
        snap(story, name, page)


def press_import(stand: Stand, page: Page) -> None:
    """The button of the seminar in the portal's frame, until its result is shown."""
    page.go(f"{stand.addresses.sandbox}/marketplace/app/")
    button = f"document.querySelector('button[data-event=\"{stand.event.id}\"]')"
    page.until(button, frame=0)
    page.value(f"{button}.click()", frame=0)
    page.until("document.querySelector('#result [data-done=yes] .counts')", frame=0, within_seconds=RUN_WITHIN_SECONDS)
    page.until("document.querySelector('[aria-busy=true]') === null", frame=0)


def views(stand: Stand, found: PortalReport) -> list[View]:
    """The seminar, where people see it."""
    at, event = stand.addresses, stand.event
    ui, run = at.prefect, stand.prefect.last_of_flow("import-event", f"{event.title} · {event.id}")
    table = stand.prefect.artifact_id(f"attendance-tickets-{event.id}")
    form = stand.prefect.deployment_id(ONE_EVENT)
    return [
        ("list", f"{at.sandbox}{found.section_url}", READY, USUAL),
        ("contact", f"{at.sandbox}/crm/contact/details/{min(found.returning)}/", READY, USUAL),
        ("runs", f"{ui}/runs", says(event.title), TALL),
        ("run", f"{ui}/runs/flow-run/{run}", says("Artifacts"), USUAL),
        ("plan", f"{ui}/artifacts/artifact/{table}", says("Участник"), TALL),
        ("form", f"{ui}/deployments/deployment/{form}/run", says("event_id"), TALL),
    ]


def lesson_views(stand: Stand, planted: dict[str, Any]) -> list[View]:
    """A reminder, where people see it."""
    portal, table = stand.addresses.sandbox, stand.prefect.artifact_id("lesson-reminders-table")
    return [
        ("course", f"{portal}{planted['course_page']}", READY, USUAL),
        ("deal", f"{portal}/crm/deal/details/{planted['deal_id']}/", READY, FRAMED),
        ("letter", f"{portal}/mail/1", READY, USUAL),
        ("reminders", f"{stand.addresses.prefect}/artifacts/artifact/{table}", says("Кому"), USUAL),
    ]


def donation_views(stand: Stand, deals: list[DonationDeal]) -> list[View]:
    """A donation, and the report of a day on which the site was changed past everybody."""
    stand.sandbox.mend_silently(deals[0].donation, "750")
    finished(stand, stand.prefect.start(DONATION_REPORT))
    report = stand.prefect.artifact_id("donation-report")
    ui = f"{stand.addresses.prefect}/artifacts/artifact"
    return [
        ("donation", f"{stand.addresses.sandbox}/crm/deal/details/{deals[1].id}/", READY, FRAMED),
        ("donation-report", f"{ui}/{report}", says("Сверка пожертвований"), SHORT),
    ]


def twin_views(stand: Stand) -> list[View]:
    """The plan for a portal that took payments down twice."""
    stand.sandbox.plant("twins", pairs=6)
    finished(stand, stand.prefect.start(DONATION_NIGHTLY, dry_run=True))
    plan = stand.prefect.artifact_id("donations")
    return [("twins", f"{stand.addresses.prefect}/artifacts/artifact/{plan}", says("Сделки-двойники"), TALL)]


def call_views(stand: Stand, planted: dict[str, Any]) -> list[View]:
    """The plan of the calls, why somebody is not called, and whether calling pays after some months."""
    for _ in range(MONTHS):
        stand.sandbox.plant("called")
        stand.sandbox.move_clock(stand.sandbox.now() + timedelta(days=30))
        for _ in range(NEW_CLIENTS):
            due = stand.sandbox.plant("sales")
        finished(stand, stand.prefect.start(CALLS))
    held = next(client for client, why in planted["others"].items() if "открытая" in why)
    finished(stand, stand.prefect.start(CALLS_WHY, client=held))
    finished(stand, stand.prefect.start(CALLS_REPORT))
    ui, artifact = f"{stand.addresses.prefect}/artifacts/artifact", stand.prefect.artifact_id
    return [
        ("call-task", f"{stand.addresses.sandbox}{task_page(stand, due['client'])}", READY, USUAL),
        ("calls", f"{ui}/{artifact('repeat-sale-calls')}", says("Звонки"), USUAL),
        ("calls-why", f"{ui}/{artifact('repeat-sale-why')}", says(held), USUAL),
        ("calls-report", f"{ui}/{artifact('repeat-sale-report')}", says("Приносят ли"), TALL),
    ]


def task_page(stand: Stand, client: str) -> str:
    """The page of the task about the client."""
    task = next(task for task in stand.sandbox.portal()["tasks"] if client in task["bindings"])
    return f"/company/personal/user/{task['responsible']}/tasks/task/view/{task['id']}/"


def says(text: str) -> str:
    """The page shows the text."""
    return f"document.body.innerText.includes({text!r})"


def snap(story: Story, name: str, page: Page) -> None:
    """One picture, as small as promised."""
    to = PICTURES / f"{name}.png"
    page.picture(to)
    size = to.stat().st_size
    story.expect(size <= LARGEST_BYTES, f"{to.relative_to(CHECKOUT)}: {size // 1000} КБ")


if __name__ == "__main__":
    sys.exit(main())
