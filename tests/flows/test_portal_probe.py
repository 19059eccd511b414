"""Probing a portal in a box that is otherwise in one way or another; below the engine."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backoffice import connections
from backoffice.bitrix24.errors import PortalError
from backoffice.bitrix24.probe.catalogue import try_catalogue
from backoffice.bitrix24.probe.contacts import try_contacts
from backoffice.bitrix24.probe.lists import try_lists
from backoffice.bitrix24.probe.timeline import try_timeline
from backoffice.facts_file import Findings, InvalidFacts, PortalPart
from backoffice.rules.portal_differences import differences
from backoffice.rules.portal_facts import PortalFacts
from backoffice.rules.portal_probe import MARK
from backoffice.rules.timepad_facts import TimepadFacts, timepad_differences
from backoffice.sandbox.faults.fault import Fault
from backoffice.sandbox.inside import ask
from backoffice.sandbox.seeds import plant
from backoffice.sandbox.timepad import statuses
from backoffice.sandbox.world import World
from backoffice.settings import settings
from flows.portal_probe import portal_probe
from tasks.portal_probe import look_at_timepad, report
from tests.portals import CALLS, FRONT, IMPORT, LESSONS, NOT_PROBED, Portals, Switch, behave, told
from tests.words import without

AS_ASSUMED: Portals = [({}, {})]


@pytest.mark.parametrize(("switch", "expected"), [*AS_ASSUMED, *IMPORT, *LESSONS, *CALLS, *FRONT], ids=told)
@pytest.mark.usefixtures("below_the_engine")
def test_the_probe_reports_exactly_what_is_otherwise(world: World, switch: Switch, expected: Switch) -> None:
    """One sentence for each fact that differs, none for the others, nothing untried, and the portal as it was."""
    plant(world, "seminar")
    before = world.portal.dump()
    behave(world, switch)
    portal_probe.fn()
    content = json.loads(settings().portal_facts.read_text(encoding="utf-8"))
    assert content["portal"]["untried"] == {}
    assert connections.facts() == PortalFacts(**expected)
    assert len(differences(connections.facts())) == len(expected)
    assert world.portal.dump() == before


TIMEPAD: Portals = [
    ({}, {}),
    ({"times": "+03:00"}, {"times": "+03:00"}),
    ({"times": "naive"}, {"times": "naive"}),
    ({"past_the_end": "missing"}, {"past_the_end": "missing"}),
    ({"errors_with_200": True}, {"errors_with_200": True}),
    ({"numbers_as_strings": True}, {"numbers_as_strings": True}),
    ({"answers_as": "array"}, {"answers_as": "array"}),
    ({"answers_as": None}, {"answers_as": "both"}),
    ({"not_attended": "nulls"}, {"not_attended": "nulls"}),
    ({"not_attended": "list"}, {"not_attended": "list"}),
]


@pytest.mark.parametrize(("switch", "expected"), TIMEPAD, ids=told)
@pytest.mark.usefixtures("connected")
def test_the_look_at_timepad_reports_exactly_what_is_otherwise(world: World, switch: Switch, expected: Switch) -> None:
    """And keeps the forms of the answers without anybody's address, name or phone."""
    plant(world, "seminar")
    world.timepad.switches = replace(world.timepad.switches, **{"answers_as": "object", **switch})
    part = look_at_timepad.fn()
    assert part.facts == TimepadFacts(**expected)
    assert len(timepad_differences(part.facts)) == len(expected)
    kept = json.dumps(part.shapes, ensure_ascii=False)
    assert {"events", "event", "orders", "tickets_statuses", "no_event", "wrong_token"} <= part.shapes.keys()
    assert not re.search(r"[А-Яа-яЁё@]|example|\d{5}", kept)


