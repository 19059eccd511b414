"""Lesson reminders and their forms in Prefect: what people see of a run, and what they must not see."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prefect import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.flow_engine import run_flow_sync
from prefect.settings import (
    PREFECT_API_DATABASE_CONNECTION_URL,
    PREFECT_LOGGING_TO_API_ENABLED,
    temporary_settings,
)
from prefect.states import Scheduled

from backoffice import connections
from backoffice.sandbox.bitrix24.config import WEBHOOK_SECRET
from backoffice.sandbox.faults.fault import Fault
from backoffice.sandbox.mail.connection import SMTP_PASSWORD, SMTP_USER
from backoffice.sandbox.seeds.school import School
from backoffice.sandbox.sms import sms_ru
from backoffice.sandbox.world import World
from backoffice.settings import settings
from flows.lesson_reminders import lesson_reminders
from flows.message_desk import message_desk
from flows.portal_setup import portal_setup
from flows.preview_letter import preview_letter
from tasks.messages import DecisionRefused, read_unresolved
from tests.flows.lessons import HOUR, Lesson, letters
from tests.flows.runs import artifacts, everything_prefect_knows, last_name

pytestmark = pytest.mark.usefixtures("prefect", "connected")
PERSONAL = ("@example.org", "79990000", "9990000", "Белова", "Волков", "Громова")

LESSON = "Интенсив по налогам, 2 марта, 15:00"


@pytest.fixture
def use(connected: None, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """use(NAME=value): settings of the installation."""

    def use(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()

    return use


@pytest.fixture
def lesson(world: World, school: School, mail_server: tuple[str, int], use: Callable[..., None]) -> Lesson:
    """Two hours away, with a third person whose card has a phone alone, and a mail server."""
    use(SMTP_HOST=mail_server[0], SMTP_PORT=str(mail_server[1]), SMTP_SECURITY="none")
    lesson = Lesson(world, school)
    vera = school.contact("Громова", "Вера", phone="+7 999 000 01 03")
    school.deal([vera], [lesson.course])
    lesson.comes()
    return lesson


@pytest.fixture
def unused(tmp_path: Path, use: Callable[..., None]) -> Iterator[None]:
    """A portal.toml without lesson reminders."""
    text = settings().portal_toml.read_text(encoding="utf-8")
    begin, end = text.index("[lesson_reminders]"), text.index("[messages]")
    (tmp_path / "portal.toml").write_text(text[:begin] + text[end:], encoding="utf-8")
    use(PORTAL_TOML=str(tmp_path / "portal.toml"))
    connections.words.cache_clear()
    yield
    connections.words.cache_clear()


def meant_for(moment: datetime, *, by_timetable: bool) -> FlowRun:
    """A run that has waited since then. Only the server's own scheduler marks runs as the timetable's."""
    with get_client(sync_client=True) as client:
        run = client.create_flow_run(lesson_reminders, state=Scheduled(scheduled_time=moment))
    database = PREFECT_API_DATABASE_CONNECTION_URL.value().partition("///")[2]
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE flow_run SET auto_scheduled = ? WHERE id = ?", (by_timetable, str(run.id)))
    return run


def test_a_run_shows_what_it_did(world: World, lesson: Lesson) -> None:
    """Counts and a table, with initials and links; its name says it in a line; the next run has nothing to do."""
    lesson_reminders()
    assert last_name() == "писем 2, уведомлений 1"
    shown = artifacts()
    assert "* письмо: ушло: 2\n* некуда писать: 1" in shown["lesson-reminders"]
    rows = json.loads(shown["lesson-reminders-table"])
    assert [(row["Кому"], row["Что"]) for row in rows] == [
        ("Б. А.", "письмо: ушло"),
        ("В. Б.", "письмо: ушло"),
        ("Г. В.", "некуда писать"),
    ]
    assert f"/crm/deal/details/{lesson.deal}/" in rows[0]["Сделка"]
    told = shown["lesson-reminders"] + shown["lesson-reminders-table"]
    assert not [word for word in PERSONAL if word in told]
    lesson_reminders()
    assert last_name() == "ничего не отправлено"
    assert len(letters(world)) == 2


def test_an_idle_run_says_so(world: World, lesson: Lesson) -> None:
    """Nobody's time has come."""
    lesson.comes(-HOUR)
    lesson_reminders()
    assert last_name() == "никому не пора"


def test_a_rehearsal_shows_letters_with_initials(world: World, lesson: Lesson) -> None:
    """What would go, to whom, and not one full name."""
    lesson_reminders(dry_run=True)
    assert last_name() == "проверка: писем 2"
    shown = artifacts()
    assert "Проверка: ничего не отправлено" in shown["lesson-reminders"]
    assert "Тема: В понедельник, 2 марта, в 15:00 — занятие «Интенсив по налогам»" in shown["lesson-reminders-letters"]
    assert "Здравствуйте, А.!" in shown["lesson-reminders-letters"]
    told = shown["lesson-reminders"] + shown["lesson-reminders-table"] + shown["lesson-reminders-letters"]
    assert not [word for word in (*PERSONAL, "Анна", "Борис", "Вера") if word in told]
    assert letters(world) == []


