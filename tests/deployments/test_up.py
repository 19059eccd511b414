"""What `make up` suggests comes true in its sandbox."""

import re
from collections.abc import Callable

import httpx
import pytest

from backoffice.sandbox.world import World
from deployments.environment import Addresses
from deployments.sandbox_control import SandboxControl
from deployments.story import Story
from deployments.up import suggest_donations, suggest_lessons, suggest_seminar

CURL = re.compile(r"curl -d '(?P<body>.*)' (?P<url>\S+)")


def test_the_suggested_clock_brings_the_letter(
    world: World, sandbox: str, sweep: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Before it a sweep sends nothing, after it one letter; the deal is named by its number."""
    with httpx.Client(base_url=sandbox, trust_env=False) as http:
        planted = SandboxControl(http).plant("lessons")
        suggest_lessons(at(sandbox), Story(), planted)
        printed = capsys.readouterr().out
        assert f"deal_id = {planted['deal_id']}" in printed
        sweep()
        assert world.mailbox.letters == []
        obey(printed)
        sweep()
    assert len(world.mailbox.letters) == 1


def test_the_suggested_clock_ends_the_seminar(world: World, sandbox: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And the guest who is to be let in is one that was not."""
    with httpx.Client(base_url=sandbox, trust_env=False) as http:
        control = SandboxControl(http)
        control.plant("seminar")
        event = control.event_going_on()
        suggest_seminar(at(sandbox), Story(), event)
        obey(capsys.readouterr().out)
        assert control.now() > event.ends_at
    assert event.absent_ticket


def test_the_suggested_donations_come_into_the_portal(
    world: World, sandbox: str, reconcile: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Those of the recorded site that are not deleted, and the person's own: a deal each."""
    suggest_donations(at(sandbox), Story())
    obey(capsys.readouterr().out)
    reconcile()
    origins = [deal.values["ORIGIN_ID"] for deal in world.portal.crm.tables["DEAL"]]
    assert sorted(origins) == ["47", "48", "49", "50", "52"]


def at(sandbox: str) -> Addresses:
    """The stand's addresses; only the sandbox is asked."""
    return Addresses(sandbox, "http://prefect.invalid", "http://gateway.invalid", smtp_port="1")


def obey(printed: str) -> None:
    """Send all that is suggested to the sandbox."""
    suggested = list(CURL.finditer(printed))
    assert suggested
    for command in suggested:
        httpx.post(command["url"], content=command["body"], trust_env=False).raise_for_status()
