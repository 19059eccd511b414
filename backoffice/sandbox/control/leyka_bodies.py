"""What the addresses under `/_sandbox/leyka/` may be sent."""

from decimal import Decimal

from pydantic import AwareDatetime, Field

from backoffice.sandbox.control.body import Body
from backoffice.sandbox.leyka.donations import Giver


class Donate(Body):
    """Somebody sends the form; `status`: the gateway calls back at once."""

    amount: Decimal = Field(gt=0)
    name: str = "Anonymous"
    email: str | None = None
    phone: str = ""
    comment: str = ""
    campaign_id: int = 6
    recurring: bool = False
    created_at: AwareDatetime | None = None
    status: str | None = None
    error_id: str | None = None

    def giver(self) -> Giver:
        return Giver(self.name, self.email, self.phone, self.comment)


class Of(Body):
    """A donation. `silently`: straight in the database, so that no event tells of it."""

    donation_id: int
    silently: bool = False


class Deliver(Body):
    """What waits. `again`: also what was delivered, as after the site was restored from a copy."""

    again: bool = False


class SetStatus(Of):
    """Any status may follow any other."""

    status: str = Field(min_length=1)
    error_id: str | None = None


class Charge(Of):
    """A subscription, named by its first donation, is charged; `announced`: first told of without sum and donor."""

    status: str = "funded"
    error_id: str | None = None
    announced: bool = False


class Edit(Of):
    """Another sum or campaign."""

    amount: Decimal | None = Field(None, ge=0)
    campaign_id: int | None = None