def test_a_person_decides_at_the_desk(world: World, lesson: Lesson) -> None:
    """Lists without a number; refuses in Russian what cannot be; sends again what was asked for."""
    world.faults.order(Fault(kind="mail_cut_unkept", methods="anna@*", times=1))
    lesson_reminders()
    [doubt] = read_unresolved.fn("lesson_reminders")
    report = artifacts()["lesson-reminders"]
    assert "Неизвестно, ушло ли" in report
    assert f"| {doubt.id} | Интенсив по налогам" in report
    message_desk()
    assert last_name() == "сообщения: ждут решения и отказы — 1"
    [row] = json.loads(artifacts()["messages"])
    assert (row["Номер"], row["Состояние"], row["Что"]) == (doubt.id, "неизвестно, ушло ли", LESSON)
    with pytest.raises(DecisionRefused, match="Сообщения 999 нет, или"):
        message_desk(999, "sent")
    with pytest.raises(ValueError, match="Заполните оба поля"):
        message_desk(doubt.id)
    message_desk(doubt.id, "send_again")
    assert last_name() == f"сообщение {doubt.id}: уйдёт со следующим запуском процесса, если ещё пора"
    with pytest.raises(DecisionRefused, match="ушедшим считают только то"):
        message_desk(doubt.id, "sent")
    lesson_reminders()
    assert letters(world) == ["anna@example.org", "boris@example.org"]


def test_a_letter_is_shown_before_anything_is_sent(world: World, school: School, lesson: Lesson) -> None:
    """With the real words to the real person; a deal without courses and one that is none are told of."""
    preview_letter(lesson.deal)
    shown = artifacts()[f"letter-preview-{lesson.deal}"]
    assert "Здравствуйте, Анна!" in shown
    assert "Здравствуйте, Борис!" in shown
    assert "частей: 1" in shown
    assert "@" not in shown
    bookless = school.deal([lesson.anna], [school.course("Учебник")])
    preview_letter(bookless)
    assert "В товарах сделки нет курса с датами занятий" in artifacts()[f"letter-preview-{bookless}"]
    preview_letter(999)
    assert "Сделки нет, или она стоит не на той стадии" in artifacts()["letter-preview-999"]
    nobody = school.deal([], [lesson.course])
    preview_letter(nobody)
    assert "В сделке нет контактов" in artifacts()[f"letter-preview-{nobody}"]
    over = school.deal([lesson.anna], [school.course("Прошлый", [world.clock.now() - HOUR])])
    preview_letter(over)
    assert "нет занятий впереди" in artifacts()[f"letter-preview-{over}"]
    assert letters(world) == []


@pytest.mark.parametrize(("late", "by_timetable"), [(timedelta(minutes=6), True), (timedelta(hours=6), False)])
def test_a_stale_run_of_the_timetable_does_nothing(
    world: World, lesson: Lesson, late: timedelta, by_timetable: bool
) -> None:
    """After an outage all missed runs start at once; a run that a person began does its work, however late."""
    run_flow_sync(lesson_reminders, flow_run=meant_for(datetime.now(UTC) - late, by_timetable=by_timetable))
    if by_timetable:
        assert last_name() == "опоздавший запуск: ничего не делает, напомнит следующий"
    assert len(letters(world)) == (0 if by_timetable else 2)


def test_a_process_without_its_section_does_nothing(world: World, unused: None) -> None:
    """The run is green and called so; portal-setup creates nothing of it, and the portal is not asked by the run."""
    portal_setup()
    ready = world.portal.dump()
    assert "BO_LESSON_DATES" not in json.dumps(ready, ensure_ascii=False, default=str)
    assert "Обучение" not in json.dumps(ready, ensure_ascii=False, default=str)
    assert "UF_CRM_BO_NO_REMINDERS" not in json.dumps(ready, ensure_ascii=False, default=str)
    before = world.log.counters()["portal_requests"]
    lesson_reminders()
    assert last_name() == "не используется: в portal.toml нет раздела [lesson_reminders]"
    assert world.log.counters()["portal_requests"] == before


def test_neither_secrets_nor_addresses_reach_prefect(
    world: World, sandbox: str, lesson: Lesson, use: Callable[..., None]
) -> None:
    """Logs, artifacts, states and parameters of good and failing runs of all the forms."""
    known = {"SMS_PROVIDER": "sms.ru", "SMS_RU_API_ID": sms_ru.API_ID, "SMS_API_URL": f"{sandbox}/sms.ru"}
    began = datetime.now(UTC)
    use(**known, SMTP_LOGIN=SMTP_USER, SMTP_PASSWORD=SMTP_PASSWORD)
    with temporary_settings({PREFECT_LOGGING_TO_API_ENABLED: True}):
        lesson_reminders(dry_run=True)
        world.faults.order(
            Fault(kind="mail_reject", methods="anna@*"), Fault(kind="mail_cut_unkept", methods="boris@*")
        )
        assert lesson_reminders(sms_allowed=True, return_state=True).is_failed()
        assert len(world.sms.messages) == 1
        message_desk()
        preview_letter(lesson.deal)
        use(SMTP_PASSWORD="mistyped-password")
        later = School(world)
        later.deal([lesson.anna], [later.course("Практикум", [lesson.starts_at])])
        assert lesson_reminders(return_state=True).is_failed()
        use(SMTP_PASSWORD=SMTP_PASSWORD, BITRIX24_WEBHOOK_URL=f"{sandbox}/rest/1/mistyped-secret/")
        assert lesson_reminders(return_state=True).is_failed()
    told = everything_prefect_knows(began)
    assert all(word in told for word in ("почтовый сервер отказал", "SMTP_LOGIN, SMTP_PASSWORD", "Здравствуйте, Анна!"))
    secrets = (WEBHOOK_SECRET, "mistyped-secret", SMTP_PASSWORD, "mistyped-password", sms_ru.API_ID)
    assert not [word for word in (*secrets, *PERSONAL, "+7 999") if word.casefold() in told.casefold()]
