"""What a sweep tells of itself."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from backoffice.rules.lesson_due import Reminder
from backoffice.rules.lesson_report import Report, SendingFailed
from backoffice.rules.lesson_verdicts import Judged, Verdict
from backoffice.rules.sending import Draft, Sent, State

LESSON = datetime(2026, 3, 3, 15, 30, tzinfo=UTC)


def reminder(contact_id: int) -> Reminder:
    return Reminder(1, 7, "Интенсив", LESSON, contact_id, timedelta(hours=2), 11)


def report(*fates: tuple[Verdict, State | None], told: int = 0, refused: Sequence[int] = ()) -> Report:
    """Of reminders to contacts 1, 2, 3…: the verdict, and where the message stands if there was one."""
    judged = [Judged(reminder(number), verdict) for number, (verdict, _) in enumerate(fates, 1)]
    sent = [
        Sent(Draft("email", "lesson_reminders", reminder(number).key, "Интенсив"), number, state, "550 нет ящика")
        for number, (_, state) in enumerate(fates, 1)
        if state
    ]
    made = Report(told=told)
    made.note(judged, sent, {reminder(number).key: "поле «Имя» не заполнено" for number in refused})
    return made


@pytest.mark.parametrize(
    ("swept", "title"),
    [
        (report(), "никому не пора"),
        (report((Verdict.EMAIL, State.ACCEPTED), (Verdict.EMAIL, State.ACCEPTED)), "писем 2"),
        (
            report((Verdict.SMS, State.DELIVERED), (Verdict.EMAIL, State.ACCEPTED), told=2),
            "писем 1, СМС 1, уведомлений 2",
        ),
        (report(told=1), "уведомлений 1"),
        (report((Verdict.EMAIL, State.QUEUED), (Verdict.LATER, None)), "отложено 2"),
        (
            report((Verdict.EMAIL, State.FAILED), (Verdict.EMAIL, State.UNKNOWN)),
            "отказов 1, неизвестно, ушло ли 1",
        ),
        (report((Verdict.GONE, None), (Verdict.NO_ADDRESS, None)), "ничего не отправлено"),
        (report((Verdict.EMAIL, None), refused=[1]), "ничего не отправлено"),
    ],
)
def test_the_title_says_what_was_done_and_nothing_else(swept: Report, title: str) -> None:
    """In the list of runs, where a person looks for the one that did something."""
    assert swept.title == title


def test_the_title_of_a_rehearsal_says_what_would_go() -> None:
    """Nothing was sent, so that the verdicts count."""
    assert report((Verdict.EMAIL, None), (Verdict.SMS, None), (Verdict.GONE, None)).title == "писем 1, СМС 1"


def test_a_gateway_that_takes_nothing_fails_the_run() -> None:
    """What it did not get waits, and the reason says what to mend."""
    swept = report((Verdict.EMAIL, State.ACCEPTED), (Verdict.SMS, None))
    swept.stopped = "неверный ключ: проверьте SMS_RU_API_ID"
    assert (swept.title, swept.counts["СМС: отложено"]) == ("писем 1, отложено 1", 1)
    with pytest.raises(SendingFailed, match="SMS_RU_API_ID"):
        swept.demand_complete()


def test_what_was_refused_for_good_fails_the_run() -> None:
    """By deal and contact, with the reason."""
    with pytest.raises(SendingFailed, match="сделка 1, контакт 2: 550 нет ящика"):
        report((Verdict.EMAIL, State.ACCEPTED), (Verdict.EMAIL, State.FAILED)).demand_complete()


@pytest.mark.parametrize(
    "swept",
    [
        report((Verdict.EMAIL, State.QUEUED)),
        report((Verdict.EMAIL, State.UNKNOWN)),
        report((Verdict.EMAIL, None), refused=[1]),
        report((Verdict.MISSED, None)),
    ],
    ids=["put off", "in doubt", "not written", "missed"],
)
def test_what_is_told_elsewhere_fails_no_run(swept: Report) -> None:
    """It goes later, waits for a person's decision, or the manager has a note."""
    swept.demand_complete()
