"""Lesson reminders: the ordinary cases, and what people do in the portal meanwhile."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from backoffice.mail.line import Unreachable
from backoffice.rules.lesson_due import NotEnrolled
from backoffice.sandbox.bitrix24.config import PORTAL_ZONE
from backoffice.sandbox.faults.fault import Fault
from backoffice.sandbox.seeds.school import School
from backoffice.sandbox.world import World
from tests.flows.lessons import HOUR, Lesson, comments, letters, notes

Sweep = Callable[..., None]


@pytest.fixture
def lesson(world: World, school: School) -> Lesson:
    return Lesson(world, school)


def sell_unseen(world: World, school: School, lesson: Lesson, sweep: Sweep) -> None:
    """Another course into the deal, long after the sweeps saw the deal: rows alone leave no trace."""
    other = school.course("Практикум", [lesson.starts_at])
    sweep()
    world.clock.advance(600)
    sweep()
    school.set_products(lesson.deal, [other])


def test_two_hours_before_a_lesson_everybody_of_the_deal_gets_one_letter(
    world: World, lesson: Lesson, sweep: Sweep
) -> None:
    """Not earlier; and the next sweeps send none."""
    sweep()
    assert letters(world) == []
    lesson.comes()
    sweep()
    assert letters(world) == ["anna@example.org", "boris@example.org"]
    lesson.comes(HOUR)
    sweep()
    assert len(letters(world)) == 2


def test_the_letter_says_when_and_what(world: World, lesson: Lesson, sweep: Sweep) -> None:
    """In the portal's time, to the person by name."""
    sweep()
    lesson.comes()
    sweep()
    letter = next(one for one in world.mailbox.letters if one.recipients == ("anna@example.org",))
    assert letter.subject == "В понедельник, 2 марта, в 15:00 — занятие «Интенсив по налогам»"
    assert "Здравствуйте, Анна!" in letter.text
    assert "Начало через 2 часа." in letter.text
    assert "Анна" in letter.html


def test_the_deal_shows_what_was_sent(world: World, lesson: Lesson, sweep: Sweep) -> None:
    """Once, although the sweeps go on."""
    lesson.comes()
    sweep()
    sweep()
    assert len(comments(world, lesson.deal)) == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda school, lesson: school.move(lesson.deal, school.next_stage_id),
        lambda school, lesson: school.move(lesson.deal, f"C{school.funnel_id}:LOSE"),
        lambda school, lesson: school.delete_deal(lesson.deal),
        lambda school, lesson: school.set_products(lesson.deal, []),
        lambda school, lesson: school.reschedule(lesson.course, []),
    ],
    ids=["stage left", "lost", "deleted", "product removed", "date removed"],
)
def test_nothing_goes_when_the_ground_is_gone(
    world: World, school: School, lesson: Lesson, sweep: Sweep, change: Callable[[School, Lesson], None]
) -> None:
    """Whether the change leaves a trace in a cursor or not."""
    sweep()
    lesson.comes()
    change(school, lesson)
    sweep()
    assert letters(world) == []


def test_who_asked_for_no_reminders_gets_none(world: World, school: School, lesson: Lesson, sweep: Sweep) -> None:
    """The mark on the contact's card; the other contact of the deal gets his."""
    sweep()
    lesson.comes()
    school.change_contact(lesson.anna, UF_CRM_BO_NO_REMINDERS="1")
    sweep()
    assert letters(world) == ["boris@example.org"]


def test_a_lesson_put_off_is_reminded_of_at_its_new_time(
    world: World, school: School, lesson: Lesson, sweep: Sweep
) -> None:
    """The old reminder never goes; having gone, it does not keep the new one from going."""
    sweep()
    lesson.comes()
    sweep()
    later = lesson.starts_at + 24 * HOUR
    school.reschedule(lesson.course, [later])
    sweep()
    world.clock.advance(timedelta(hours=23, minutes=59).total_seconds())
    sweep()
    assert len(letters(world)) == 2
    world.clock.advance(60)
    sweep()
    assert len(letters(world)) == 4


def test_a_deal_enrolled_late_is_reminded_at_once(world: World, school: School, lesson: Lesson, sweep: Sweep) -> None:
    """An hour before the lesson."""
    lesson.comes(HOUR)
    sweep()
    carol = school.contact("Громова", "Вера", "vera@example.org")
    school.deal([carol], [lesson.course])
    sweep()
    assert letters(world) == ["anna@example.org", "boris@example.org", "vera@example.org"]


def test_after_an_outage_what_is_ahead_is_sent_and_what_began_is_told(
    world: World, school: School, lesson: Lesson, sweep: Sweep
) -> None:
    """The manager is told once of a lesson that nobody was reminded of."""
    second = lesson.starts_at + 2 * HOUR
    school.reschedule(lesson.course, [lesson.starts_at, second])
    sweep()
    lesson.comes(-HOUR)
    sweep()
    sweep()
    assert [letter.subject for letter in world.mailbox.letters] == [
        "В понедельник, 2 марта, в 17:00 — занятие «Интенсив по налогам»"
    ] * 2
    assert len(notes(world)) == 1
    assert "15:00 началось, а напоминания не ушли" in notes(world)[0]


