"""Lesson reminders by letter: our own mail server and the portal, and what each of them does wrong."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from backoffice.mail.server import MailMisconfigured
from backoffice.rules.lesson_report import SendingFailed
from backoffice.sandbox.bitrix24.crm.multifields import Multifield
from backoffice.sandbox.faults.fault import Fault, Kind
from backoffice.sandbox.mail.connection import SMTP_PASSWORD, SMTP_USER
from backoffice.sandbox.mail.server import serving_mail
from backoffice.sandbox.seeds.school import School
from backoffice.sandbox.world import World
from backoffice.settings import settings
from tasks.messages import decide_message, read_unresolved
from tests.flows.lessons import HOUR, Lesson, comments, letters, notes

Sweep = Callable[..., None]
MINUTES = 60


@pytest.fixture
def lesson(world: World, school: School, sweep: Sweep) -> Lesson:
    """Two hours away, and known to the sweeps."""
    lesson = Lesson(world, school)
    sweep()
    lesson.comes()
    return lesson


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """use(NAME=value): other settings of the installation."""

    def use(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()

    return use


def trouble(world: World, kind: Kind, methods: str, times: int | None = 1) -> None:
    world.faults.order(Fault(kind=kind, methods=methods, times=times))


def bells(world: World) -> list[int]:
    """The notifications by number: one that replaced another has a number of its own."""
    return sorted(one.id for one in world.portal.notifications.values())


def activities(world: World) -> int:
    return len(list(world.portal.crm.activities.table))


@pytest.mark.parametrize("kind", ["mail_greylist", "mail_later", "mail_later_data", "mail_cut_before_data"])
def test_a_server_that_asks_to_come_back_gets_the_letter_later(
    world: World, lesson: Lesson, sweep: Sweep, kind: Kind
) -> None:
    """The run is green, the other letter goes at once, and the manager hears nothing."""
    trouble(world, kind, "anna@*")
    sweep()
    world.clock.advance(5 * MINUTES)
    sweep()
    sweep()
    assert letters(world) == ["anna@example.org", "boris@example.org"]
    assert (len(comments(world, lesson.deal)), notes(world)) == (2, [])


def test_what_the_server_puts_off_until_the_lesson_is_told_as_missed(
    world: World, lesson: Lesson, sweep: Sweep
) -> None:
    """It never goes after the lesson has begun."""
    trouble(world, "mail_greylist", "anna@*", times=None)
    sweep()
    lesson.comes(timedelta(minutes=-1))
    sweep()
    world.faults.clear()
    sweep()
    assert letters(world) == ["boris@example.org"]
    assert [f"/crm/deal/details/{lesson.deal}/" in note for note in notes(world)] == [True]


@pytest.mark.parametrize("kind", ["mail_reject", "mail_reject_data"])
def test_a_refused_letter_fails_the_run_once_and_is_told_once(
    world: World, lesson: Lesson, sweep: Sweep, kind: Kind
) -> None:
    """By deal and contact, without the address; the other letter goes; the next sweeps are green and silent."""
    trouble(world, kind, "anna@*", times=None)
    with pytest.raises(SendingFailed) as failed:
        sweep()
    assert f"сделка {lesson.deal}, контакт {lesson.anna}: почтовый сервер отказал: 55" in str(failed.value)
    assert "@" not in str(failed.value)
    told = bells(world)
    sweep()
    lesson.comes(-HOUR)
    sweep()
    assert letters(world) == ["boris@example.org"]
    assert (len(told), bells(world)) == (1, told)
    assert "отказал: 55" in notes(world)[0]
    assert f"/crm/contact/details/{lesson.anna}/" in notes(world)[0]


@pytest.mark.parametrize(("kind", "came"), [("mail_cut_after_data", 1), ("mail_cut_unkept", 0)])
def test_a_letter_cut_off_while_leaving_waits_for_a_person(
    world: World, lesson: Lesson, sweep: Sweep, kind: Kind, came: int
) -> None:
    """Nobody knows whether it came, so it is listed and not sent again until somebody decides."""
    trouble(world, kind, "anna@*")
    sweep()
    world.clock.advance(5 * MINUTES)
    sweep()
    assert letters(world).count("anna@example.org") == came
    [listed] = read_unresolved.fn("lesson_reminders")
    assert (listed.deal_id, listed.contact_id) == (lesson.deal, lesson.anna)
    decide_message.fn(listed.id, "send_again")
    sweep()
    sweep()
    assert letters(world).count("anna@example.org") == came + 1
    assert read_unresolved.fn("lesson_reminders") == []


def test_a_wrong_password_stops_the_run_and_loses_nothing(
    world: World, lesson: Lesson, sweep: Sweep, use: Callable[..., None]
) -> None:
    """The error names the settings and not their values; with the right password everything goes."""
    right = {"SMTP_LOGIN": SMTP_USER, "SMTP_PASSWORD": SMTP_PASSWORD}
    with serving_mail(world) as (host, port):
        use(SMTP_HOST=host, SMTP_PORT=str(port), **(right | {"SMTP_PASSWORD": "mistyped"}))
        with pytest.raises(MailMisconfigured, match="SMTP_LOGIN, SMTP_PASSWORD: почтовый сервер") as refused:
            sweep()
        assert "mistyped" not in str(refused.value)
        use(**right)
        sweep()
    assert letters(world) == ["anna@example.org", "boris@example.org"]


def test_a_mistyped_server_stops_the_run_and_loses_nothing(
    world: World, lesson: Lesson, sweep: Sweep, use: Callable[..., None], mail_server: tuple[str, int]
) -> None:
    """There is no such name, and waiting would not help."""
    use(SMTP_HOST="smtp..example.org", SMTP_SECURITY="starttls")
    with pytest.raises(MailMisconfigured, match="SMTP_HOST"):
        sweep()
    use(SMTP_HOST=mail_server[0], SMTP_SECURITY="none")
    sweep()
    assert letters(world) == ["anna@example.org", "boris@example.org"]


def test_a_server_that_is_not_there_is_tried_again(
    world: World, lesson: Lesson, sweep: Sweep, use: Callable[..., None], mail_server: tuple[str, int]
) -> None:
    """Nothing listens at the port: the letters wait, and the title of the run says so."""
    use(SMTP_PORT="9")
    sweep()
    assert letters(world) == []
    use(SMTP_PORT=str(mail_server[1]))
    sweep()
    assert letters(world) == ["anna@example.org", "boris@example.org"]


def test_a_trace_without_an_answer_is_left_once(world: World, lesson: Lesson, sweep: Sweep) -> None:
    """The portal is asked for it, after the time that it may still be executing."""
    trouble(world, "cut_after", "crm.timeline.comment.add")
    for _ in range(3):
        sweep()
        world.clock.advance(80)
    assert len(comments(world, lesson.deal)) == 2
    assert len(letters(world)) == 2


def test_the_portal_can_carry_the_letters(world: World, lesson: Lesson, sweep: Sweep) -> None:
    """Each stands in the deal as an activity, which is its trace: no comment besides."""
    sweep(letters_by="portal")
    sweep(letters_by="portal")
    assert letters(world) == ["anna@example.org", "boris@example.org"]
    assert {letter.via for letter in world.mailbox.letters} == {"portal"}
    assert "Здравствуйте, Анна!" in world.mailbox.to("anna@example.org")[0].html
    assert (activities(world), comments(world, lesson.deal)) == (2, [])


@pytest.mark.parametrize(
    ("kind", "at_once"), [("cut_after", 2), ("broken_after", 2), ("cut_before", 0), ("late_write", 0)]
)
def test_a_letter_of_the_portal_without_an_answer_is_asked_for(
    world: World, lesson: Lesson, sweep: Sweep, kind: Kind, at_once: int
) -> None:
    """Whether the activity stands there or not, in the end everybody has one letter and nobody two."""
    world.faults.order(Fault(kind=kind, methods="crm.activity.add", times=1, seconds=40))
    sweep(letters_by="portal")
    assert len(letters(world)) == at_once
    for _ in range(2):
        world.clock.advance(5 * MINUTES)
        sweep(letters_by="portal")
    assert letters(world) == ["anna@example.org", "boris@example.org"]
    assert (activities(world), read_unresolved.fn("lesson_reminders")) == (2, [])


@pytest.mark.parametrize(
    ("letters_by", "reason"), [("portal", "портал не отправил письмо"), ("smtp", "в адресе e-mail нет такого домена")]
)
def test_an_address_that_cannot_be_written_to_fails_once(
    world: World, lesson: Lesson, sweep: Sweep, letters_by: str, reason: str
) -> None:
    """It got past the card; what the portal left of the letter is cleared away, and the manager is told once."""
    contacts = world.portal.crm.tables["CONTACT"]
    card = contacts.get(lesson.anna)
    assert card is not None
    contacts.put(replace(card, multifields=(Multifield(900, "EMAIL", "WORK", "anna@example..org"),)))
    with pytest.raises(SendingFailed, match=f"контакт {lesson.anna}: {reason}"):
        sweep(letters_by=letters_by)
    told = bells(world)
    sweep(letters_by=letters_by)
    assert letters(world) == ["boris@example.org"]
    assert (activities(world), len(told), bells(world)) == (1 if letters_by == "portal" else 0, 1, told)


def test_the_first_address_of_several_is_written_to(world: World, school: School, lesson: Lesson, sweep: Sweep) -> None:
    """And the second one is not."""
    school.change_contact(lesson.anna, EMAIL=[{"VALUE": "anna.too@example.org", "VALUE_TYPE": "HOME"}])
    sweep()
    assert letters(world) == ["anna@example.org", "boris@example.org"]


def test_two_leads_are_two_letters(world: World, lesson: Lesson, school: School, sweep: Sweep) -> None:
    """A day and two hours before; each once."""
    starts_at = lesson.starts_at + 48 * HOUR
    school.reschedule(lesson.course, [starts_at])
    lesson.starts_at = starts_at
    for before in (25, 24, 3, 2):
        lesson.comes(before * HOUR)
        sweep(leads_hours=(24, 2))
    assert letters(world) == ["anna@example.org"] * 2 + ["boris@example.org"] * 2
    said = {re.sub(r".*(через [^.]*)\..*", r"\1", letter.text, flags=re.DOTALL) for letter in world.mailbox.letters}
    assert said == {"через 1 день", "через 2 часа"}
