"""The read-only pages tell what the portal and Timepad hold."""

from collections.abc import Callable

import httpx
import pytest

from backoffice.sandbox import seeds
from backoffice.sandbox.inside import ask
from backoffice.sandbox.world import World

Read = Callable[[str], str]


@pytest.mark.parametrize("path", ["/", "/contacts", "/deals", "/company/lists/", "/events"])
def test_an_empty_world_has_pages_too(read: Read, path: str) -> None:
    """Nothing to show is said in words."""
    assert "Портал-песочница" in read(path)


def test_the_first_page_counts(read: Read, world: World) -> None:
    """Contacts, deals, elements and events in numbers."""
    seeds.plant(world, "seminar")
    page = read("/")
    assert all(text in page for text in ("12 Контакты", "2 Сделки", "0 Элементы списков", "3 Мероприятия Таймпада"))


def test_contacts_are_listed_with_their_counts(read: Read, world: World) -> None:
    """E-mails, phones, the company; whole-number user fields are columns."""
    seeds.plant(world, "seminar")
    field = {"FIELD_NAME": "VISITS", "LABEL": "Мероприятий посещено", "USER_TYPE_ID": "integer"}
    ask(world.portal, "crm.contact.userfield.add", fields=field)
    ask(world.portal, "crm.contact.update", id=6, fields={"UF_CRM_VISITS": 41})
    page = read("/contacts")
    row = "6 Белова Ольга ООО «Ромашка и партнёры» olga.belova@example.org +7 999 000 01 06 41"
    assert "Мероприятий посещено" in page
    assert row in page


def test_a_long_table_has_pages(read: Read, world: World, sandbox: str) -> None:
    """Fifty rows each; a page that is not there is 404."""
    for number in range(51):
        ask(world.portal, "crm.contact.add", fields={"NAME": f"Гость-{number}"})
    assert "Гость-50" not in read("/contacts")
    assert "Гость-50" in read("/contacts?page=2")
    assert httpx.get(f"{sandbox}/contacts?page=3").status_code == 404


def test_a_card_shows_fields_comments_and_linked_elements(
    read: Read, world: World, attended: Callable[[int], int]
) -> None:
    """User fields by their labels, a tab for the list that links to the contact."""
    seeds.plant(world, "seminar")
    field = {"FIELD_NAME": "FIRST", "LABEL": "Первое мероприятие", "USER_TYPE_ID": "datetime"}
    ask(world.portal, "crm.contact.userfield.add", fields=field)
    ask(world.portal, "crm.contact.update", id=1, fields={"UF_CRM_FIRST": "2025-11-20T19:00:00+03:00"})
    attended(1)
    card, other = read("/crm/contact/details/1/"), read("/crm/contact/details/2/")
    assert "Первое мероприятие 20.11.2025 19:00" in card
    assert "Просила присылать программу семинаров заранее. 02.03.2026 12:00, Орлова Мария" in card
    assert "Мероприятия 1 Раздел Дата Семинар 02.03.2026 12:00" in card
    assert "Семинар" not in other


def test_a_deleted_contact_has_no_card(world: World, sandbox: str) -> None:
    """404 in words, not a crash."""
    contact = ask(world.portal, "crm.contact.add", fields={"NAME": "Анна"})
    ask(world.portal, "crm.contact.delete", id=contact)
    answer = httpx.get(f"{sandbox}/crm/contact/details/{contact}/")
    assert (answer.status_code, "удалили" in answer.text) == (404, True)


def test_a_list_leads_to_its_sections_and_elements(read: Read, world: World, attended: Callable[[int], int]) -> None:
    """Columns are named by the list's fields, a linked contact by its name."""
    contact = ask(world.portal, "crm.contact.add", fields={"NAME": "Анна", "LAST_NAME": "Кузнецова"})
    list_id = attended(contact)
    assert "Мероприятия events 1 1" in read("/company/lists/")
    assert "Семинар s 1 элемент" in read(f"/company/lists/{list_id}/view/0/")
    section = read(f"/company/lists/{list_id}/view/1/")
    assert f"Название Участник Дата Билет {contact} Кузнецова Анна 02.03.2026 12:00" in section


