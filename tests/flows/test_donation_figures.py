"""What donations cost the portal, counted by the portal."""

from datetime import timedelta

from backoffice.sandbox.world import World
from tests.flows.donation_hour import Hour, cost
from tests.flows.donations import MINUTE, Reconcile, pass_time

DONATIONS = 600
WITHOUT_TRACES, WITH_TRACES = 0.12, 0.16
IDLE, IDLE_SWEEP = 3, 5
"""The look at the portal, its clock, the clock of the letters; a sweep looks for strays in the funnel and for what
has changed at the site."""


def test_donations_that_come_ten_thousand_an_hour_cost_few_requests_and_a_run_without_news_hardly_any(
    world: World, reconcile: Reconcile
) -> None:
    """`make hour` tries the whole hour. Each has its deal and its donor, with the donor's fields, and one letter."""
    hour = Hour(world, DONATIONS)
    reconcile("due")
    hour.begin()
    runs = []
    while hour.bring(timedelta(minutes=5)):
        runs.append(cost(world, lambda: reconcile("hinted")))
    assert hour.wrong() == []
    assert sum(run.refused + run.merges for run in runs) == 0
    requests, traces = sum(run.requests for run in runs), sum(run.traces for run in runs)
    assert requests / len(hour.made) <= WITH_TRACES
    assert (requests - traces) / len(hour.made) <= WITHOUT_TRACES
    idle = cost(world, lambda: reconcile("hinted"))
    assert (idle.requests, idle.writes) == (IDLE, 0)
    cost(world, lambda: reconcile("due"))
    pass_time(world, 10 * MINUTE)
    sweep = cost(world, lambda: reconcile("due"))
    assert (sweep.requests <= IDLE_SWEEP, sweep.writes) == (True, 0)
