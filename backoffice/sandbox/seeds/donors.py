"""Any number of invented donors, with what they gave at the site and their cards in the portal."""

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from backoffice.sandbox.leyka import life
from backoffice.sandbox.leyka.donations import Giver
from backoffice.sandbox.seeds.big import NAMES, SURNAMES
from backoffice.sandbox.seeds.fund import Fund, Gift

if TYPE_CHECKING:  # the world plants its seeds itself
    from backoffice.sandbox.world import World

YOUNGEST, SPREAD, STEP = timedelta(days=15), timedelta(days=15), timedelta(minutes=23)
PAID_AFTER = timedelta(minutes=1)
AMOUNTS = (Decimal(500), Decimal("150.50"), Decimal(1000), Decimal(300))


class Donors:
    """Each place is somebody else, with one gift of two weeks to a month ago: no letter about it is due any more."""

    def __init__(self, world: "World") -> None:
        self._site, self._now = world.leyka, world.clock.now().replace(microsecond=0)
        self.fund = Fund(world)

    def name(self, place: int) -> tuple[str, str]:
        """Surname and name."""
        return f"{SURNAMES[place % 10]}-{place // 100 + 1}", NAMES[place // 10 % 10]

    def email(self, place: int) -> str:
        return f"donor-{place}@example.org"

    def gift(self, place: int) -> Gift:
        moment = self._now - YOUNGEST - (place * STEP) % SPREAD
        return Gift(AMOUNTS[place % 4], moment, campaign_id=6 + place % 3)

    def contact(self, place: int, phone: str = "", **values: Any) -> int:
        """A card of the donor; each call makes another."""
        return self.fund.contact(*self.name(place), self.email(place), phone, **values)

    def donation(self, place: int, gift: Gift, status: str = "funded") -> int:
        """A gift at the site, settled a minute after."""
        giver = Giver(" ".join(self.name(place)), self.email(place))
        made = life.donate(self._site, giver, gift.amount, gift.campaign_id, created_at=gift.at)
        with self._site.at(gift.at + PAID_AFTER):
            life.set_status(self._site, made, status, "5051" if status == "failed" else None)
        return made.id

    def paid_deal(self, place: int, contact_id: int) -> int:
        """The donor's gift at the site, with its deal."""
        gift = self.gift(place)
        return self.fund.own_deal(gift, "funded", contact_id, self.donation(place, gift))
