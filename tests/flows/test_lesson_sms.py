"""Lesson reminders by SMS, to those whose card has no e-mail."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from backoffice import connections
from backoffice.rules.lesson_report import SendingFailed
from backoffice.rules.sending import State
from backoffice.sandbox.faults.fault import Fault, Kind
from backoffice.sandbox.seeds.school import School
from backoffice.sandbox.sms import sms_ru, smsc
from backoffice.sandbox.world import World
from backoffice.settings import SettingMissing, settings
from backoffice.store import messages
from tasks.messages import read_unresolved
from tests.flows.lessons import HOUR, Lesson, comments, letters, notes

Sweep = Callable[..., None]
VERA = "+79990000103"
TICK = 300


class SmsLesson(Lesson):
    """The lesson, attended in a deal of her own by Vera, who has a phone and no e-mail."""

    def __init__(self, world: World, school: School) -> None:
        super().__init__(world, school)
        self.vera = school.contact("Громова", "Вера", phone="8 (999) 000-01-03")
        self.vera_s_deal = school.deal([self.vera], [self.course])

    def at(self, clock: str) -> None:
        """The lesson is tomorrow at this time of the portal's clock."""
        tomorrow = self.world.clock.now().astimezone(connections.zone()) + 24 * HOUR
        hour, minute = map(int, clock.split(":"))
        self.starts_at = tomorrow.replace(hour=hour, minute=minute, second=0, microsecond=0)
        self.school.reschedule(self.course, [self.starts_at])


@pytest.fixture
def lesson(world: World, school: School) -> SmsLesson:
    return SmsLesson(world, school)


