"""The pages of tasks tell what is to be done, by whom and about what."""

from collections.abc import Callable

import httpx
import pytest

from backoffice.sandbox.inside import ask
from backoffice.sandbox.world import World

Read = Callable[[str], str]


@pytest.fixture
def deal(world: World) -> int:
    """A deal with an overdue task for a manager, and one that is done."""
    number = ask(world.portal, "crm.item.add", entityTypeId=2, fields={"title": "Поставка чая"})["item"]["id"]
    company = ask(world.portal, "crm.item.add", entityTypeId=4, fields={"title": "ООО «Ромашка»"})["item"]["id"]
    bound = {"RESPONSIBLE_ID": 2, "UF_CRM_TASK": [f"D_{number}", f"CO_{company}", "C_77"]}
    late = {"TITLE": "Перезвонить", "DESCRIPTION": "Спросить о [B]чае[/B]", "DEADLINE": "2026-03-01T10:00:00+03:00"}
    ask(world.portal, "tasks.task.add", fields={**bound, **late})
    ask(world.portal, "tasks.task.add", fields={**bound, "TITLE": "Выставить счёт", "STATUS": 5})
    ask(world.portal, "task.commentitem.add", TASKID=1, FIELDS={"POST_MESSAGE": "Не берёт трубку"})
    return int(number)


def test_without_tasks_it_is_said(read: Read) -> None:
    assert "Задач нет." in read("/tasks")


@pytest.mark.usefixtures("deal")
def test_tasks_are_listed(read: Read) -> None:
    """With what they are bound to by name, and by number what is not there."""
    row = "1 Перезвонить ждёт выполнения Лебедев Иван Поставка чая ООО «Ромашка» Контакт 77 01.03.2026 10:00"
    assert row in read("/tasks")
    assert "2 Задачи" in read("/")


@pytest.mark.usefixtures("deal")
def test_a_card_shows_the_description_and_the_comments(read: Read, sandbox: str) -> None:
    card = read("/company/personal/user/2/tasks/task/view/1/")
    assert "Описание Спросить о чае" in card
    assert "Комментарии 1 Не берёт трубку" in card
    assert "Постановщик Орлова Мария" in card
    assert httpx.get(f"{sandbox}/company/personal/user/2/tasks/task/view/9/").status_code == 404


def test_the_deal_shows_its_tasks(read: Read, deal: int, sandbox: str) -> None:
    """An overdue one stands out."""
    card = read(f"/crm/deal/details/{deal}/")
    assert "Задачи 2 Перезвонить ждёт выполнения Лебедев Иван 01.03.2026 10:00 Выставить счёт завершена" in card
    assert '<span class="badge lost">ждёт выполнения</span>' in httpx.get(f"{sandbox}/crm/deal/details/{deal}/").text


def test_client_cards_show_deals_and_tasks(read: Read, deal: int, world: World, sandbox: str) -> None:
    """Of a company as of a person."""
    ask(world.portal, "crm.item.update", entityTypeId=2, id=deal, fields={"companyId": 1})
    card = read("/crm/company/details/1/")
    assert "ООО «Ромашка» Компания № 1" in card
    assert "Сделки 1 Поставка чая" in card
    assert "Задачи 2 Перезвонить" in card
    assert 'href="/crm/company/details/1/"' in httpx.get(f"{sandbox}/crm/deal/details/{deal}/").text
    assert httpx.get(f"{sandbox}/crm/company/details/9/").status_code == 404
