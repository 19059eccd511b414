"""What the addresses under `/_sandbox/timepad/` may be sent."""

from typing import Literal

from pydantic import AwareDatetime, Field

from backoffice.sandbox.control.body import Body
from backoffice.sandbox.timepad.forms import Form, Person
from backoffice.sandbox.timepad.hooks import Manner
from backoffice.sandbox.timepad.state import HOOK_SECRET
from backoffice.sandbox.timepad.switches import AnswersAs


class Change(Body):
    """A change of tickets, and how its hook is delivered: `deliver: 0` loses it, 2 doubles it."""

    event_id: int
    deliver: int = Field(1, ge=0, le=2)
    signature: Literal["right", "wrong", "none"] = "right"
    body: Literal["ticket", "order"] = "ticket"

    def manner(self) -> Manner:
        return Manner(self.deliver, self.signature, self.body)


class CheckIn(Change):
    """Somebody is let in `at` a moment, by default now."""

    ticket_id: int
    at: AwareDatetime | None = None


class Refund(Change):
    """A whole order, or one ticket of it, gets another status."""

    order_id: int | None = None
    ticket_id: int | None = None
    status: str = "returned"


class Buyer(Body):
    """A person of a form; None leaves the question unanswered."""

    surname: str | None = None
    name: str | None = None
    mail: str | None = None
    phone: str | None = None
    company: str | None = None

    def person(self) -> Person:
        return Person(self.surname, self.name, self.mail, self.phone, self.company)


class AddOrder(Change):
    """A registration; `status` by default as the price has it."""

    people: list[Buyer] = Field(min_length=1)
    form: Form = Form.SINGLE
    customer: Buyer | None = None
    status: str | None = None
    answers_as: AnswersAs = "object"


class Rename(Body):
    """Another name for an event; Timepad has no hook for that."""

    event_id: int
    name: str = Field(min_length=1)


class AddEvent(Body):
    """A new event of the organization; without `ends_at` its end is unknown."""

    name: str = Field(min_length=1)
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None = None
    price: int = Field(0, ge=0)
    access_status: Literal["private", "draft", "link_only", "public"] = "public"
    moderation_status: Literal["featured", "shown", "hidden", "not_moderated"] = "shown"


class HookTarget(Body):
    """Where hooks go from now on; no `url` means nowhere, an empty secret means unsigned."""

    url: str | None
    secret: str = HOOK_SECRET
