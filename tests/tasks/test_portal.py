"""Preparing a portal, below the engine, on a portal in a box."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from time import sleep

import pytest

from backoffice import connections
from backoffice.bitrix24.errors import BatchFailed
from backoffice.retries import is_passing
from backoffice.rules.portal_setup import PortalLacks, SetupPlan, plan
from backoffice.sandbox.world import World
from tasks.portal import check_portal, create_missing, read_clock, read_shape, read_words

pytestmark = pytest.mark.usefixtures("connected")


def decided() -> SetupPlan:
    """What the flow would decide now."""
    return plan(read_words.fn(), read_shape.fn())


def test_the_clock_is_the_portal_s(world: World) -> None:
    """Every process takes «now» from the portal, offset and all."""
    world.clock.advance(3600)
    now = read_clock.fn()
    assert now.utcoffset() == timedelta(hours=3)
    assert abs(now - world.clock.now()) < timedelta(seconds=2)


def test_an_empty_portal_is_made_ready_in_seven_requests(world: World) -> None:
    """Look, look again, create twice, look at all and at the stages: the figures of docs/processes/portal_setup.md."""
    create_missing.fn(decided())
    assert decided().lacks == ()
    assert world.log.counters()["portal_requests"] == 7
    check_portal.fn("attendance_import")


def test_a_second_run_creates_nothing(world: World) -> None:
    """It costs the two looks of the flow, two requests each, and leaves the portal as it is."""
    create_missing.fn(decided())
    before, requests = world.portal.dump(), world.log.counters()["portal_requests"]
    create_missing.fn(decided())
    decided().demand_nothing()
    assert world.portal.dump() == before
    assert world.log.counters()["portal_requests"] - requests == 4


def test_a_run_killed_between_any_two_creations_is_finished_by_the_next(world: World) -> None:
    """Wherever it stopped, the next run brings the same portal and nothing twice."""
    agreed = decided()
    create_missing.fn(agreed)
    whole = world.portal.dump()
    for survived in range(len(agreed.create)):
        world.portal.clear()
        create_missing.fn(SetupPlan(create=agreed.create[:survived]))
        create_missing.fn(decided())
        assert world.portal.dump() == whole


def test_a_list_made_by_a_human_is_completed(world: World) -> None:
    """The same code means the same list: it keeps its name and its fields, and gets ours."""
    made = world.portal.lists.add("lists", "timepad_events", "Наши семинары")
    with connections.portal() as portal:
        params = {"NAME": "Номер билета", "TYPE": "S", "CODE": "ticket"}
        portal.call("lists.field.add", IBLOCK_TYPE_ID="lists", IBLOCK_ID=made.id, FIELDS=params)
    create_missing.fn(decided())
    assert [(own.id, own.name) for own in world.portal.lists.by_id.values()] == [(made.id, "Наши семинары")]
    assert sorted(field.code.upper() for field in made.fields.values() if field.custom) == [
        "ATTENDED",
        "EVENT_DATE",
        "PARTICIPANT",
        "STATUS",
        "TICKET",
    ]
    check_portal.fn("attendance_import")


def test_a_field_of_the_wrong_kind_is_left_as_it_is(world: World) -> None:
    """Everything else is created, and the process is refused until a human decides."""
    with connections.portal() as portal:
        fields = {"FIELD_NAME": "UF_CRM_BO_EVENTS", "USER_TYPE_ID": "string", "LABEL": "Мероприятия", "MULTIPLE": "N"}
        portal.call("crm.contact.userfield.add", fields=fields)
    create_missing.fn(decided())
    assert decided().create == ()
    with pytest.raises(PortalLacks, match=r"«Мероприятия» .* не множественное, а нужно множественное"):
        check_portal.fn("attendance_import")
    (own,) = (field for field in world.portal.crm.userfields.values() if field.name == "UF_CRM_BO_EVENTS")
    assert not own.multiple


def test_what_stands_there_counts_as_created_however_the_portal_answered(world: World) -> None:
    """Two runs at once: the other one was quicker, so every creation of ours is refused, and that is well."""
    agreed = decided()
    create_missing.fn(agreed)
    before = world.portal.dump()
    create_missing.fn(agreed)
    assert world.portal.dump() == before


@contextmanager
def meanwhile(world: World, happens: Callable[[], None], *, drop: bool = False) -> Iterator[None]:
    """Stop the next writing request, let something happen, and let the request go on or be lost."""

    def act() -> None:
        while not world.hold.held:
            sleep(0.01)
        happens()
        world.hold.release(drop=drop)

    world.hold.arm(1, "before")
    actor = Thread(target=act, daemon=True)
    actor.start()
    yield
    actor.join()


def test_what_could_not_be_created_is_an_error(world: World) -> None:
    """The webhook loses a scope between the look and the creation: each thing refused is named, the others stand."""
    agreed = decided()
    with (
        meanwhile(world, lambda: setattr(world.portal.config, "scopes", ("crm",))),
        pytest.raises(BatchFailed, match="список «Мероприятия из Таймпада»"),
    ):
        create_missing.fn(agreed)
    assert len(world.portal.crm.userfields) == 19


def test_a_lost_request_is_tried_again_after_a_look(world: World) -> None:
    """No answer means that nobody knows: the attempt fails as worth another, and the next one looks first."""
    agreed = decided()
    with meanwhile(world, lambda: None, drop=True), pytest.raises(BatchFailed) as lost:
        create_missing.fn(agreed)
    assert is_passing(lost.value)
    create_missing.fn(agreed)
    check_portal.fn("attendance_import")


def test_a_process_is_refused_on_an_unprepared_portal(world: World) -> None:
    """Before its first write, each thing by name, and the remedy once, at the end."""
    with pytest.raises(PortalLacks, match="нет списка «Мероприятия из Таймпада»") as refused:
        check_portal.fn("attendance_import")
    assert len(refused.value.lacks) > 1
    assert str(refused.value).count("portal-setup") == 1
    assert str(refused.value).endswith("запустите portal-setup")
    create_missing.fn(decided())
    check_portal.fn("attendance_import")
    (made,) = world.portal.lists.by_id.values()
    made.fields.pop(next(field.id for field in made.fields.values() if field.code == "PARTICIPANT"))
    with pytest.raises(PortalLacks, match=r"(?s)нет поля «Участник»\n.*запустите portal-setup$"):
        check_portal.fn("attendance_import")
