"""What people see of repeat-sale calls, and what no name of theirs can do to a page."""

import csv
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from backoffice import connections
from backoffice.rules.call_plan import BoughtAgain, CallPlan, TaskState, TasksWritten
from backoffice.rules.call_report import PastCall
from backoffice.rules.call_schedule import Call
from backoffice.rules.repeat_sales import Asked, CallPolicy, Client, Look, Study, Why, judge
from backoffice.rules.sales import ClientSales, SaleDeal, SaleState
from backoffice.rules.sales_copy import SeenDeal
from backoffice.settings import settings
from backoffice.store import call_tasks
from backoffice.store.call_tasks import CallTask
from backoffice.store.sales_copy import begin_reading, end_reading, store_read
from tasks import call_report
from tasks.call_report import COLUMNS, publish_call_report, publish_calls, publish_why, read_past_calls

TODAY = date(2026, 6, 15)
NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
STUDY = Study(CallPolicy(), date(2026, 1, 1), TODAY)
SOLD = SaleDeal(410, "CO_77", SaleState.WON, date(2026, 4, 1), Decimal("15000.50"), "RUB", 6)
SHOP = Client("CO_77", "ООО «Ромашка», Анна Кузнецова", "ООО «Ромашка»")
HOSTILE = ["a|b", "<script>alert(1)</script>", "[x](javascript:alert(1))", "](javascript:alert(1))", "x\\"]

Shown = dict[str, str]