@pytest.mark.usefixtures("connected")
def test_unknown_statuses_of_timepad_are_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those we would not import, and confirmed ones that Timepad has no more."""
    monkeypatch.setitem(statuses.TICKET_STATUSES, "frozen", "заморожен")
    monkeypatch.delitem(statuses.TICKET_STATUSES, "paid_ur")
    facts = look_at_timepad.fn().facts
    assert (facts.new_statuses, facts.lost_statuses) == (("frozen",), ("paid_ur",))


EXPECTED = "## Таймпад\n\nВсё проверенное — так, как ожидалось."


@pytest.mark.usefixtures("connected")
def test_the_report_says_of_timepad_what_was_found(world: World) -> None:
    """It was looked at, and nothing is otherwise."""
    plant(world, "seminar")
    world.timepad.switches = replace(world.timepad.switches, answers_as="object")
    assert EXPECTED in reported()


@pytest.mark.usefixtures("connected")
def test_a_timepad_that_nobody_needs_is_not_looked_at(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the report does not call it as expected, but says why it was not looked at."""
    text = settings().portal_toml.read_text(encoding="utf-8")
    (tmp_path / "portal.toml").write_text(without("attendance_import", text), encoding="utf-8")
    monkeypatch.setenv("PORTAL_TOML", str(tmp_path / "portal.toml"))
    settings.cache_clear()
    said = reported()
    assert "## Таймпад\n\nНе проверялся: в portal.toml нет раздела [attendance_import]." in said
    assert EXPECTED not in said
    assert world.log.counters()["timepad_requests"] == 0


