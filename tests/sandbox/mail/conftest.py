"""A sender that knows nothing but SMTP."""

import smtplib
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import pytest

from backoffice.sandbox.faults.fault import Fault, Kind
from backoffice.sandbox.world import World


@pytest.fixture
def letter() -> EmailMessage:
    """A reminder in two forms, as a mail program writes it."""
    message = EmailMessage()
    message["From"] = "Учебный центр <info@example.org>"
    message["To"] = "Анна Кузнецова <anna@example.org>"
    message["Subject"] = "Завтра занятие: «Налоги для малого бизнеса», начало в 19:00, вход со двора"
    message["Message-ID"] = "<0123456789abcdef@example.org>"
    message.set_content("Здравствуйте, Анна!\nЖдём вас завтра.\n")
    message.add_alternative("<p>Здравствуйте, <b>Анна</b>!</p>\n", subtype="html")
    return message


@pytest.fixture
def client(mail_server: tuple[str, int]) -> Iterator[smtplib.SMTP]:
    """A connection, left without a QUIT."""
    connection = smtplib.SMTP(*mail_server, timeout=5)
    yield connection
    connection.close()


@pytest.fixture
def order(world: World) -> Callable[..., None]:
    """order(kind, …): one fault, once unless told otherwise."""

    def order(kind: Kind, **how: Any) -> None:
        world.faults.order(Fault(kind=kind, **{"times": 1, **how}))

    return order
