"""What people and Timepad do between two imports, and what the next import makes of it; below the engine."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from backoffice.rules.attendance_result import ImportIncomplete
from backoffice.rules.portal_setup import PortalLacks
from backoffice.sandbox.inside import ask
from backoffice.sandbox.seeds import plant
from backoffice.sandbox.world import World
from flows.portal_setup import portal_setup
from tasks.events import read_event, read_import_times
from tasks.portal import check_portal

Import = Callable[..., None]
LIST = {"IBLOCK_TYPE_ID": "lists", "IBLOCK_CODE": "timepad_events"}
COUNT, EVENTS = "UF_CRM_BO_EVENTS_ATTENDED", "UF_CRM_BO_EVENTS"


@pytest.fixture
def seed(world: World, below_the_engine: None) -> dict[str, Any]:
    """The seminar of the demonstration, over since an hour, on a portal that is set up; ids of events and contacts."""
    planted = plant(world, "seminar")
    portal_setup.fn()
    world.clock.advance(timedelta(hours=3).total_seconds())
    return planted


@pytest.fixture
def event_id(seed: dict[str, Any]) -> int:
    """The seminar."""
    return int(seed["event_id"])


def contacts(world: World) -> list[dict[str, Any]]:
    """The portal's contacts, oldest first."""
    found: list[dict[str, Any]] = world.portal.dump()["contacts"]
    return found


def contact_named(world: World, last_name: str) -> dict[str, Any]:
    """The oldest contact of that name."""
    return next(contact for contact in contacts(world) if contact.get("LAST_NAME") == last_name)


def element_of(world: World, last_name: str) -> dict[str, Any]:
    """The first element named after the person, with its properties by their names."""
    fields = ask(world.portal, "lists.field.get", **LIST)
    names = {field_id: field["NAME"] for field_id, field in fields.items()}
    rows = ask(world.portal, "lists.element.get", **LIST)
    row = next(row for row in rows if row["NAME"].startswith(last_name))
    values = {names[key]: next(iter(row[key].values())) for key in row if key in names and isinstance(row[key], dict)}
    return {"ID": row["ID"], **values}


def ticket_of(world: World, event_id: int, mail: str) -> Any:
    """The sandbox's ticket that was ordered with the address, and its order."""
    orders = world.timepad.events[event_id].orders.values()
    return next((order, order.tickets[0]) for order in orders if order.mail == mail)


def test_people_are_recognised_by_address_and_both_names(world: World, event_id: int, run_import: Import) -> None:
    """Letter case, ё and spaces do not matter; a namesake and a person without an address become new contacts."""
    run_import(event_id)
    attended = {c["LAST_NAME"]: c[COUNT] for c in contacts(world) if c.get(COUNT)}
    assert {"Королёв", "Сорокина", "Мельник", "Кузнецова"} <= attended.keys()
    assert [c["LAST_NAME"] for c in contacts(world)].count("Смирнов") == 2
    assert not [m for m in contact_named(world, "Мельник").get("multifields", []) if m["type"] == "EMAIL"]
    assert len(contacts(world)) == 20


def test_of_twins_the_oldest_is_taken(world: World, seed: dict[str, Any], run_import: Import) -> None:
    """Two equal contacts: the older one gets the visit, the other stays as it was."""
    run_import(seed["event_id"])
    older, younger = (c for c in contacts(world) if c.get("LAST_NAME") == "Соколова")
    assert (older[COUNT], younger.get(COUNT)) == (1, None)


def test_a_late_check_in_and_a_refund_reach_the_portal(world: World, event_id: int, run_import: Import) -> None:
    """The next pass corrects the element and the count; nothing is deleted."""
    run_import(event_id)
    _, late = ticket_of(world, event_id, "olga.belova@example.org")
    late.came_at = world.clock.now()
    refunded, _ = ticket_of(world, event_id, "anna.kuznetsova@example.org")
    refunded.status = "returned"
    run_import(event_id)
    assert element_of(world, "Белова")["Посещение"] == "да"
    assert contact_named(world, "Белова")[COUNT] == 1
    assert element_of(world, "Кузнецова")["Статус"] == "возврат"
    assert element_of(world, "Кузнецова")["Посещение"] == "нет"
    assert contact_named(world, "Кузнецова").get(COUNT, 0) == 0


def test_a_renamed_event_renames_its_section(world: World, event_id: int, run_import: Import) -> None:
    """One section, with the new name; and the contacts' cards name the event as it is called now."""
    run_import(event_id)
    world.timepad.events[event_id].name = "Учёт: продолжение"
    run_import(event_id)
    assert [section["NAME"] for section in ask(world.portal, "lists.section.get", **LIST)] == ["Учёт: продолжение"]
    assert contact_named(world, "Кузнецова")[EVENTS][0].startswith("Учёт: продолжение")


def test_a_deleted_contact_is_not_made_again_unless_asked(world: World, event_id: int, run_import: Import) -> None:
    """A person deleted it on purpose; `recreate_deleted` is the way to ask for it."""
    run_import(event_id)
    world.clock.advance(3600)
    ask(world.portal, "crm.contact.delete", id=contact_named(world, "Никитин")["ID"])
    run_import(event_id)
    assert "Никитин" not in [c["LAST_NAME"] for c in contacts(world)]
    run_import(event_id, recreate_deleted=True)
    assert [c["LAST_NAME"] for c in contacts(world)].count("Никитин") == 1
    run_import(event_id, recreate_deleted=True)
    assert [c["LAST_NAME"] for c in contacts(world)].count("Никитин") == 1