@pytest.mark.parametrize(
    "path", ["/company/lists/7/view/0/", "/crm/deal/details/7/", "/company/lists/1/view/7/", "/events/7"]
)
def test_what_is_not_there_is_404(sandbox: str, attended: Callable[[int], int], path: str) -> None:
    """Unknown lists, sections, deals and events."""
    assert attended(1) == 1
    assert httpx.get(f"{sandbox}{path}").status_code == 404


def test_deals_are_listed_by_stage(read: Read, world: World) -> None:
    """Stage, contact, company, amount."""
    seeds.plant(world, "seminar")
    assert "1 Корпоративное обучение Новая Белова Ольга ООО «Ромашка и партнёры» 180 000 ₽" in read("/deals")


def test_a_deal_shows_its_contacts_fields_and_timeline(read: Read, world: World) -> None:
    """Comments and activities in one timeline, the latest first; an e-mail without its tags."""
    seeds.plant(world, "seminar")
    ask(world.portal, "crm.timeline.comment.add", fields={"ENTITY_TYPE": "deal", "ENTITY_ID": 2, "COMMENT": "Оплатила"})
    world.clock.advance(60)
    letter = {"TYPE_ID": 4, "DIRECTION": 2, "COMPLETED": "Y", "DESCRIPTION": "<p>Ждём</p>", "DESCRIPTION_TYPE": 3}
    reached = {"COMMUNICATIONS": [{"VALUE": "anna@example.org", "ENTITY_TYPE_ID": 3, "ENTITY_ID": 1}]}
    owner = {"OWNER_TYPE_ID": 2, "OWNER_ID": 2, "SUBJECT": "Занятие завтра"}
    ask(world.portal, "crm.activity.add", fields={**owner, **letter, **reached})
    thing = {"ownerTypeId": 2, "ownerId": 2, "deadline": "2026-03-03T18:00:00+03:00", "title": "Позвонить"}
    ask(world.portal, "crm.activity.todo.add", **thing)
    page = read("/crm/deal/details/2/")
    assert "Контакты Кузнецова Анна Компания" in page
    told = "Письмо: Занятие завтра выполнено Кому: anna@example.org Ждём 02.03.2026 12:01, Орлова Мария Оплатила"
    assert f"Дело: Позвонить запланировано срок 03.03.2026 18:00 02.03.2026 12:01, Орлова Мария {told}" in page


def test_a_deal_shows_its_product_rows(read: Read, world: World) -> None:
    """What it sells, with price and sum."""
    seeds.plant(world, "seminar")
    row = {"ownerType": "D", "ownerId": 2, "productName": "Абонемент", "price": 12000, "quantity": 2}
    ask(world.portal, "crm.item.productrow.add", fields=row)
    assert "Товары 1 Название Цена Количество Сумма Абонемент 12 000 ₽ 2 шт 24 000 ₽" in read("/crm/deal/details/2/")


def test_a_contact_shows_its_deals_and_letters(read: Read, world: World) -> None:
    """A letter about a deal stands in the contact's timeline too."""
    seeds.plant(world, "seminar")
    reached = {"COMMUNICATIONS": [{"VALUE": "anna@example.org", "ENTITY_TYPE_ID": 3, "ENTITY_ID": 1}]}
    letter = {"OWNER_TYPE_ID": 2, "OWNER_ID": 2, "TYPE_ID": 4, "DIRECTION": 1, "SUBJECT": "Вопрос"}
    ask(world.portal, "crm.activity.add", fields={**letter, **reached})
    card = read("/crm/contact/details/1/")
    assert "Сделки 1 Абонемент на семинары В работе 24 000 ₽" in card
    assert "Письмо от клиента: Вопрос запланировано" in card


def test_an_event_shows_its_tickets(read: Read, world: World) -> None:
    """Who, with which status, whether let in; a status no document knows stands as it is."""
    event_id = seeds.plant(world, "seminar")["event_id"]
    page = read(f"/events/{event_id}")
    assert "идёт; 15 заказов, 20 билетов, пришли: 12" in page
    assert "Павлова Инна inna.pavlova@example.org frozen_by_bank" in page


def test_what_people_wrote_is_text(world: World, sandbox: str) -> None:
    """A name with a tag in it does not become part of the page."""
    ask(world.portal, "crm.contact.add", fields={"NAME": "<script>alert(1)</script>"})
    assert "<script>" not in httpx.get(f"{sandbox}/contacts").text
