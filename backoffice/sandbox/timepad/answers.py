"""The answers of a form in the shapes orders carry them in."""

from typing import Any

from backoffice.sandbox.timepad.forms import Answers
from backoffice.sandbox.timepad.questions import Question
from backoffice.sandbox.timepad.switches import AnswersAs


def as_sent(answers: Answers, shape: AnswersAs, questions: tuple[Question, ...]) -> Any:
    """`{field_id: value}`, or the older array of `{field_id, value, name}`; nothing answered is `[]`, as in PHP."""
    if not answers:
        return []
    if shape == "object":
        return dict(answers)
    names = {question.field_id: question.name for question in questions}
    return [{"field_id": field, "value": value, "name": names.get(field, field)} for field, value in answers.items()]


def as_hooked(answers: Answers, questions: tuple[Question, ...]) -> list[dict[str, Any]]:
    """The form of the ticket hook: every question by its number, with its type and title."""
    return [
        {
            "id": question.id,
            "type": question.kind,
            "name": question.name,
            "mandatory": None,
            "value": answers[question.field_id],
        }
        for question in questions
        if question.field_id in answers
    ]
