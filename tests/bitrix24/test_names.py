"""The ids behind our words, on a portal in a box."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.creation import create
from backoffice.bitrix24.errors import BatchFailed
from backoffice.bitrix24.limiter import Lane
from backoffice.bitrix24.list_fields import read_list_fields
from backoffice.bitrix24.names import read_names, resolve
from backoffice.bitrix24.shape import read_shape
from backoffice.bitrix24.transport import read_webhook
from backoffice.bitrix24.words import read_words
from backoffice.rules.portal_setup import PortalLacks, plan
from backoffice.rules.portal_words import PortalWords
from backoffice.sandbox.bitrix24.catalog.properties import DEFAULTS
from backoffice.sandbox.bitrix24.config import WEBHOOK_SECRET, WEBHOOK_USER
from backoffice.sandbox.world import World

OURS = Path(__file__).parents[2] / "portal.toml"
LESSONS = """
[portal]
time_zone = "Europe/Moscow"
[lessons]
start_from = 2026-01-01T00:00:00Z
[lessons.deal_fields]
next_lesson = { code = "UF_CRM_BO_NEXT_LESSON", name = "Ближайшее занятие", type = "datetime" }
[lessons.company_fields]
contracts = { code = "UF_CRM_BO_CONTRACTS", name = "Договоры", type = "string", multiple = true }
[lessons.lead_fields]
promo = { code = "UF_CRM_BO_PROMO", name = "Промокод", type = "string" }
[lessons.funnels.lessons]
name = "Занятия"
[lessons.funnels.lessons.stages]
remind = { code = "BO_REMIND", name = "Напомнить о занятии", sort = 15 }
paid = { code = "BO_PAID", name = "Оплачено", semantic = "success" }
"""


class NoLimit:
    """A budget that never runs out."""

    def take(self, requests: int = 1, lane: Lane = "live") -> float:  # noqa: ARG002 - the protocol's signature
        return 0.0

    def found_full(self) -> None:
        """Nothing to take note of."""


@pytest.fixture
def portal(sandbox: str) -> Iterator[Portal]:
    """A client of the sandbox's portal."""
    client = Portal(read_webhook(f"{sandbox}/rest/{WEBHOOK_USER}/{WEBHOOK_SECRET}/"), NoLimit())
    yield client
    client.close()


@pytest.fixture
def ours() -> PortalWords:
    """The portal.toml of the repository."""
    return read_words(OURS)


@pytest.fixture
def lessons(tmp_path: Path) -> PortalWords:
    """The words of a process with a funnel and fields of other cards."""
    file = tmp_path / "portal.toml"
    file.write_text(LESSONS, encoding="utf-8")
    return read_words(file)


def set_up(portal: Portal, words: PortalWords) -> None:
    """Create everything that the words need."""
    create(portal, plan(words, read_shape(portal, words)).create)


def test_every_word_gets_its_id(portal: Portal, world: World, ours: PortalWords) -> None:
    """The ids are those of the portal, whatever they are there."""
    world.portal.lists.add("lists", "another", "Другой список")
    set_up(portal, ours)
    names = resolve(ours, read_shape(portal, ours), "attendance_import")
    events = names.lists["events"]
    made = portal.call("lists.get", IBLOCK_TYPE_ID="lists", IBLOCK_CODE="timepad_events")
    assert [int(row["ID"]) for row in made] == [events.id]
    field = portal.call(
        "lists.field.get", IBLOCK_TYPE_ID="lists", IBLOCK_ID=events.id, FIELD_ID=events.fields["ticket"]
    )
    assert [row["NAME"] for row in field.values()] == ["Билет"]
    assert events.fields.keys() == {"participant", "ticket", "status", "attended", "date"}
    assert names.contact_fields["events_attended"] == "UF_CRM_BO_EVENTS_ATTENDED"


def test_the_participant_s_field_holds_contacts_only_and_shows_in_the_card(
    portal: Portal, world: World, ours: PortalWords
) -> None:
    """One kind of card means bare ids; VISIBLE is what makes the tab in the contact's card."""
    set_up(portal, ours)
    (made,) = world.portal.lists.by_id.values()
    (participant,) = (field for field in made.fields.values() if field.code == "PARTICIPANT")
    settings = {"VISIBLE": "Y", "LEAD": "N", "CONTACT": "Y", "COMPANY": "N", "DEAL": "N"}
    assert participant.user_type_settings == settings
    assert read_shape(portal, ours).lists is not None
    assert plan(ours, read_shape(portal, ours)).lacks == ()