def test_without_an_address_the_manager_is_told_once(world: World, school: School, sweep: Sweep) -> None:
    """And when the address comes in time, the letter goes after all."""
    lesson = Lesson(world, school)
    nobody = school.contact("Зимина", "Ольга")
    deal = school.deal([nobody], [lesson.course])
    lesson.comes()
    sweep()
    sweep()
    assert [f"/crm/deal/details/{deal}/" in note for note in notes(world)] == [True]
    school.change_contact(nobody, EMAIL=[{"VALUE": "olga@example.org", "VALUE_TYPE": "WORK"}])
    sweep()
    assert letters(world) == ["anna@example.org", "boris@example.org", "olga@example.org"]


def test_a_date_that_is_none_stops_nobody_else(world: World, school: School, lesson: Lesson, sweep: Sweep) -> None:
    """The manager is told of it once."""
    school.reschedule(lesson.course, [lesson.starts_at, "по договорённости"])
    lesson.comes()
    sweep()
    sweep()
    assert len(letters(world)) == 2
    assert ["по договорённости" in note for note in notes(world)] == [True]


def test_an_empty_name_refuses_that_one_letter(world: World, school: School, lesson: Lesson, sweep: Sweep) -> None:
    """The manager learns which field of which card; filled in, the letter goes."""
    school.change_contact(lesson.anna, NAME="")
    lesson.comes()
    sweep()
    assert letters(world) == ["boris@example.org"]
    assert f"поле «Имя» контакта {lesson.anna} не заполнено" in notes(world)[0]
    school.change_contact(lesson.anna, NAME="Анна")
    sweep()
    assert letters(world) == ["anna@example.org", "boris@example.org"]


def test_a_dry_run_sends_nothing_and_writes_nothing(world: World, lesson: Lesson, sweep: Sweep) -> None:
    """A real sweep after it sends what it would have sent without it."""
    lesson.comes()
    before = world.portal.dump()
    sweep(dry_run=True)
    assert (letters(world), world.portal.dump()) == ([], before)
    sweep()
    assert len(letters(world)) == 2


def test_a_dry_run_meets_wrong_mail_settings(sweep: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the first real run after a week of them."""
    from backoffice.settings import settings

    monkeypatch.setenv("SMTP_PORT", "1")
    settings.cache_clear()
    with pytest.raises(Unreachable, match="SMTP_PORT"):
        sweep(dry_run=True)


def test_the_night_reading_finds_what_left_no_trace(world: World, school: School, lesson: Lesson, sweep: Sweep) -> None:
    """A course put into a deal without any other edit."""
    sell_unseen(world, school, lesson, sweep)
    lesson.comes()
    sweep()
    assert letters(world) == []
    sweep(which="rebuild")
    sweep()
    assert {letter.subject for letter in world.mailbox.letters} == {
        "В понедельник, 2 марта, в 15:00 — занятие «Практикум»"
    }


def test_one_deal_is_reminded_by_hand(world: World, school: School, lesson: Lesson, sweep: Sweep) -> None:
    """Also of a course whose sale left no trace; the next sweep sends nothing more to its contacts."""
    sell_unseen(world, school, lesson, sweep)
    lesson.comes()
    sweep(which="one", deal_id=lesson.deal)
    assert letters(world) == ["anna@example.org", "boris@example.org"]
    sweep(which="rebuild")
    sweep()
    assert len(letters(world)) == 2


def test_one_deal_is_remembered_by_the_sweeps(world: World, school: School, lesson: Lesson, sweep: Sweep) -> None:
    """Asked about long before its time, it is reminded of when the time comes."""
    sell_unseen(world, school, lesson, sweep)
    sweep(which="one", deal_id=lesson.deal)
    lesson.comes()
    sweep()
    assert letters(world) == ["anna@example.org", "boris@example.org"]


def test_one_deal_off_the_stage_is_named(school: School, lesson: Lesson, sweep: Sweep) -> None:
    """As is one that there is not."""
    school.move(lesson.deal, school.next_stage_id)
    for deal_id in (lesson.deal, 999):
        with pytest.raises(NotEnrolled, match=f"Сделки {deal_id} нет"):
            sweep(which="one", deal_id=deal_id)


def test_leads_are_hours_before(sweep: Sweep) -> None:
    """None, or a lead after the lesson, cannot be meant."""
    for leads in ((), (0.0,), (2.0, -1.0)):
        with pytest.raises(ValueError, match="leads_hours"):
            sweep(leads_hours=leads)


def test_a_date_without_a_time_is_no_lesson(world: World, school: School, lesson: Lesson, sweep: Sweep) -> None:
    """A portal makes midnight of it; the manager is told, and nobody is invited at night."""
    midnight = lesson.starts_at.astimezone(PORTAL_ZONE).replace(hour=0) + 24 * HOUR
    school.reschedule(lesson.course, [midnight])
    sweep()
    assert ["время не указано" in note for note in notes(world)] == [True]
    world.clock.advance((midnight - HOUR - world.clock.now()).total_seconds())
    sweep()
    assert letters(world) == []


def test_a_letter_in_doubt_is_told_to_the_manager(world: World, lesson: Lesson, sweep: Sweep) -> None:
    """Once, with its number for the form."""
    lesson.comes()
    world.faults.order(Fault(kind="mail_cut_after_data", methods="anna@*", times=1))
    sweep()
    sweep()
    assert ["message_id = " in note for note in notes(world)] == [True]
    assert letters(world) == ["anna@example.org", "boris@example.org"]


def test_one_deal_wants_its_number(sweep: Sweep) -> None:
    """And a number wants «one»."""
    with pytest.raises(ValueError, match="deal_id"):
        sweep(which="one")
    with pytest.raises(ValueError, match="deal_id"):
        sweep(deal_id=1)
    with pytest.raises(ValueError, match="deal_id"):
        sweep(which="one", deal_id=0)
