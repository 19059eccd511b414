"""An application writes by REST 3.0 with its token in the body, and renews it when the portal calls it expired."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.rest_3 import KeyedWrites
from backoffice.sandbox.faults.fault import Fault
from backoffice.sandbox.world import World

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire

FIELDS = {"title": "Позвонить", "creatorId": 1, "responsibleId": 2}


def test_an_expired_token_is_renewed_and_the_task_made_once(
    as_application: Callable[..., Portal], world: World, wire: "Wire"
) -> None:
    """The portal tells it in another form than REST 2.0 does."""
    world.portal.config.rest_3 = True
    world.faults.order(Fault(kind="expired_token", methods="tasks.task.add", times=1))
    command = Command("tasks.task.add", {"fields": FIELDS}, "a")
    assert KeyedWrites(as_application(), str).batch([command]).failed == []
    sent = [request for request in wire.sent if request.url.path.endswith("tasks.task.add")]
    assert {request.url.path for request in sent} == {"/rest/api/tasks.task.add"}
    assert len({json.loads(request.read())["auth"] for request in sent}) == 2
    assert len(world.portal.tasks) == 1
