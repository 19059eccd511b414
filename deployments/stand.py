"""What the demo and `make up` do alike: a stand with the processes deployed and its portal prepared."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from deployments.environment import Addresses
from deployments.errors import RunFailed
from deployments.prefect_runs import PrefectRuns, Run
from deployments.sandbox_control import SandboxControl, SandboxEvent
from deployments.stack import Stack, running_stack
from deployments.story import Story

DEPLOY_WITHIN_SECONDS = 180.0
RUN_WITHIN_SECONDS = 120.0

PORTAL_SETUP = "portal-setup/portal-setup"
SWEEP = "attendance-import/sweep"
ONE_EVENT = "attendance-import/one-event"
HINTED = "attendance-import/hinted"
LESSON_SWEEP = "lesson-reminders/sweep"
DONATION_SWEEP = "donation-reconciliation/sweep"
DONATION_HINTED = "donation-reconciliation/hinted"
DONATION_NIGHTLY = "donation-reconciliation/nightly"
DONATION_REPORT = "donation-reconciliation/report"
CALLS = "repeat-sale-calls/nightly"
CALLS_WHY = "repeat-sale-calls/why-not"
CALLS_REPORT = "repeat-sale-calls/report"
SWEEPS = (SWEEP, LESSON_SWEEP, DONATION_SWEEP)


@dataclass(frozen=True)
class Stand:
    """The running programs by what one does with them."""

    addresses: Addresses
    sandbox: SandboxControl
    prefect: PrefectRuns
    event: SandboxEvent
    stack: Stack

    def run_url(self, run: Run) -> str:
        """The page of a run."""
        return f"{self.addresses.prefect}/runs/flow-run/{run.id}"


@contextmanager
def prepared_stand(name: str, story: Story) -> Iterator[Stand]:
    """The stand: started, prefect.yaml deployed, the portal prepared, hooks and donations aimed at the gateway."""
    story.step("Запускаю песочницу (Битрикс24, Таймпад и сайт с Лейкой), сервер Prefect, шлюз и исполнитель")
    with running_stack(name) as stack, _talking_to(stack) as stand:
        at = stack.addresses
        story.say(f"портал      {at.sandbox}/")
        story.say(f"Prefect     {at.prefect}/")
        story.say(f"шлюз        {at.gateway}/health")
        story.say(f"журналы     {stack.logs}")
        story.step("Размещаю процессы из prefect.yaml")
        for line in stack.run("deploy", "-m", "deployments.deploy", within_seconds=DEPLOY_WITHIN_SECONDS).splitlines():
            story.say(line)
        _prepare_portal(stand, story)
        yield stand


@contextmanager
def _talking_to(stack: Stack) -> Iterator[Stand]:
    at = stack.addresses
    with (
        httpx.Client(base_url=at.sandbox, timeout=30, trust_env=False) as sandbox,
        httpx.Client(base_url=at.prefect_api, timeout=30, trust_env=False) as prefect,
    ):
        control = SandboxControl(sandbox)
        yield Stand(at, control, PrefectRuns(prefect), control.event_going_on(), stack)


def _prepare_portal(stand: Stand, story: Story) -> None:
    story.step("Готовлю портал: portal-setup создаёт список, воронки и поля из portal.toml")
    run = finished(stand, stand.prefect.start(PORTAL_SETUP, dry_run=False))
    story.say(f"{run.name}: {run.state} {stand.run_url(run)}")
    stand.sandbox.aim_hooks(f"{stand.addresses.gateway}/timepad")
    stand.sandbox.aim_donations(f"{stand.addresses.gateway}/leyka")
    stand.sandbox.show_application(f"{stand.addresses.gateway}/app")


def finished(stand: Stand, run_id: str) -> Run:
    """The run after its end; RunFailed unless it completed, RunUnfinished if it takes too long."""
    run = stand.prefect.ended(run_id, RUN_WITHIN_SECONDS)
    if not run.completed:
        raise RunFailed(f"Запуск «{run.name}»: {run.state} {run.message}. Подробности: {stand.run_url(run)}")
    return run