def test_funnels_stages_and_other_cards_get_their_ids_too(portal: Portal, lessons: PortalWords) -> None:
    """Our stages stand in our funnel; the success stage is the one that the funnel was born with."""
    set_up(portal, lessons)
    names = resolve(lessons, read_shape(portal, lessons), "lessons")
    funnel = names.funnels["lessons"]
    assert funnel.id != 0
    assert funnel.stages == {"remind": f"C{funnel.id}:BO_REMIND", "paid": f"C{funnel.id}:WON"}
    assert names.deal_fields == {"next_lesson": "UF_CRM_BO_NEXT_LESSON"}
    assert names.company_fields == {"contracts": "UF_CRM_BO_CONTRACTS"}
    assert names.lead_fields == {"promo": "UF_CRM_BO_PROMO"}


def test_what_is_missing_is_named(portal: Portal, ours: PortalWords) -> None:
    """A process does not begin on a portal that nobody prepared."""
    with pytest.raises(PortalLacks) as refused:
        resolve(ours, read_shape(portal, ours), "attendance_import")
    assert "на портале нет списка «Мероприятия из Таймпада»" in refused.value.lacks
    assert "в карточке контакта нет поля «Мероприятий посещено»" in refused.value.lacks


def test_a_process_without_a_section_is_named(portal: Portal, ours: PortalWords) -> None:
    """A misspelt section is found at the first look."""
    with pytest.raises(PortalLacks, match=r"нет раздела \[lessons\]"):
        resolve(ours, read_shape(portal, ours), "lessons")


@pytest.mark.parametrize(("process", "requests"), [("attendance_import", 1), ("lesson_reminders", 2)])
def test_the_names_of_a_process_cost_one_request_or_two(
    portal: Portal, world: World, ours: PortalWords, process: str, requests: int
) -> None:
    """Two only where the process itself has funnels, for their stages: those of the others are not asked for."""
    set_up(portal, ours)
    before = world.log.counters()["portal_requests"]
    names = read_names(portal, ours, process)
    assert world.log.counters()["portal_requests"] - before == requests
    assert names == resolve(ours, read_shape(portal, ours), process)


def test_a_field_of_products_is_found_in_its_catalogue(portal: Portal, world: World, ours: PortalWords) -> None:
    """Products show the field under its number; the catalogue of offers is the one beside theirs."""
    set_up(portal, ours)
    dates = read_names(portal, ours, "lesson_reminders").product_fields["lesson_dates"]
    made = world.portal.catalog.properties[dates.id]
    assert (made.name, made.code, made.type, made.multiple) == ("Даты занятий", "BO_LESSON_DATES", "S:DateTime", True)
    assert (made.iblock_id, dates.key) == (dates.iblock_id, f"property{made.id}")
    offers = world.portal.catalog.iblocks[dates.offers_id or 0]
    assert offers.product_iblock_id == dates.iblock_id


def test_a_field_of_products_with_other_capitals_is_ours(portal: Portal, world: World, ours: PortalWords) -> None:
    """People made it by hand: nothing is created, whatever else the catalogue has."""
    made = world.portal.catalog.add_property(
        23, "Когда занятия", "S:DateTime", {**DEFAULTS, "code": "bo_lesson_dates", "multiple": "Y"}
    )
    set_up(portal, ours)
    assert read_names(portal, ours, "lesson_reminders").product_fields["lesson_dates"].id == made.id


def test_a_webhook_without_rights_to_the_catalogue_is_named(portal: Portal, world: World, ours: PortalWords) -> None:
    """The other processes are not stopped by it, and nothing is created in the dark."""
    set_up(portal, ours)
    world.portal.config.catalog_readable = False
    assert plan(ours, read_shape(portal, ours)).create == ()
    with pytest.raises(PortalLacks, match="у вебхука нет права на каталог"):
        read_names(portal, ours, "lesson_reminders")
    assert read_names(portal, ours, "attendance_import").lists.keys() == {"events"}


