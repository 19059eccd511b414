"""The text messages that were sent."""

from typing import Any

from starlette.requests import Request

from backoffice.sandbox.pages.paging import paged
from backoffice.sandbox.world import World

TITLES = {
    "queued": ("в очереди", "waiting"),
    "delivered": ("доставлено", "good"),
    "undelivered": ("не доставлено", "lost"),
}


def sms_table(world: World, request: Request) -> tuple[str, dict[str, Any]]:
    """The latest first."""
    return "sms.html", {
        "messages": paged(world.sms.all()[::-1], request),
        "balance": world.sms.balance,
        "titles": TITLES,
    }
