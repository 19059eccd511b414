"""Trying the real portal and the live Timepad, on throw-away things, and keeping what was found out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from backoffice import connections
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.errors import PortalError
from backoffice.bitrix24.probe import things
from backoffice.bitrix24.probe.addresses import try_front, try_limits
from backoffice.bitrix24.probe.catalogue import try_catalogue
from backoffice.bitrix24.probe.contacts import try_contacts
from backoffice.bitrix24.probe.lists import try_lists
from backoffice.bitrix24.probe.tasks import try_tasks
from backoffice.bitrix24.probe.timeline import try_timeline
from backoffice.facts_file import Findings, InvalidFacts, PortalPart, TimepadPart
from backoffice.letters import render
from backoffice.retries import is_passing, worth_retrying
from backoffice.rules.portal_differences import differences
from backoffice.rules.portal_facts import BY_HAND, PortalFacts
from backoffice.rules.portal_probe import CALL_THINGS, LESSON_THINGS, THINGS
from backoffice.rules.timepad_facts import TimepadFacts, timepad_differences
from backoffice.settings import SettingMissing

# What got no answer may stand there only so much later, and could not be removed before.
SETTLED_SECONDS = 75

TELLING = {
    "списки": ("list_datetime",),
    "контакты": ("findbycomm_most", "findbycomm_ignores_case"),
    "каталог товаров": ("catalog_datetime", "catalog_shift_minutes"),
}
"""Facts that a trial may end without although nobody refused anything: to be told, because processes lean on them."""

Found = dict[str, Any]


@dataclass(frozen=True)
class Trial:
    """The facts found out by name, and why the rest could not be."""

    found: Mapping[str, Any]
    untried: Mapping[str, str]


@task(retries=3, retry_delay_seconds=SETTLED_SECONDS, retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def remove_throwaways() -> list[str]:
    """Remove what a probe has made, this one or a killed one, and say in Russian what it was."""
    with connections.portal() as portal:
        return things.remove(portal)


@task(cache_policy=NO_CACHE)
def try_portal() -> list[Trial]:
    """Try everything on the portal. What it forbids is named, and the rest is tried all the same."""
    with connections.portal() as portal:
        return [
            _tried(portal, "пределы", try_limits),
            _tried(portal, "отказы и REST 3.0", _try_front),
            _tried(portal, "списки", try_lists),
            _tried(portal, "контакты", try_contacts),
            *(_tried(portal, name, trial) for name, trial in {**_lesson_trials(), **_call_trials()}.items()),
        ]


@task(retries=3, retry_delay_seconds=[5, 30, 90], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def look_at_timepad() -> TimepadPart:
    """The forms of Timepad's answers, without their contents."""
    if not _uses("attendance_import"):
        return TimepadPart(untried={"Таймпад": "в portal.toml нет раздела [attendance_import]"})
    found, shapes = Found(), Found()
    try:
        with connections.timepad_probe() as timepad:
            timepad.look(found, shapes)
    except SettingMissing as missing:
        return TimepadPart(untried={"Таймпад": str(missing)})
    return TimepadPart(TimepadFacts(**found), shapes=shapes)


@task(cache_policy=NO_CACHE)
def keep_findings(trials: Sequence[Trial], timepad: TimepadPart, now: datetime) -> Findings:
    """Write portal.facts.json; the processes obey it from their next run on."""
    found = _set_by_hand() | {name: value for trial in trials for name, value in trial.found.items()}
    untried = {name: reason for trial in trials for name, reason in trial.untried.items()}
    findings = Findings(now, PortalPart(connections.portal_host(), PortalFacts(**found), untried), timepad)
    connections.keep_findings(findings)
    return findings


@task(cache_policy=NO_CACHE)
def publish_plan() -> None:
    """Show beside the run what would be made and removed again."""
    things = THINGS + (LESSON_THINGS if _uses("lesson_reminders") else ())
    things += CALL_THINGS if _uses("repeat_sale_calls") else ()
    create_markdown_artifact(render("portal_probe/plan.md.j2", things=things), key="portal-probe-plan")


@task(cache_policy=NO_CACHE)
def publish_report(findings: Findings) -> None:
    """Show beside the run, and in its log, what is otherwise than assumed and what follows."""
    timepad = findings.timepad or TimepadPart()
    untried = {**findings.portal.untried, **timepad.untried}
    create_markdown_artifact(report(findings), key="portal-probe-report")
    for sentence in [
        *differences(findings.portal.facts),
        *timepad_differences(timepad.facts),
        *(f"{name}: {reason}" for name, reason in untried.items()),
    ]:
        get_run_logger().warning("%s", sentence)


def report(findings: Findings) -> str:
    """The report as Markdown; a Timepad that was not looked at is not called as expected."""
    timepad = findings.timepad or TimepadPart()
    return render(
        "portal_probe/report.md.j2",
        findings=findings,
        portal=differences(findings.portal.facts),
        timepad=timepad_differences(timepad.facts),
        timepad_untried="; ".join(timepad.untried.values()),
        untried=findings.portal.untried,
    )


def _lesson_trials() -> dict[str, Callable[[Portal, Found], None]]:
    """What only lesson reminders lean on, where portal.toml has them."""
    if not _uses("lesson_reminders"):
        return {}
    return {"каталог товаров": partial(try_catalogue, zone=connections.zone()), "лента и дела": try_timeline}


def _call_trials() -> dict[str, Callable[[Portal, Found], None]]:
    """What only repeat-sale calls lean on."""
    return {"задачи": try_tasks} if _uses("repeat_sale_calls") else {}


def _uses(process: str) -> bool:
    return process in connections.words().processes


def _set_by_hand() -> Found:
    """What a person wrote into the file and no probe can find out; nothing of a file that cannot be read."""
    try:
        known = connections.facts()
    except InvalidFacts:
        return {}
    return {name: getattr(known, name) for name in BY_HAND}


def _tried(portal: Portal, name: str, trial: Callable[[Portal, Found], None]) -> Trial:
    found = Found()
    try:
        trial(portal, found)
    except PortalError as error:
        if is_passing(error):
            portal.clock.sleep(SETTLED_SECONDS)
            raise
        return Trial(found, {name: str(error)})
    unclear = [fact for fact in TELLING.get(name, ()) if fact not in found]
    return Trial(found, dict.fromkeys(unclear, "по ответам портала не понять"))


def _try_front(portal: Portal, found: Found) -> None:
    """Only behind a webhook: an application has no secret in its address."""
    if webhook := connections.portal_webhook():
        try_front(webhook, portal.call("scope"), found)