def test_scopes_that_are_not_granted_are_named_not_stumbled_over(
    portal: Portal, world: World, ours: PortalWords
) -> None:
    """The refusal of a command is understood, and what could not be read is not taken for missing."""
    world.portal.config.scopes = ("im",)
    shape = read_shape(portal, ours)
    assert (shape.lists, shape.user_fields, shape.crm_mode) == (None, {}, None)
    assert plan(ours, shape).create == ()
    assert len(plan(ours, shape).blocked) == 5


def test_the_portal_s_own_facts_are_read(portal: Portal, world: World, ours: PortalWords) -> None:
    """Mode, clock and the owner's rights come with the same request."""
    world.portal.config.crm_mode = 2
    shape = read_shape(portal, ours)
    assert shape.crm_mode == "simple"
    assert shape.owner_is_admin
    assert shape.server_time.utcoffset() == timedelta(hours=3)


def test_creating_again_is_done_already(portal: Portal, world: World, ours: PortalWords) -> None:
    """«Already exists» is what a repetition after a lost answer hears."""
    agreed = plan(ours, read_shape(portal, ours)).create
    create(portal, agreed)
    before = world.portal.dump()
    create(portal, [action for action in agreed if action.key.startswith("list:")])
    assert world.portal.dump() == before


def test_what_cannot_be_created_is_named_and_the_rest_is_done(portal: Portal, world: World, ours: PortalWords) -> None:
    """The list's scope is gone between the look and the creation: the cards get their fields all the same."""
    agreed = plan(ours, read_shape(portal, ours)).create
    world.portal.config.scopes = ("crm",)
    with pytest.raises(BatchFailed, match="список «Мероприятия из Таймпада»"):
        create(portal, agreed)
    assert len(read_shape(portal, ours).user_fields["contact"]) == 9


ROW = {"FIELD_ID": "PROPERTY_7", "CODE": "TICKET", "NAME": "Билет", "TYPE": "S", "MULTIPLE": "N"}
OTHER = ROW | {"FIELD_ID": "PROPERTY_8", "CODE": "STATUS", "NAME": "Статус"}
SYSTEM = {"FIELD_ID": "NAME", "NAME": "Название", "TYPE": "NAME", "MULTIPLE": "N"}


@pytest.mark.parametrize(
    "answer",
    [
        {"NAME": SYSTEM, "PROPERTY_7": ROW, "PROPERTY_8": OTHER},
        {"NAME": SYSTEM, "S": [ROW, OTHER]},
        {"NAME": SYSTEM, "S": {"PROPERTY_7": ROW, "PROPERTY_8": OTHER}},
        [SYSTEM, ROW, OTHER],
    ],
)
def test_the_fields_of_a_list_are_read_in_any_form(answer: object) -> None:
    """lists/fields/lists-field-get.md shows one field only; the form for all of them is open."""
    assert [(own.id, own.code) for own in read_list_fields(answer)] == [
        ("PROPERTY_7", "TICKET"),
        ("PROPERTY_8", "STATUS"),
    ]


@pytest.mark.parametrize("answer", [[], {}, None])
def test_a_list_without_fields_has_none(answer: object) -> None:
    """PHP writes an empty map as `[]`."""
    assert read_list_fields(answer) == ()


@pytest.mark.parametrize(
    "row",
    [
        {"TYPE": "S:ECrm", "PROPERTY_USER_TYPE": {"USER_TYPE": "ECrm"}},
        {"TYPE": "S", "PROPERTY_USER_TYPE": {"USER_TYPE": "ECrm"}},
        {"TYPE": "S", "PROPERTY_USER_TYPE": "ECrm"},
        {"TYPE": "S:ECrm"},
    ],
)
def test_the_kind_of_a_field_is_read_in_any_form(row: dict[str, object]) -> None:
    """The second half of the kind stands in TYPE or beside it."""
    (field,) = read_list_fields([ROW | row | {"USER_TYPE_SETTINGS": {"VISIBLE": "N", "CONTACT": "Y", "DEAL": "N"}}])
    assert (field.type, field.binds, field.shown_in_card) == ("S:ECrm", frozenset(["contact"]), False)
