"""The pages of the catalogue tell what the portal sells and when it is taught."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from backoffice.sandbox.bitrix24.catalog.planting import plant_course, plant_offer, plant_property, plant_rows
from backoffice.sandbox.inside import ask
from backoffice.sandbox.world import World

Read = Callable[[str], str]


@pytest.fixture
def course(world: World) -> int:
    """A course with a lesson, a text instead of another one, and a variation."""
    dates = plant_property(world.portal, "BO_LESSON_DATES", "Даты занятий")
    lessons: list[datetime | str] = [datetime(2026, 3, 5, 16, 0, tzinfo=UTC), "по договорённости"]
    course = plant_course(world.portal, "Курс бухгалтера", dates, lessons)
    plant_offer(world.portal, course, "Утренняя группа")
    return course


def test_an_empty_catalogue_says_so(read: Read) -> None:
    assert "Товаров нет." in read("/products")


@pytest.mark.usefixtures("course")
def test_products_are_listed_with_their_dates(read: Read) -> None:
    """A variation is counted with its product and has no line of its own."""
    page = read("/products")
    assert "1 Курс бухгалтера 05.03.2026 19:00 по договорённости 1 02.03.2026 12:00" in page
    assert "Утренняя группа" not in page
    assert "1 Товары" in read("/")


def test_a_card_shows_dates_variations_and_deals(read: Read, world: World, course: int) -> None:
    """A deal with a variation is a deal with the course."""
    deal = ask(world.portal, "crm.item.add", entityTypeId=2, fields={"title": "Обучение Анны"})["item"]["id"]
    plant_rows(world.portal, deal, [course + 1])
    card = read(f"/crm/catalog/23/product/{course}/")
    assert "Даты занятий 05.03.2026 19:00 по договорённости" in card
    assert "Вариации 1 2 Утренняя группа" in card
    assert "Сделки 1 Обучение Анны" in card
    assert "Товарный каталог / Курс бухгалтера Утренняя группа" in read(f"/crm/catalog/24/product/{course + 1}/")


def test_a_product_that_is_gone_has_no_page(sandbox: str) -> None:
    assert httpx.get(f"{sandbox}/crm/catalog/23/product/404/").status_code == 404
