"""What the demo expects of repeat sales, without its programs: a stand takes minutes."""

from collections.abc import Callable

import httpx

from backoffice.sandbox.world import World
from deployments.sandbox_control import SandboxControl


def test_one_client_of_six_is_called(world: World, sandbox: str, call_clients: Callable[..., None]) -> None:
    """Whom the seed names, once; when it buys again after the call nothing more happens."""
    with httpx.Client(base_url=sandbox, trust_env=False) as http:
        control = SandboxControl(http)
        planted = control.plant("sales")
        call_clients()
        portal = control.portal()
        assert [set(task["bindings"]) for task in portal["tasks"]] == [{planted["client"], f"D_{planted['deal_id']}"}]
        assert len(planted["others"]) == 5
        call_clients()
        assert control.portal() == portal

        assert control.plant("called")["tasks"] == [task["id"] for task in portal["tasks"]]
        portal = control.portal()
        call_clients()
        assert control.portal() == portal
