"""What Timepad holds: events with their orders and tickets, and where it delivers hooks."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from backoffice.sandbox.clock import Clock
from backoffice.sandbox.timepad.forms import Answers, Form, Person, fill
from backoffice.sandbox.timepad.questions import USUAL_QUESTIONS, Question
from backoffice.sandbox.timepad.switches import AnswersAs, Switches

ORGANIZATION_ID = 40400
TOKEN = "sandbox-timepad-token"  # noqa: S105 -- opens nothing but the sandbox
HOOK_SECRET = "sandbox-hook-secret"  # noqa: S105 -- opens nothing but the sandbox


@dataclass
class Ticket:
    """One place at an event. `status` is the ticket's own one, None = the order's."""

    id: int
    number: str
    answers: Answers
    price: int = 0
    came_at: datetime | None = None
    left_at: datetime | None = None
    status: str | None = None


@dataclass
class Order:
    """A registration: who ordered and the tickets of one purchase."""

    id: int
    created_at: datetime
    status: str
    mail: str | None
    answers: Answers
    tickets: list[Ticket]
    answers_as: AnswersAs = "object"


@dataclass
class Event:
    """An event of an organization; `ends_at` may be unknown. Moments are aware."""

    id: int
    name: str
    starts_at: datetime
    ends_at: datetime | None
    created_at: datetime
    organization_id: int = ORGANIZATION_ID
    access_status: str = "public"
    moderation_status: str = "shown"
    price: int = 0
    description: str = ""
    questions: tuple[Question, ...] = USUAL_QUESTIONS
    orders: dict[int, Order] = field(default_factory=dict)

    def tickets(self) -> Iterator[tuple[Order, Ticket]]:
        """Every ticket with its order, in the order of purchase."""
        return ((order, ticket) for order in list(self.orders.values()) for ticket in order.tickets)


@dataclass(frozen=True)
class Hook:
    """Where ticket changes are delivered; an empty secret leaves the delivery unsigned."""

    url: str
    secret: str = HOOK_SECRET


class TimepadState:
    """The whole of Timepad on the world's clock; events and orders keep the order of their creation."""

    def __init__(self, clock: Clock, *, strict: bool = True) -> None:
        self.clock = clock
        self.token = TOKEN
        self.switches = Switches(strict=strict)
        self.recent_requests: deque[datetime] = deque()
        self.clear()

    def clear(self) -> None:
        """Forget events and hooks and number from the beginning; the switches stay."""
        self.events: dict[int, Event] = {}
        self.hooks: list[Hook] = []
        self._event_ids, self._order_ids = count(300100), count(6100100)
        self._ticket_ids, self._numbers = count(9001), count(7001)

    def add_event(self, name: str, starts_at: datetime, ends_at: datetime | None = None) -> Event:
        """Announce a public event of our organization; the caller may change the rest of it."""
        event = Event(next(self._event_ids), name, starts_at, ends_at, starts_at - timedelta(days=30))
        self.events[event.id] = event
        return event

    def place_order(
        self, event: Event, people: Sequence[Person], form: Form = Form.SINGLE, *, customer: Person | None = None
    ) -> Order:
        """Register `people`, one ticket each, as confirmed and free of charge or paid, as the event has it."""
        filled = fill(form, people, customer)
        tickets = [self._ticket(answers, event.price) for answers in filled.tickets]
        status = "paid" if event.price else "ok"
        order = Order(next(self._order_ids), self.clock.now(), status, filled.mail, filled.order, tickets)
        event.orders[order.id] = order
        return order

    def _ticket(self, answers: Answers, price: int) -> Ticket:
        number = next(self._numbers)
        return Ticket(next(self._ticket_ids), f"{number}:{55505344 + number}", answers, price)
