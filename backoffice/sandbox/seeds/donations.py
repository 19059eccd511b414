"""A fund's site with every fate that a donation can meet. Nothing was delivered yet."""

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from backoffice.sandbox.leyka import life
from backoffice.sandbox.leyka.donations import Donation, Giver

if TYPE_CHECKING:  # the world plants its seeds itself
    from backoffice.sandbox.world import World

OLGA = Giver("Кузнецова Ольга", "olga@example.org", "+7 999 000 04 01", "На доброе дело")
OLEG = Giver("Орлов Олег", "oleg@example.org", "+7 999 000 04 02")
VERA = Giver("Титова Вера", "vera@example.org", "+7 999 000 04 03")
JOHN = Giver("О'Нил Джон", "john.oneil@example.org")
IVAN, MARIA = (Giver(name, "semya@example.org") for name in ("Лебедев Иван", "Лебедева Мария"))
BY_PHONE = Giver("Зуев Пётр", None, "8 (999) 000-04-04")
LONG_AGO = timedelta(days=400)
ANSWERED_AFTER = timedelta(minutes=10)


def donations(world: "World") -> dict[str, Any]:
    """Gives the ids of the donations by what became of them."""
    made = {
        "long_ago": _gift(world, OLGA, "500", "funded", age=LONG_AGO),
        "repeated": _gift(world, OLGA, "700", "funded"),
        "failed_then_funded": _gift(world, OLEG, "250", "failed", "funded"),
        "failed": _gift(world, JOHN, "1000", "failed", campaign=7),
        "refunded": _gift(world, IVAN, "3000", "funded", "refunded", campaign=7),
        "household": _gift(world, MARIA, "300", "funded", campaign=7),
        "anonymous": _gift(world, Giver(), "150.50", "funded", campaign=8),
        "by_phone": _gift(world, BY_PHONE, "200", "funded", campaign=99),
        "abandoned": _gift(world, JOHN, "1000"),
        "trashed": _gift(world, JOHN, "1", "trash"),
    }
    with world.leyka.at(world.clock.now() - timedelta(days=61)):
        made["subscription"] = life.donate(world.leyka, VERA, Decimal(300), 6, recurring=True)
        life.set_status(world.leyka, made["subscription"], "funded")
    made["charged"] = life.charge(world.leyka, made["subscription"], announced=True)
    made["charge_failed"] = life.charge(world.leyka, made["subscription"], "failed", "5051")
    made["twin"] = life.twin(world.leyka, made["repeated"])
    return {name: donation.id for name, donation in made.items()}


def _gift(
    world: "World", giver: Giver, amount: str, *fates: str, campaign: int = 6, age: timedelta = timedelta(hours=1)
) -> Donation:
    created = world.clock.now() - age
    donation = life.donate(world.leyka, giver, Decimal(amount), campaign, created_at=created)
    for place, fate in enumerate(fates, start=1):
        with world.leyka.at(created + place * ANSWERED_AFTER):
            life.set_status(world.leyka, donation, fate, "5051" if fate == "failed" else None)
    return donation
