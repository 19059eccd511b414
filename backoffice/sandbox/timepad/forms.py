"""How the three kinds of registration form spread people's answers over an order and its tickets."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from backoffice.sandbox.timepad.questions import COMPANY, MAIL, NAME, PHONE, SURNAME

Answers = dict[str, str]


class Form(StrEnum):
    """The kind of a registration form."""

    SINGLE = "single"
    PER_PARTICIPANT = "per_participant"
    CUSTOMER = "customer"


@dataclass(frozen=True)
class Person:
    """Somebody who fills in a form; what is None was not answered and has no key in the answers."""

    surname: str | None
    name: str | None
    mail: str | None = None
    phone: str | None = None
    company: str | None = None

    def answers(self) -> Answers:
        """Answers by `field_id`."""
        given = {
            MAIL.field_id: self.mail,
            SURNAME.field_id: self.surname,
            NAME.field_id: self.name,
            PHONE.field_id: self.phone,
            COMPANY.field_id: self.company,
        }
        return {field: value for field, value in given.items() if value is not None}


@dataclass(frozen=True)
class Filled:
    """A filled form: what stands on the order and what on each of its tickets."""

    mail: str | None
    order: Answers
    tickets: tuple[Answers, ...]


def fill(form: Form, people: Sequence[Person], customer: Person | None = None) -> Filled:
    """Fill the form for `people`, one ticket each.

    The order's e-mail is the single form's, the first participant's, or the customer's
    (help.timepad.ru, get-v1-events-event-id-orders, `mail`). A single form is filled once, by the first of `people`.
    """
    first, each = people[0], tuple(person.answers() for person in people)
    if form is Form.SINGLE:
        return Filled(first.mail, first.answers(), tuple(first.answers() for _ in people))
    if form is Form.PER_PARTICIPANT:
        return Filled(first.mail, {}, each)
    payer = customer or first
    return Filled(payer.mail, payer.answers(), each)
