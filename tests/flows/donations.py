"""Donations on their way: what the site tells reaches the inbox, and what stands in the portal afterwards."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from backoffice import connections
from backoffice.sandbox.bitrix24.crm.table import Item
from backoffice.sandbox.inside import ask
from backoffice.sandbox.leyka import life
from backoffice.sandbox.leyka.donations import Donation, Giver
from backoffice.sandbox.leyka.state import Event
from backoffice.sandbox.world import World
from backoffice.store import inbox

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Reconcile = Callable[..., None]

OLGA = Giver("Кузнецова Ольга", "olga@example.org", "+7 999 000 04 01")
OLEG = Giver("Орлов Олег", "oleg@example.org")
IVAN, MARIA = (Giver(name, "semya@example.org") for name in ("Лебедев Иван", "Лебедева Мария"))
FAILED, THANKS, THANKS_AGAIN = (
    "Пожертвование от 2 марта не прошло",
    "Спасибо за пожертвование",
    "Спасибо, что снова помогаете",
)
REFUNDED, THANKS_CHARGE = "Пожертвование от 2 марта возвращено", "Спасибо за регулярную помощь"


def give(world: World, *fates: str, giver: Giver = OLGA, amount: str = "700", **rest: Any) -> Donation:
    """A donation, and what becomes of it in the same minute."""
    donation = life.donate(world.leyka, giver, Decimal(amount), rest.pop("campaign_id", 6), **rest)
    for fate in fates:
        settle(world, donation, fate)
    return donation


def settle(world: World, donation: Donation, fate: str) -> None:
    life.set_status(world.leyka, donation, fate, "5051" if fate == "failed" else None)


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
    """Donation id -> our word for the stage of its deal."""
    return {origin: _word(str(deal.values["STAGE_ID"])) for origin, deal in deals(world).items()}


def _word(stage_id: str) -> str:
    code = stage_id.rpartition(":")[2]
    return "funded" if code == "WON" else code.removeprefix("BO_").lower()


def contacts(world: World) -> list[Item]:
    return list(world.portal.crm.tables["CONTACT"])


def letters(world: World) -> list[tuple[str, str]]:
    """To whom letters have come, about what; several connections carry them, so their order means nothing."""
    return sorted((letter.recipients[0], letter.subject) for letter in world.mailbox.letters)


def comments(world: World, deal_id: int) -> list[str]:
    return [one.text for one in world.portal.crm.comments.values() if (one.entity, one.entity_id) == ("deal", deal_id)]


def edit(world: World, entity: str, item_id: int, **values: Any) -> None:
    """A person writes into a card; `values` by the names of the old methods."""
    ask(world.portal, f"crm.{entity}.update", id=item_id, fields=values)


def writes(world: World, run: Callable[[], None]) -> int:
    """How many writes the run sends to the portal, letters included."""
    world.log.reset_counters()
    before = len(world.mailbox.letters)
    run()
    return int(world.log.counters()["writes"]) + len(world.mailbox.letters) - before