@pytest.fixture
def use(sandbox: str, sweep: Sweep, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """use(provider): SMS go through it from now on; other settings may be given."""
    known = {
        "sms.ru": {"SMS_RU_API_ID": sms_ru.API_ID, "SMS_API_URL": f"{sandbox}/sms.ru"},
        "smsc": {"SMSC_LOGIN": smsc.LOGIN, "SMSC_PASSWORD": smsc.PASSWORD, "SMS_API_URL": f"{sandbox}/smsc.ru"},
    }

    def use(provider: str, **values: str) -> None:
        for name, value in {"SMS_PROVIDER": provider, **known[provider], **values}.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()

    return use


@pytest.fixture
def agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """agree(line, other): portal.toml with another line in the place of one."""

    def agree(line: str, other: str) -> None:
        text = settings().portal_toml.read_text(encoding="utf-8")
        assert line in text
        (tmp_path / "portal.toml").write_text(text.replace(line, other), encoding="utf-8")
        monkeypatch.setenv("PORTAL_TOML", str(tmp_path / "portal.toml"))
        settings.cache_clear()
        connections.words.cache_clear()

    return agree


def came(world: World) -> list[str]:
    return [sms.phone for sms in world.sms.messages]


def states() -> list[str]:
    """Where the SMS stand in our store."""
    every = messages.in_state(connections.store(), connections.portal_host(), *State)
    return [message.state for message in every if message.channel == "sms"]


def cut(world: World, provider: str, kind: Kind) -> None:
    """The gateway's answer to the next message is lost; SMSC tells the price at the same address before it."""
    path, start = {"sms.ru": ("sms/send", 1), "smsc": ("sys/send.php", 2)}[provider]
    world.faults.order(Fault(kind=kind, methods=path, start=start, times=1))


@pytest.mark.parametrize("provider", ["sms.ru", "smsc"])
def test_who_has_no_address_gets_an_sms(
    world: World, lesson: SmsLesson, sweep: Sweep, use: Callable[..., None], provider: str
) -> None:
    """Once; the others get their letters, and the deal shows what was sent."""
    use(provider)
    lesson.comes()
    sweep(sms_allowed=True)
    world.clock.advance(TICK)
    sweep(sms_allowed=True)
    [sms] = world.sms.messages
    assert (sms.provider, sms.phone) == (provider, VERA)
    assert sms.text == "2 марта в 15:00 занятие «Интенсив по налогам». Ждём вас!"
    assert letters(world) == ["anna@example.org", "boris@example.org"]
    assert ["Отправлена СМС" in comment for comment in comments(world, lesson.vera_s_deal)] == [True]
    assert notes(world) == []


def test_an_sms_without_leave_is_a_note(
    world: World, lesson: SmsLesson, sweep: Sweep, use: Callable[..., None]
) -> None:
    """A gateway in the settings is no leave; the manager is told once, and not again when the lesson begins."""
    use("sms.ru")
    sweep()
    lesson.comes()
    sweep()
    lesson.comes(-HOUR)
    sweep()
    assert came(world) == []
    assert ["в карточке нет e-mail" in note for note in notes(world)] == [True]


def test_sms_without_a_gateway_are_refused_before_anything_is_sent(
    world: World, lesson: SmsLesson, sweep: Sweep
) -> None:
    """The administrator learns of it with the first sweep, and not when the first person has no address."""
    with pytest.raises(SettingMissing, match="SMS_PROVIDER"):
        sweep(sms_allowed=True)
    lesson.comes()
    with pytest.raises(SettingMissing, match="SMS_PROVIDER"):
        sweep(sms_allowed=True)
    sweep()
    assert letters(world) == ["anna@example.org", "boris@example.org"]


@pytest.mark.parametrize(("provider", "wrong"), [("sms.ru", "SMS_RU_API_ID"), ("smsc", "SMSC_PASSWORD")])
def test_a_wrong_key_fails_the_run_and_loses_nothing(
    world: World, lesson: SmsLesson, sweep: Sweep, use: Callable[..., None], provider: str, wrong: str
) -> None:
    """The error names the setting and not its value; the letters go all the same, the SMS once that is mended."""
    use(provider, **{wrong: "mistyped"})
    lesson.comes()
    with pytest.raises(SendingFailed, match=wrong) as refused:
        sweep(sms_allowed=True)
    assert "mistyped" not in str(refused.value)
    assert letters(world) == ["anna@example.org", "boris@example.org"]
    use(provider)
    sweep(sms_allowed=True)
    assert came(world) == [VERA]


def test_an_sms_waits_for_the_morning(world: World, lesson: SmsLesson, sweep: Sweep, use: Callable[..., None]) -> None:
    """A lesson at half past nine: the letters go at half past seven, the SMS at nine."""
    use("smsc")
    lesson.at("09:30")
    sweep(sms_allowed=True)
    lesson.comes()
    sweep(sms_allowed=True)
    assert (len(letters(world)), came(world)) == (2, [])
    lesson.comes(timedelta(minutes=31))
    sweep(sms_allowed=True)
    assert came(world) == []
    lesson.comes(timedelta(minutes=30))
    sweep(sms_allowed=True)
    assert (came(world), notes(world)) == ([VERA], [])


def test_quiet_hours_up_to_the_lesson_are_a_note(
    world: World, lesson: SmsLesson, sweep: Sweep, use: Callable[..., None]
) -> None:
    """A lesson at half past eight: nobody is woken, and the manager knows; once, also when it has begun."""
    use("smsc")
    lesson.at("08:30")
    sweep(sms_allowed=True)
    lesson.comes()
    sweep(sms_allowed=True)
    lesson.comes(-HOUR)
    sweep(sms_allowed=True)
    assert came(world) == []
    assert ["тихие часы (до 09:00)" in note for note in notes(world)] == [True]


def test_a_person_gets_no_more_than_the_daily_cap(
    world: World, school: School, lesson: SmsLesson, sweep: Sweep, use: Callable[..., None]
) -> None:
    """Four courses at once, three SMS: of the fourth the manager is told once, and the runs stay green."""
    use("sms.ru")
    others = [school.course(f"Практикум {number}", [lesson.starts_at]) for number in range(3)]
    school.deal([lesson.vera], others)
    lesson.comes()
    for _ in range(3):
        sweep(sms_allowed=True)
        world.clock.advance(TICK)
    assert came(world) == [VERA] * 3
    assert ["не больше 3 СМС в день" in note for note in notes(world)] == [True]


def test_the_month_s_budget_stops_sms(
    world: World,
    school: School,
    lesson: SmsLesson,
    sweep: Sweep,
    use: Callable[..., None],
    agree: Callable[[str, str], None],
) -> None:
    """The one after the money is gone does not leave, and the manager is told once."""
    use("smsc")
    agree("sms_monthly_budget = 3000", "sms_monthly_budget = 4")
    galina = school.contact("Дорохова", "Галина", phone="+7 999 000 01 04")
    school.deal([galina], [lesson.course])
    lesson.comes()
    for _ in range(3):
        sweep(sms_allowed=True)
        world.clock.advance(TICK)
    assert len(came(world)) == 1
    assert ["бюджет 4" in note for note in notes(world)] == [True]


@pytest.mark.parametrize("provider", ["sms.ru", "smsc"])
def test_what_became_of_an_sms_is_asked_later(
    world: World, lesson: SmsLesson, sweep: Sweep, use: Callable[..., None], provider: str
) -> None:
    """Taken by the gateway is not delivered yet."""
    use(provider)
    lesson.comes()
    sweep(sms_allowed=True)
    assert states() == ["accepted"]
    world.sms.move(world.sms.messages[0], "delivered")
    sweep(sms_allowed=True)
    assert (states(), came(world)) == (["delivered"], [VERA])


def test_an_sms_that_was_not_delivered_is_told_once(
    world: World, lesson: SmsLesson, sweep: Sweep, use: Callable[..., None]
) -> None:
    """The run that learns of it fails, the next ones are green; nothing is sent again."""
    use("smsc")
    lesson.comes()
    sweep(sms_allowed=True)
    world.sms.move(world.sms.messages[0], "undelivered")
    with pytest.raises(SendingFailed, match=f"контакт {lesson.vera}: доставить невозможно"):
        sweep(sms_allowed=True)
    sweep(sms_allowed=True)
    assert (states(), came(world)) == (["failed"], [VERA])
    assert ["доставить невозможно" in note for note in notes(world)] == [True]


@pytest.mark.parametrize(("kind", "sent"), [("sms_cut_after", 1), ("sms_cut_before", 0)])
def test_an_sms_in_doubt_waits_for_a_person_where_the_gateway_cannot_be_asked(
    world: World, lesson: SmsLesson, sweep: Sweep, use: Callable[..., None], kind: Kind, sent: int
) -> None:
    """SMS.RU knows no ids of ours."""
    use("sms.ru")
    lesson.comes()
    cut(world, "sms.ru", kind)
    for _ in range(3):
        sweep(sms_allowed=True)
        world.clock.advance(TICK)
    [listed] = read_unresolved.fn("lesson_reminders")
    assert (listed.channel, listed.contact_id) == ("sms", lesson.vera)
    assert len(came(world)) == sent


@pytest.mark.parametrize("kind", ["sms_cut_after", "sms_cut_before", "sms_broken_after"])
def test_an_sms_in_doubt_is_asked_for_where_the_gateway_knows_our_ids(
    world: World, lesson: SmsLesson, sweep: Sweep, use: Callable[..., None], kind: Kind
) -> None:
    """SMSC tells whether it has it; what it never got goes again."""
    use("smsc")
    lesson.comes()
    cut(world, "smsc", kind)
    for _ in range(5):
        sweep(sms_allowed=True)
        world.clock.advance(TICK)
    assert came(world) == [VERA]
    assert read_unresolved.fn("lesson_reminders") == []


def test_a_gateway_that_takes_nothing_now_gets_the_sms_later(
    world: World, lesson: SmsLesson, sweep: Sweep, use: Callable[..., None]
) -> None:
    """No money at first: the run is green, and the SMS goes as soon as there is some."""
    use("smsc")
    lesson.comes()
    world.faults.order(Fault(kind="sms_no_money", methods="smsc", times=2))
    for _ in range(3):
        sweep(sms_allowed=True)
        world.clock.advance(TICK)
    assert (came(world), notes(world)) == ([VERA], [])
