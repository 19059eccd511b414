"""The questions of a registration form."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Question:
    """`field_id` keys the answers of an order; `id` is the number the ticket hook calls the same question by."""

    id: int
    field_id: str
    name: str
    kind: str = "text"
    mandatory: bool = True

    def body(self) -> dict[str, Any]:
        """The question as an element of an event's `questions`."""
        return {
            "field_id": self.field_id,
            "name": self.name,
            "comment": "",
            "type": self.kind,
            "is_mandatory": self.mandatory,
            "is_for_every_visitor": True,
            "meta": [],
        }


# The three standard questions have words for keys, whatever an organizer adds gets a number.
MAIL = Question(88001, "mail", "E-mail")
SURNAME = Question(88002, "surname", "Фамилия")
NAME = Question(88003, "name", "Имя")
PHONE = Question(88004, "88004", "Телефон", mandatory=False)
COMPANY = Question(88005, "88005", "Компания", mandatory=False)

USUAL_QUESTIONS = (MAIL, SURNAME, NAME, PHONE, COMPANY)