@pytest.mark.usefixtures("connected")
def test_a_timepad_without_a_token_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The import is in use: the report names the setting that is missing."""
    monkeypatch.delenv("TIMEPAD_TOKEN")
    settings.cache_clear()
    said = reported()
    assert re.search(r"## Таймпад\n\nНе проверялся: .*TIMEPAD_TOKEN", said)
    assert EXPECTED not in said


def reported() -> str:
    """The report of a portal as assumed, after a look at Timepad."""
    return report(Findings(datetime.now(UTC), PortalPart("portal.example.org"), look_at_timepad.fn()))


@pytest.mark.usefixtures("below_the_engine")
def test_a_dry_run_touches_nothing(world: World) -> None:
    """Nor is a file written."""
    before = world.portal.dump()
    portal_probe.fn(dry_run=True)
    assert world.portal.dump() == before
    assert world.log.counters()["writes"] == 0
    assert not settings().portal_facts.exists()


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind="html_500", methods="crm.duplicate.findbycomm", times=1),
        Fault(kind="cut_after", methods="lists.element.add", times=1),
        Fault(kind="late_write", methods="lists.section.add", times=1, seconds=60),
        Fault(kind="late_write", methods="crm.item.add", times=1, seconds=60),
        Fault(kind="late_write", methods="catalog.product.service.add", times=1, seconds=60),
        Fault(kind="cut_after", methods="catalog.productProperty.add", times=1),
        Fault(kind="late_write", methods="crm.activity.add", times=1, seconds=60),
    ],
    ids=lambda fault: f"{fault.kind} {fault.methods}",
)
@pytest.mark.usefixtures("below_the_engine")
def test_a_broken_probe_leaves_nothing_behind_and_the_old_file(world: World, fault: Fault) -> None:
    """The portal breaks down in the middle: what was made is removed, also what lands a minute later; what was known
    before stays known.
    """
    plant(world, "seminar")
    before = world.portal.dump()
    portal_probe.fn()
    known = settings().portal_facts.read_bytes()
    world.faults.order(fault)
    with pytest.raises(PortalError):
        portal_probe.fn()
    assert world.faults.fired[fault.kind] == 1
    world.clock.advance(3600)
    world.late.catch_up()
    assert world.portal.dump() == before
    assert settings().portal_facts.read_bytes() == known


@pytest.mark.usefixtures("below_the_engine")
def test_the_next_probe_removes_what_a_killed_one_left(world: World) -> None:
    """By its unmistakable names; a namesake from another system stays."""
    plant(world, "seminar")
    ask(world.portal, "crm.contact.add", fields={"LAST_NAME": MARK, "NAME": "Чужой", "ORIGINATOR_ID": "другие"})
    ask(world.portal, "catalog.product.add", fields={"iblockId": 23, "name": MARK, "xmlId": "другие"})
    before = world.portal.dump()
    with connections.portal() as portal:
        try_lists(portal, {})
        try_contacts(portal, {})
        try_catalogue(portal, {}, zone=connections.zone())
        try_timeline(portal, {})
    assert world.portal.dump() != before
    portal_probe.fn()
    assert world.portal.dump() == before


@pytest.mark.usefixtures("below_the_engine")
def test_what_may_not_be_tried_is_named_and_the_rest_is_tried(world: World) -> None:
    """A webhook without the rights `lists`, `catalog` and `task`: facts about them stay as assumed."""
    world.portal.config.scopes = ("crm", "user")
    world.portal.config.filters_by_email = False
    portal_probe.fn()
    content = json.loads(settings().portal_facts.read_text(encoding="utf-8"))
    assert list(content["portal"]["untried"]) == ["списки", "каталог товаров", "задачи"]
    assert connections.facts() == PortalFacts(filters_by_email=False)


@pytest.mark.usefixtures("below_the_engine")
def test_an_answer_that_tells_nothing_is_named(world: World) -> None:
    """Dates in a form that nobody knows: rather no fact than a wrong one."""
    behave(world, {"site_datetime": "%j/%Y", "catalog_datetime": "site"})
    portal_probe.fn()
    content = json.loads(settings().portal_facts.read_text(encoding="utf-8"))
    assert list(content["portal"]["untried"]) == ["list_datetime", "catalog_datetime", "catalog_shift_minutes"]
    assert connections.facts() == PortalFacts()


@pytest.mark.parametrize(("switch", "expected"), NOT_PROBED, ids=told)
@pytest.mark.usefixtures("below_the_engine")
def test_what_a_person_wrote_into_the_file_stays(world: World, switch: Switch, expected: Switch) -> None:
    """No probe can find it out, and none undoes it; a file that cannot be read is replaced."""
    behave(world, switch)
    portal_probe.fn()
    assert connections.facts() == PortalFacts()
    content = json.loads(settings().portal_facts.read_text(encoding="utf-8"))
    content["portal"]["facts"] |= expected
    settings().portal_facts.write_text(json.dumps(content), encoding="utf-8")
    connections.facts.cache_clear()
    portal_probe.fn()
    assert connections.facts() == PortalFacts(**expected)
    settings().portal_facts.write_text("{", encoding="utf-8")
    connections.facts.cache_clear()
    portal_probe.fn()
    assert connections.facts() == PortalFacts()


@pytest.mark.usefixtures("below_the_engine")
def test_what_lessons_need_is_not_tried_without_them(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """portal.toml without their section: neither a product nor an activity is made."""
    (tmp_path / "portal.toml").write_text('[portal]\ntime_zone = "Europe/Moscow"\n', encoding="utf-8")
    monkeypatch.setenv("PORTAL_TOML", str(tmp_path / "portal.toml"))
    settings.cache_clear()
    connections.words.cache_clear()
    behave(world, {"catalog_datetime": "site"})
    portal_probe.fn()
    assert connections.facts() == PortalFacts()
    assert not {"catalog.product.add", "crm.activity.add"} & world.log.counters()["by_method"].keys()


@pytest.mark.usefixtures("connected")
def test_facts_of_another_portal_are_not_obeyed(world: World) -> None:
    """Who sets another webhook gets the assumptions, until that portal is probed; a broken file stops everything."""
    other = Findings(world.clock.now(), PortalPart("other.bitrix24.ru", PortalFacts(filters_by_email=False)))
    connections.keep_findings(other)
    assert connections.facts() == PortalFacts()
    settings().portal_facts.write_text("{", encoding="utf-8")
    connections.facts.cache_clear()
    with pytest.raises(InvalidFacts, match="удалите его или запустите portal-probe"):
        connections.facts()


@pytest.mark.usefixtures("prefect", "connected")
def test_the_whole_probe_in_prefect(world: World) -> None:
    """The run publishes what it would make, makes it, removes it, and publishes what it found out."""
    plant(world, "seminar")
    world.portal.config.rest_3 = True
    before = world.portal.dump()
    portal_probe()
    assert world.portal.dump() == before
    assert connections.facts() == PortalFacts(rest_3=True)
