"""portal.toml as its administrator writes it, rightly and wrongly."""

from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest

from backoffice.bitrix24.words import InvalidWords, read_words
from backoffice.rules.portal_words import PortalWords
from tests.words import without

OURS = Path(__file__).parents[2] / "portal.toml"
PORTAL = '[portal]\ntime_zone = "Europe/Moscow"\n'
LATER = """
[portal]
time_zone = "Asia/Yekaterinburg"
crm_mode = "simple"
[portal.limits]
bucket = 250
drain_per_second = 5.0

[lesson_reminders]
start_from = 2026-09-01T00:00:00+05:00
scopes = ["task", "im"]
creates = ["deal"]
[lesson_reminders.deal_fields]
product_date = { code = "UF_CRM_BO_NEXT_LESSON", name = "Ближайшее занятие", type = "datetime" }
[lesson_reminders.company_fields]
contracts = { code = "UF_CRM_BO_CONTRACTS", name = "Договоры", type = "string", multiple = true }
[lesson_reminders.lead_fields]
promo = { code = "UF_CRM_BO_PROMO", name = "Промокод", type = "string" }
[lesson_reminders.funnels.lessons]
name = "Занятия"
sort = 200
[lesson_reminders.funnels.lessons.stages]
remind = { code = "BO_REMIND", name = "Напомнить", sort = 20 }
paid = { code = "BO_PAID", name = "Оплачено", semantic = "success", sort = 90 }
lost = { code = "BO_LOST", name = "Отказ", semantic = "failure", sort = 100 }
"""


def written(path: Path, text: str) -> PortalWords:
    """Read the text as portal.toml."""
    file = path / "portal.toml"
    file.write_text(text, encoding="utf-8")
    return read_words(file)


def test_the_file_in_the_repository_is_right() -> None:
    """A newcomer's portal.toml needs no edit before the first dry run."""
    words = read_words(OURS)
    assert words.portal.limits.settle_seconds == 70
    attendance = words.processes["attendance_import"]
    assert attendance.needed_scopes == {"crm", "lists"}
    assert attendance.lists["events"].fields["participant"].binds == {"contact"}
    assert attendance.contact_fields["events"].multiple


def test_a_later_process_brings_a_section_of_its_own(tmp_path: Path) -> None:
    """Fields of every kind of card and funnels with their stages need no change of the program."""
    words = written(tmp_path, LATER)
    lessons = words.processes["lesson_reminders"]
    assert lessons.start_from == datetime(2026, 8, 31, 19, tzinfo=UTC)
    assert lessons.needed_scopes == {"crm", "task", "im"}
    assert lessons.cards == {"deal", "company", "lead"}
    assert lessons.funnels["lessons"].stages["paid"].semantic == "success"


def test_what_is_said_of_messages_is_no_process(tmp_path: Path) -> None:
    """The section of letters and SMS is read apart; what it leaves out has a value."""
    words = written(
        tmp_path,
        PORTAL + '[messages]\nmail_from = "Учебный центр <info@example.org>"\nquiet_hours = ["22:00", "08:00"]',
    )
    assert words.processes == {}
    assert words.messages.mail_from == "Учебный центр <info@example.org>"
    assert words.messages.quiet_hours == (time(22), time(8))
    assert words.messages.sms_monthly_budget == Decimal(3000)
    assert written(tmp_path, PORTAL).messages.sms_daily_cap == 3


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (PORTAL + '[messages]\nmail_from = "Учебный центр"', r"messages\.mail_from: впишите адрес или «Имя <адрес>»$"),
        (PORTAL + '[messages]\nreply_to = "a@example.org\\nBcc: b@example.org"', r"messages\.reply_to: впишите адрес"),
        ("[portal]\n", r"portal\.time_zone: нет обязательного ключа"),
        ('[portal]\ntime_zone = "Moscow"', r"portal\.time_zone: "),
        (PORTAL + "zone = 3", r"portal\.zone: неизвестный ключ"),
        (PORTAL + "[x]\nstart_from = 2026-09-01T00:00:00+03:00\ncolour = 1", r"toml: x\.colour: неизвестный ключ"),
        (PORTAL + "[x]\nstart_from = 2026-09-01T00:00:00", r"x\.start_from: "),
        (PORTAL + '[x]\nstart_from = 2026-09-01T00:00:00Z\nlists.a = { code = "А", name = "А" }', r"x\.lists\.a\.code"),
        (
            PORTAL + "[x]\nstart_from = 2026-09-01T00:00:00Z\n"
            'lists.a = { code = "a", name = "А", fields.b = { code = "B", name = "Б", type = "S:ECrm" } }',
            r"x\.lists\.a\.fields\.b: .*binds",
        ),
        ("[portal", "не читается как TOML"),
    ],
)
def test_a_mistake_is_named_by_its_key(tmp_path: Path, text: str, complaint: str) -> None:
    """The administrator finds the line by the key in the message."""
    with pytest.raises(InvalidWords, match=complaint):
        written(tmp_path, text)


@pytest.mark.parametrize(
    "second",
    [
        '{ code = "OTHER", name = " напомнить" }',
        '{ code = "BO_REMIND", name = "Иначе" }',
    ],
)
def test_a_thing_described_in_two_ways_is_refused(tmp_path: Path, second: str) -> None:
    """Two stages of one name or code could not be told apart on the portal, in one section or in two."""
    copy = LATER[LATER.index("\n[lesson") :].replace("lesson_reminders", "lesson_notices")
    assert written(tmp_path, LATER + copy).processes.keys() == {"lesson_reminders", "lesson_notices"}
    with pytest.raises(InvalidWords, match="по-разному"):
        written(tmp_path, LATER + f"remind_again = {second}")


@pytest.mark.parametrize("process", ["attendance_import", "lesson_reminders"])
def test_what_is_left_of_a_removed_process_is_named(tmp_path: Path, process: str) -> None:
    """Somebody removed the process's table and not its subtables: without them all is well."""
    ours = OURS.read_text(encoding="utf-8")
    remains = without(f"{process}]", ours)
    hint = rf"{process}\.start_from: нет обязательного ключа — .*удалите и все разделы \[{process}\.…\]"
    with pytest.raises(InvalidWords, match=hint):
        written(tmp_path, remains)
    assert process not in written(tmp_path, without(process, ours)).processes


def test_a_forgotten_start_is_asked_for_and_no_more(tmp_path: Path) -> None:
    """The process's table stands there: nobody meant to remove it."""
    with pytest.raises(InvalidWords, match=r"x\.start_from: нет обязательного ключа$"):
        written(tmp_path, PORTAL + '[x]\ncreates = ["deal"]\nfunnels.a = { name = "А" }')


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The path tells where it was looked for."""
    with pytest.raises(InvalidWords, match=r"нет файла .*portal\.toml"):
        read_words(tmp_path / "portal.toml")
