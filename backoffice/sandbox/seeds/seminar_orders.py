"""Registrations for the seminar: every kind of form, every shape of answers, every fate of a ticket."""

from dataclasses import dataclass

from backoffice.sandbox.timepad.forms import Form, Person
from backoffice.sandbox.timepad.state import Event, TimepadState
from backoffice.sandbox.timepad.switches import AnswersAs

COMPANY = "ООО «Ромашка и партнёры»"
GLEB = Person("Никитин", "Глеб", "gleb.nikitin@example.org", "+7 999 000 02 12")


@dataclass(frozen=True)
class Registration:
    """An order to be placed; `came` says which of its tickets were let in."""

    status: str
    people: tuple[Person, ...]
    came: tuple[bool, ...] = (False,)
    form: Form = Form.SINGLE
    answers_as: AnswersAs = "object"
    customer: Person | None = None


YES, NO = (True,), (False,)

REGISTRATIONS = (
    Registration("ok", (Person("Кузнецова", "Анна", "anna.kuznetsova@example.org", "+7 999 000 01 01"),), YES),
    # Known as Пётр Королёв, with capitals in the address.
    Registration("paid", (Person("КОРОЛЕВ", "петр", "petr.korolev@example.org"),), YES),
    # Two equal contacts in the portal.
    Registration("paid", (Person("Соколова", "Мария", "maria.sokolova@example.org"),), YES),
    # A namesake of a contact: another address, another person.
    Registration("paid", (Person("Смирнов", "Иван", "i.smirnov.studio@example.org", "+7 999 000 02 04"),), YES),
    Registration("ok", (Person("Белова", "Ольга", "olga.belova@example.org", None, COMPANY),), NO, answers_as="array"),
    # A participants' form of three: a known one and two new ones.
    Registration(
        "paid",
        (
            Person("Орлов", "Дмитрий", "dmitry.orlov@example.org"),
            Person("Фомина", "Вера", "vera.fomina@example.org"),
            Person("Гусев", "Павел", "pavel.gusev@example.org"),
        ),
        (True, True, False),
        Form.PER_PARTICIPANT,
    ),
    # The second of the two left no address.
    Registration(
        "ok",
        (Person("Лебедева", "Елена", "elena.lebedeva@example.org"), Person("Мельник", "Оксана")),
        (True, True),
        Form.PER_PARTICIPANT,
    ),
    # An employer pays for two.
    Registration(
        "paid",
        (
            Person("Тихонов", "Роман", "roman.tikhonov@example.org", None, COMPANY),
            Person("Егорова", "Юлия", "yulia.egorova@example.org", None, COMPANY),
        ),
        (True, False),
        Form.CUSTOMER,
        "array",
        Person("Громова", "Светлана", "accounting@example.org", "+7 999 000 02 08", COMPANY),
    ),
    Registration("booked", (Person("Крылов", "Артём", "artem.krylov@example.org"),)),
    Registration("returned", (Person("Зайцева", "Наталья", "natalia.zaytseva@example.org"),)),
    # A status no document knows.
    Registration("frozen_by_bank", (Person("Павлова", "Инна", "inna.pavlova@example.org"),)),
    # One person, two tickets.
    Registration("paid", (GLEB, GLEB), (True, False)),
    Registration("paid_ur", (Person("Морозова", "Татьяна", "tatiana.morozova@example.org"),), YES),
    Registration("pending", (Person("Фёдоров", "Лев", "lev.fedorov@example.org"),), answers_as="array"),
    # A new person with careless spaces and capitals.
    Registration("paid", (Person(" Сорокина", "Дарья ", "Daria.Sorokina@Example.org"),), YES),
)

EARLIER_VISITORS = (
    Registration("ok", (Person("Кузнецова", "Анна", "anna.kuznetsova@example.org"),), YES),
    Registration("ok", (Person("Волков", "Сергей", "sergey.volkov@example.org"),), YES),
    Registration("ok", (Person("Лебедева", "Елена", "elena@example.org"),), NO),
)


def register(timepad: TimepadState, event: Event, registrations: tuple[Registration, ...]) -> None:
    """Place the orders; those who came were let in when the event began."""
    for registration in registrations:
        people, form, customer = registration.people, registration.form, registration.customer
        order = timepad.place_order(event, people, form, customer=customer)
        order.status, order.answers_as = registration.status, registration.answers_as
        order.created_at = event.created_at
        for ticket, came in zip(order.tickets, registration.came, strict=True):
            ticket.came_at = event.starts_at if came else None
