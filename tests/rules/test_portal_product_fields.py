"""What portal_setup decides about fields of product cards."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from backoffice.rules.portal_actions import CreateProductField
from backoffice.rules.portal_setup import PortalLacks, plan
from backoffice.rules.portal_shape import PortalCatalogue, PortalProductField, PortalShape
from backoffice.rules.portal_words import PortalItself, PortalWords, ProcessWords, ProductFieldWords

DATES = ProductFieldWords(code="BO_LESSON_DATES", name="Даты занятий", type="S:DateTime", multiple=True)
OWN = PortalProductField(258, "BO_LESSON_DATES", "Даты занятий", "S:DateTime", multiple=True)
COURSES = PortalCatalogue(23, "Курсы", offers_id=24)
GOODS = PortalCatalogue(31, "Товары")
WORDS = PortalWords(
    portal=PortalItself(time_zone=ZoneInfo("UTC")),
    processes={
        "lessons": ProcessWords(start_from=datetime(2026, 1, 1, tzinfo=UTC), product_fields={"dates": DATES}),
    },
)


def a_portal(*catalogues: PortalCatalogue) -> PortalShape:
    """A portal with these catalogues, on which everything else is well."""
    return PortalShape(
        frozenset({"catalog"}), owner_is_admin=True, server_time=datetime(2026, 3, 1, tzinfo=UTC), catalogues=catalogues
    )


def with_field(catalogue: PortalCatalogue, field: PortalProductField = OWN) -> PortalCatalogue:
    return replace(catalogue, fields=(field,))


def test_a_missing_field_is_made_in_the_only_catalogue() -> None:
    """The offers' catalogue is none of the choice: dates stand in the product's card."""
    decided = plan(WORDS, a_portal(COURSES))
    assert decided.create == (CreateProductField(23, DATES),)
    assert decided.lacks == ("в карточке товара нет поля «Даты занятий»",)


@pytest.mark.parametrize("code", ["BO_LESSON_DATES", "bo_lesson_dates"])
@pytest.mark.parametrize("others", [(), (GOODS,)])
def test_a_field_that_stands_there_is_recognised(code: str, others: tuple[PortalCatalogue, ...]) -> None:
    """Its code says which of several catalogues is meant; nothing is made a second time."""
    plan(WORDS, a_portal(with_field(COURSES, replace(OWN, code=code)), *others)).demand_nothing()


@pytest.mark.parametrize(
    ("field", "complaint"),
    [
        (replace(OWN, type="S"), "«Строка», а нужно: «Дата/время»"),
        (replace(OWN, type="S:Date"), "«Дата», а нужно: «Дата/время»"),
        (replace(OWN, multiple=False), "не множественное, а нужно множественное"),
        (replace(OWN, active=False), "выключено"),
    ],
)
def test_a_field_of_the_wrong_kind_is_left_to_a_human(field: PortalProductField, complaint: str) -> None:
    """It may hold what people wrote: it is named with the remedy, and not changed."""
    decided = plan(WORDS, a_portal(with_field(COURSES, field)))
    assert decided.create == ()
    with pytest.raises(PortalLacks, match=f"в карточке товара поле «Даты занятий».*{complaint}"):
        decided.demand_nothing()


@pytest.mark.parametrize(
    ("catalogues", "complaint"),
    [
        ((), "нет каталога товаров"),
        ((COURSES, GOODS), "несколько каталогов товаров («Курсы», «Товары»): заведите поле «Даты занятий»"),
        ((with_field(COURSES), with_field(GOODS)), "есть в нескольких каталогах товаров («Курсы», «Товары»)"),
    ],
)
def test_a_catalogue_that_nobody_can_tell_is_asked_for(catalogues: tuple[PortalCatalogue, ...], complaint: str) -> None:
    """A field in the wrong catalogue would stay empty for ever, so a human chooses."""
    decided = plan(WORDS, a_portal(*catalogues))
    assert decided.create == ()
    assert [complaint in text for text in decided.blocked] == [True]


def test_without_the_right_to_the_catalogue_nothing_is_made() -> None:
    """The scope is granted and the owner of the webhook is refused all the same: that is what is said."""
    decided = plan(WORDS, replace(a_portal(), catalogues=None))
    assert decided.create == ()
    assert [text.partition(":")[0] for text in decided.blocked] == ["у вебхука нет права на каталог"]


def test_the_scope_is_asked_for() -> None:
    """Whoever names a field of products need not name the scope."""
    decided = plan(WORDS, replace(a_portal(), catalogues=None, scopes=frozenset()))
    assert [text.partition(":")[0] for text in decided.blocked] == ["у входящего вебхука нет права «catalog»"]