@pytest.fixture
def shown(connected: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shown:
    """Key -> what was published last; the file is among the test's own."""
    pages: Shown = {}
    monkeypatch.setattr(call_report, "create_markdown_artifact", lambda text, key: pages.update({key: text}))
    monkeypatch.setattr(call_report, "create_image_artifact", lambda url, key, **_: pages.update({key: url}))
    monkeypatch.setenv("REPORTS", str(tmp_path / "reports"))
    settings.cache_clear()
    return pages


def look(client: Client = SHOP, deal: SaleDeal | None = SOLD, **facts: Any) -> Look:
    first = replace(deal, client=client.key) if deal else None
    asked = facts.pop("asked", Asked())
    return Look(ClientSales(client.key, **{"won": 1 if deal else 0, "first": first, **facts}), client, asked)


def planned(*labels: str, manager: int = 6) -> CallPlan:
    """Calls to clients of these names, deals 1, 2, 3, …"""
    plan = CallPlan()
    for number, label in enumerate(labels, 1):
        client = Client(f"CO_{number}", label, label)
        judged = judge(look(client, replace(SOLD, id=number)), STUDY)
        plan.note([judged], [Call(judged, manager, TODAY + timedelta(days=number))])
    return plan


def rows(page: str) -> list[str]:
    return [line for line in page.splitlines() if line.startswith("|")][2:]


def test_before_the_writing_the_plan_is_shown(shown: Shown) -> None:
    """By manager, and for each of them a list: client, purchase, day, sum, deadline."""
    plan = planned("ООО «Ромашка»", "К. О.")
    plan.calls[1] = replace(plan.calls[1], responsible_id=7)
    publish_calls.fn(plan, STUDY, False)
    assert set(shown) == {"repeat-sale-calls", "repeat-sale-calls-6", "repeat-sale-calls-7"}
    assert "**позвонить: 2 клиентам**" in shown["repeat-sale-calls"]
    origin = connections.portal_origin()
    assert rows(shown["repeat-sale-calls"])[0] == (
        f"| [сотрудник 6]({origin}/company/personal/user/6/) | 1 | — | 16.06.2026 |"
    )
    assert rows(shown["repeat-sale-calls-6"]) == [
        f"| [ООО «Ромашка»]({origin}/crm/company/details/1/) | [сделка 1]({origin}/crm/deal/details/1/) "
        "| 01.04.2026 | 15\u00a0000,50\u00a0₽ | 16.06.2026 | — |"
    ]


def test_after_the_writing_tasks_and_failures_are_shown(shown: Shown) -> None:
    """With links to the tasks; who failed, why; what was closed."""
    plan = planned("ООО «Ромашка»", "К. О.")
    plan.bought = [BoughtAgain("CO_9 D_9", 900, "CO_9", replace(SOLD, id=33))]
    first, second = plan.calls
    plan.note_made(TasksWritten({first.key: 501}, {second.key: "нет прав | [x](javascript:x)"}))
    plan.note_closed(TasksWritten({"CO_9 D_9": 900}))
    publish_calls.fn(plan, STUDY, False)
    summary, listed = shown["repeat-sale-calls"], shown["repeat-sale-calls-6"]
    origin = connections.portal_origin()
    assert "поставлено задач: 1 из 2 · закрыто задач: 1 из 1 · **не сделано: 1**" in summary
    assert "- CO_2 D_2: нет прав ¦ (x)(javascript:x)" in summary
    assert f"[задача 900]({origin}/company/personal/user/6/tasks/task/view/900/) — закрыта" in summary
    assert f"[задача 501]({origin}/company/personal/user/6/tasks/task/view/501/) |" in listed
    assert "не поставлена: нет прав ¦ (x)(javascript:x) |" in listed


def test_a_dry_run_says_that_it_was_one(shown: Shown) -> None:
    """In the summary and in every list."""
    publish_calls.fn(planned("К. О."), STUDY, True)
    assert "проверка, в портале ничего не изменено" in shown["repeat-sale-calls"]
    assert "проверка: задач в портале нет" in shown["repeat-sale-calls-6"]


def test_who_is_held_out_is_counted_and_named(shown: Shown) -> None:
    """By the condition that decides."""
    plan = CallPlan()
    plan.note([judge(look(open_deal=500), STUDY), judge(look(replace(SHOP, no_calls=True)), STUDY)], [])
    publish_calls.fn(plan, STUDY, False)
    [summary] = shown.values()
    assert "**звонить некому**" in summary
    assert rows(summary) == [f"| {Why.OPEN_DEAL} | 1 |", f"| {Why.NO_CALLS} | 1 |"]
    assert "[ООО «Ромашка»](" in summary
    assert "есть открытая сделка, сделка 500" in summary


def test_of_an_empty_plan_nothing_is_shown(shown: Shown) -> None:
    """A night without anything to do leaves no page."""
    publish_calls.fn(CallPlan(), STUDY, False)
    assert shown == {}


def test_a_long_list_is_cut_and_says_so(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every list of the pages."""
    monkeypatch.setattr(call_report, "SHOWN", 2)
    plan = planned(*["К. О."] * 5)
    plan.held = [judge(look(open_deal=500), STUDY)] * 6
    plan.failures = {call.key: "нет прав" for call in plan.calls}
    publish_calls.fn(plan, STUDY, False)
    assert len(rows(shown["repeat-sale-calls-6"])) == 2
    assert "И ещё 3." in shown["repeat-sale-calls-6"]
    assert shown["repeat-sale-calls"].count("- и ещё") == 2


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_does_nothing_to_a_page(shown: Shown, name: str) -> None:
    """No column more, no tag, no link but to the portal."""
    plan = planned(name, "К. О.")
    plan.held = [judge(look(replace(SHOP, label=name), open_deal=5), STUDY)]
    plan.failures = {plan.calls[0].key: name}
    publish_calls.fn(plan, STUDY, False)
    publish_why.fn(look(replace(SHOP, label=name)), STUDY)
    for page in shown.values():
        assert "<script" not in page
        assert page.count("](") == page.count(f"]({connections.portal_origin()}/")
        assert "\\" not in page
    assert {line.count("|") for line in rows(shown["repeat-sale-calls-6"])} == {7}


def test_neither_names_nor_addresses_are_shown(shown: Shown) -> None:
    """A client is its label, everywhere."""
    plan = CallPlan()
    due, held = judge(look(), STUDY), judge(look(open_deal=5), STUDY)
    plan.note([due, held], [Call(due, 6, TODAY)])
    publish_calls.fn(plan, STUDY, False)
    publish_why.fn(look(), STUDY)
    assert len(shown) == 3
    assert not [page for page in shown.values() if "Кузнецов" in page]


HELD: dict[Why, tuple[Look, Study, str]] = {
    Why.NO_SALE: (look(deal=None), STUDY, "Звонят после первой выигранной сделки"),
    Why.MANY: (look(won=2), STUDY, "Ничего не изменит"),
    Why.ASKED: (look(asked=Asked({410: 9})), STUDY, "/company/personal/user/6/tasks/task/view/9/"),
    Why.OPEN_DEAL: (look(open_deal=500), STUDY, "/crm/deal/details/500/"),
    Why.OPEN_TASK: (look(asked=Asked({}, 8)), STUDY, "/company/personal/user/6/tasks/task/view/8/"),
    Why.HISTORY: (look(), replace(STUDY, start_from=TODAY), "start_from"),
    Why.EARLY: (look(), replace(STUDY, policy=CallPolicy(after_days=90)), "звонить с 30.06.2026"),
    Why.LATE: (look(), replace(STUDY, policy=CallPolicy(until_days=40)), "until_days"),
    Why.GONE: (look(replace(SHOP, living=False)), STUDY, "/crm/deal/details/410/"),
    Why.NO_CALLS: (look(replace(SHOP, no_calls=True)), STUDY, "Снимите отметку"),
}


def test_every_reason_has_its_remedy() -> None:
    """None is forgotten."""
    assert set(HELD) == set(Why) - {Why.DUE}


@pytest.mark.parametrize("why", HELD)
def test_why_not_me(shown: Shown, why: Why) -> None:
    """Which condition decides, and what would change it."""
    asked_about, study, remedy = HELD[why]
    assert publish_why.fn(asked_about, study) == f"CO_77: {why.value}"
    page = shown["repeat-sale-why"]
    assert f"**Решает: {why.value}**" in page
    assert f"| {why.value} | **да, и решает** |" in page
    assert remedy in page.split("## Что изменит дело")[1]


def test_who_is_due_is_told_so(shown: Shown) -> None:
    """Every condition is shown; none speaks against it."""
    assert publish_why.fn(look(), STUDY) == "CO_77: пора звонить"
    page = shown["repeat-sale-why"]
    assert len(rows(page)) == len(HELD) - 1
    assert all("| нет |" in line for line in rows(page))
    assert "Ничто не мешает" in page


def past(**changes: Any) -> PastCall:
    called_on = date(2026, 4, 1)
    return replace(PastCall("CO_77", 410, 6, called_on, TaskState.DONE, called_on), **changes)


AGAIN = replace(SOLD, id=500, closed_on=date(2026, 4, 20), amount=Decimal("2500.10"))


def test_the_report_tells_whether_calls_earn_their_keep(shown: Shown) -> None:
    """Counts, sums, shares, who was not called; the latest month first."""
    calls = [
        past(sold_again=AGAIN),
        past(sold_again=replace(AGAIN, currency="USD")),
        past(asked_on=date(2026, 6, 1), done_on=date(2026, 6, 2)),
        past(state=TaskState.BOUGHT, sold_again=AGAIN),
    ]
    assert publish_call_report.fn(calls, STUDY) == "отчёт: звонков 3, покупок после них 2"
    page = shown["repeat-sale-report"].replace("\u00a0", " ")
    assert "**Звонков сделано: 3, после них купили: 2, на 2 500,10 ₽, 2 500,10 USD.**" in page
    assert "Срок вышел у 2 звонков, после них купили: 2 — 100 %." in page
    assert "Судить рано, срок ещё идёт: 1 звонок." in page
    called, uncalled, june, april, total = [line for line in rows(page) if "---" not in line and "| Месяц" not in line]
    assert june.startswith("| июнь 2026 | [сотрудник 6](")
    assert june.endswith("| 1 | 1 | 0 | 0 | — | — | — |")
    assert april.endswith("| 3 | 2 | 2 | 2 | 100 % | 1 | 2 500,10 ₽, 2 500,10 USD |")
    assert total == "| **Всего** | | 4 | 3 | 2 | 2 | 100 % | 1 | 2 500,10 ₽, 2 500,10 USD |"
    assert called == "| Позвонили | 2 | 2 | 100 % | 2 500,10 ₽, 2 500,10 USD |"
    assert uncalled == "| Не позвонили | 1 | 1 | 100 % | 2 500,10 ₽ |"


def test_the_chart_is_a_picture_that_holds_itself(shown: Shown) -> None:
    """Well-formed whatever a currency is called; the same one in the report and by itself."""
    publish_call_report.fn([past(sold_again=replace(AGAIN, currency="<b>&\"'"))], STUDY)
    address = shown["repeat-sale-chart"]
    assert f"]({address})" in shown["repeat-sale-report"]
    drawn = ElementTree.fromstring(b64decode(address.removeprefix("data:image/svg+xml;base64,")))  # noqa: S314 - ours
    told = " ".join(drawn.itertext())
    assert "На какую сумму купили после звонков, <b>&\"'" in told
    assert "апр" in told
    assert not [one for one in drawn.iter() if one.tag.endswith("}b")]


def test_before_the_first_call_there_is_nothing_to_report(shown: Shown) -> None:
    """It says so, without an empty chart."""
    assert publish_call_report.fn([], STUDY) == "отчёт: звонков 0, покупок после них 0"
    assert set(shown) == {"repeat-sale-report"}
    assert "Звонков ещё не было." in shown["repeat-sale-report"]


def test_the_file_has_a_line_for_each_call(shown: Shown) -> None:
    """By numbers and links, sums as spreadsheets of this country read them."""
    publish_call_report.fn([past(sold_again=AGAIN), past(state=TaskState.OPEN, done_on=None)], STUDY)
    file = settings().reports / "calls-2026-06-15.csv"
    assert file.name in shown["repeat-sale-report"]
    first, second = csv.DictReader(file.read_text("utf-8-sig").splitlines(), delimiter=";")
    assert list(first) == COLUMNS
    assert (first["Сумма"], first["Заслуга звонка"], first["Срок вышел"]) == ("2500,10", "да", "да")
    assert first["Клиент"].endswith("/crm/company/details/77/")
    assert (second["Что с задачей"], second["Закрыта"], second["Следующая покупка"]) == ("ждёт звонка", "—", "—")


def task(client: str, deal_id: int, state: TaskState) -> CallTask:
    """As our store has it; closed in April."""
    task_id = None if state is TaskState.PLANNED else 1000 + deal_id
    asked_on = date(2026, 4, 1)
    return CallTask(
        portal=connections.portal_host(),
        client=client,
        deal_id=deal_id,
        task_id=task_id,
        responsible_id=6,
        day=asked_on,
        asked_on=asked_on,
        state=state,
        done_on=asked_on if state is TaskState.DONE else None,
    )


def test_past_calls_are_read_with_what_was_bought_next(connected: None) -> None:
    """By our copy of the deals; a plan that never became a task is none."""
    engine, host = connections.store(), connections.portal_host()
    done, waiting, plan = (
        task("CO_77", 410, TaskState.DONE),
        task("C_5", 3, TaskState.OPEN),
        task("C_6", 4, TaskState.PLANNED),
    )
    call_tasks.keep(engine, [done, waiting, plan])
    deals = (SOLD, AGAIN, replace(SOLD, id=3, client="C_5"))
    reading = begin_reading(engine, host, "all", NOON)
    store_read(engine, host, reading, [SeenDeal(deal, NOON) for deal in deals])
    end_reading(engine, host, reading)
    assert read_past_calls.fn() == [
        past(sold_again=AGAIN),
        PastCall("C_5", 3, 6, date(2026, 4, 1), TaskState.OPEN),
    ]


def test_what_was_asked_about_a_later_purchase_is_not_bought_next(connected: None) -> None:
    """Clients merged after the call: the purchase that the call was about may be the second of both."""
    engine, host = connections.store(), connections.portal_host()
    call_tasks.keep(engine, [task("CO_77", AGAIN.id, TaskState.DONE)])
    reading = begin_reading(engine, host, "all", NOON)
    store_read(engine, host, reading, [SeenDeal(deal, NOON) for deal in (SOLD, AGAIN)])
    end_reading(engine, host, reading)
    [one] = read_past_calls.fn()
    assert one.sold_again is None
