"""The donations of the fund's site."""

from typing import Any

from starlette.requests import Request

from backoffice.sandbox.leyka.donations import CAMPAIGNS
from backoffice.sandbox.pages.paging import paged
from backoffice.sandbox.world import World

STATUSES = {
    "submitted": ("отправлена форма", "waiting"),
    "funded": ("оплачено", "good"),
    "failed": ("не удалось", "lost"),
    "refunded": ("возврат", "lost"),
    "trash": ("в корзине", ""),
}


def donation_table(world: World, request: Request) -> tuple[str, dict[str, Any]]:
    """The latest first."""
    site = world.leyka
    with site.lock:
        rows = sorted(site.donations.values(), key=lambda one: one.id, reverse=True)
    return "leyka.html", {
        "donations": paged(rows, request),
        "statuses": STATUSES,
        "campaigns": CAMPAIGNS,
        "undelivered": sum(1 for event in site.outbox if not event.delivered),
    }
