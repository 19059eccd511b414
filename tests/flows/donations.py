"""Donations on their way: what the site tells reaches the inbox, and what stands in the portal afterwards."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from backoffice import connections
from backoffice.sandbox.bitrix24.crm.table import Item
from backoffice.sandbox.leyka.state import Event
from backoffice.sandbox.world import World
from backoffice.store import inbox

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def deliver(world: World, events: Sequence[Event] | None = None) -> None:
    """Everything that the site has not delivered yet, or these events once more, waits in the inbox."""
    for event in [one for one in world.leyka.outbox if not one.delivered] if events is None else events:
        tell(event.body())
        event.delivered = True


def tell(body: dict[str, Any]) -> None:
    """A delivery of the site as the gateway stores it."""
    subject = f"{body['site']} {body['donation_id']}"
    inbox.accept(connections.store(), "leyka", body["event_id"], subject, body, datetime.now(UTC))


def pass_time(world: World, span: timedelta) -> None:
    world.clock.advance(span.total_seconds())


def deals(world: World) -> dict[str, Item]:
    """The deals of donations by donation id."""
    rows = world.portal.crm.tables["DEAL"]
    return {str(row.values["ORIGIN_ID"]): row for row in rows if row.values.get("ORIGIN_ID")}


def stages(world: World) -> dict[str, str]:
    """Donation id -> the stage of its deal, without the funnel."""
    return {origin: str(deal.values["STAGE_ID"]).rpartition(":BO_")[2].lower() for origin, deal in deals(world).items()}
