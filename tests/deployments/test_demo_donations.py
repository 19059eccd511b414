"""What the demo expects of donations, without its programs: a stand takes minutes."""

from collections import Counter
from collections.abc import Callable

import httpx

from backoffice.sandbox.world import World
from deployments.demo_donations import HOLD, STAGES, THANKS, UNPAID, donation_deals
from deployments.sandbox_control import SandboxControl


def test_the_recorded_site_becomes_what_the_demo_tells(
    world: World, sandbox: str, reconcile: Callable[..., None]
) -> None:
    """A deal for each donation that is still there, and nothing more when the site tells it again."""
    with httpx.Client(base_url=sandbox, trust_env=False) as http:
        control = SandboxControl(http)
        control.plant("recorded")
        control.donate(**UNPAID)
        reconcile()
        portal, letters = control.portal(), control.letters()
        deals = donation_deals(portal)
        assert [deal.donation for deal in deals] == [47, 48, 49, 50, 52]
        assert [deal.sum for deal in deals] == ["700.00 RUB", "250.00 RUB", "300.00 RUB", "300.00 RUB", "1000.00 RUB"]
        assert Counter(deal.stage for deal in deals) == STAGES
        assert len(letters) == THANKS

        reconcile("nightly")
        assert (control.portal(), control.letters()) == (portal, letters)

        control.move_clock(control.now() + HOLD)
        reconcile()
        [late] = control.letters()[THANKS:]
        assert late["to"] == [UNPAID["email"]]


def test_a_sum_mended_in_the_database_is_told_to_nobody(world: World, sandbox: str) -> None:
    """Only a pull sees it."""
    with httpx.Client(base_url=sandbox, trust_env=False) as http:
        control = SandboxControl(http)
        control.plant("recorded")
        known = len(world.leyka.outbox)
        control.mend_silently(47, "750")
    assert len(world.leyka.outbox) == known
    assert str(world.leyka.donations[47].amount) == "750"