def test_a_merged_contact_is_found_under_its_survivor(world: World, seed: dict[str, Any], run_import: Import) -> None:
    """A manager merges the twins; the element moves to the survivor, and so do the visits of both."""
    run_import(seed["past_event_id"])
    run_import(seed["event_id"])
    older, younger = (c["ID"] for c in contacts(world) if c.get("LAST_NAME") == "Соколова")
    ask(world.portal, "crm.contact.delete", id=older)
    run_import(seed["event_id"])
    survivor = contact_named(world, "Соколова")
    assert (survivor["ID"], survivor[COUNT]) == (younger, 1)
    assert element_of(world, "Соколова")["Участник"] == str(younger)


def test_what_a_person_changed_in_an_element_stays(world: World, event_id: int, run_import: Import) -> None:
    """A manager marks a visit by hand and deletes another element: the next import leaves both as they are."""
    run_import(event_id)
    belova, gusev = element_of(world, "Белова"), element_of(world, "Гусев")
    row = next(row for row in ask(world.portal, "lists.element.get", **LIST) if row["ID"] == belova["ID"])
    fields = ask(world.portal, "lists.field.get", **LIST)
    attended = next(field_id for field_id, field in fields.items() if field["NAME"] == "Посещение")
    own = {key: next(iter(value.values())) for key, value in row.items() if key.startswith("PROPERTY_") and value}
    edited = {**own, "NAME": "Белова Ольга (по списку)", attended: "да"}
    ask(world.portal, "lists.element.update", **LIST, ELEMENT_ID=belova["ID"], FIELDS=edited)
    ask(world.portal, "lists.element.delete", **LIST, ELEMENT_ID=gusev["ID"])
    before = world.portal.dump()
    run_import(event_id)
    assert world.portal.dump() == before


def test_a_deleted_section_is_not_made_again(world: World, event_id: int, run_import: Import) -> None:
    """Whoever deletes the event from the list has decided; only `recreate_deleted` brings it back, once."""
    run_import(event_id)
    section = ask(world.portal, "lists.section.get", **LIST)[0]["ID"]
    for row in ask(world.portal, "lists.element.get", **LIST):
        ask(world.portal, "lists.element.delete", **LIST, ELEMENT_ID=row["ID"])
    ask(world.portal, "lists.section.delete", **LIST, SECTION_ID=section)
    run_import(event_id)
    assert ask(world.portal, "lists.section.get", **LIST) == []
    run_import(event_id, recreate_deleted=True)
    assert len(ask(world.portal, "lists.section.get", **LIST)) == 1
    assert len(ask(world.portal, "lists.element.get", **LIST)) == 16


def test_refused_people_do_not_stop_the_others(world: World, event_id: int, run_import: Import) -> None:
    """A manager makes a field mandatory after the check: newcomers are refused and named by their tickets.

    The recognised ones stand, and the event stays due. When the field is free again, the newcomers come in.
    """
    check_portal.fn("attendance_import")
    field = {"USER_TYPE_ID": "string", "FIELD_NAME": "PASSPORT", "MANDATORY": "Y"}
    field_id = ask(world.portal, "crm.contact.userfield.add", fields=field)
    with pytest.raises(ImportIncomplete, match=rf"не записано 8: билет {event_id}:\d+: .*PASSPORT"):
        run_import(event_id)
    assert len(contacts(world)) == 12
    assert element_of(world, "Кузнецова")["Посещение"] == "да"
    assert read_import_times.fn([read_event.fn(event_id)]) == {}
    ask(world.portal, "crm.contact.userfield.delete", id=field_id)
    run_import(event_id)
    assert len(contacts(world)) == 20
    assert len(ask(world.portal, "lists.element.get", **LIST)) == 16


def test_a_returning_visitor_is_counted_by_events(world: World, seed: dict[str, Any], run_import: Import) -> None:
    """Two events, the second imported first: the count and the dates do not depend on the order."""
    run_import(seed["event_id"])
    run_import(seed["past_event_id"])
    anna = contact_named(world, "Кузнецова")
    assert anna[COUNT] == 2
    assert len(anna[EVENTS]) == 2
    assert anna["UF_CRM_BO_FIRST_EVENT"] < anna["UF_CRM_BO_LAST_EVENT"]


def test_a_missing_field_is_named_before_the_first_write(world: World, event_id: int) -> None:
    """The error says what is missing in the portal's own words, and what to run."""
    fields = ask(world.portal, "lists.field.get", **LIST)
    participant = next(field_id for field_id, field in fields.items() if field["NAME"] == "Участник")
    ask(world.portal, "lists.field.delete", **LIST, FIELD_ID=participant)
    with pytest.raises(PortalLacks, match=r"(?s)в списке «Мероприятия из Таймпада» нет поля «Участник».*portal-setup"):
        check_portal.fn("attendance_import")
