"""Donation reconciliation where something is wrong: the site, the words of portal.toml, what the portal takes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backoffice import connections
from backoffice.rules.donation_result import WorkIncomplete
from backoffice.sandbox.faults.fault import Fault
from backoffice.sandbox.inside import ask
from backoffice.sandbox.world import World
from backoffice.settings import SettingMissing, settings
from tasks.donors import create_donors
from tests.flows.donations import (
    OLEG,
    OLGA,
    THANKS,
    Reconcile,
    contacts,
    deals,
    deliver,
    give,
    letters,
    stages,
)
from tests.words import without


@pytest.fixture
def use(reconcile: Reconcile, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """use(NAME=value): settings of the installation."""

    def use(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        for one in (settings, connections.words):
            one.cache_clear()

    return use


@pytest.mark.parametrize(
    ("setting", "value", "reason"),
    [("LEYKA_SITE_URL", "http://127.0.0.1:1/leyka", "нет ответа"), ("LEYKA_SECRET", "another", "LEYKA_SECRET")],
)
def test_what_webhooks_told_is_worked_while_the_site_cannot_be_asked(
    world: World, reconcile: Reconcile, use: Callable[..., None], setting: str, value: str, reason: str
) -> None:
    """The run fails and says why; a run that only takes what was told needs no site."""
    give(world, "funded")
    deliver(world)
    use(**{setting: value})
    with pytest.raises(WorkIncomplete, match=f"не сделано: 1\nсайт: .*{reason}"):
        reconcile("due")
    assert (stages(world), letters(world)) == ({"47": "funded"}, [(OLGA.email, THANKS)])
    reconcile("hinted")


def test_without_a_section_the_process_is_not_in_use(
    world: World, reconcile: Reconcile, use: Callable[..., None], tmp_path: Path
) -> None:
    """Nobody is asked for anything."""
    give(world, "funded")
    write_words(tmp_path, without("donation_reconciliation", settings().portal_toml.read_text(encoding="utf-8")))
    use(PORTAL_TOML=str(tmp_path / "portal.toml"))
    world.log.reset_counters()
    for which in ("due", "hinted", "nightly", "report"):
        reconcile(which)
    assert world.log.counters()["by_method"] == {}


def test_without_directions_the_setting_is_named(
    world: World, reconcile: Reconcile, use: Callable[..., None], tmp_path: Path
) -> None:
    """Nothing is written."""
    give(world, "funded")
    text = settings().portal_toml.read_text(encoding="utf-8")
    write_words(tmp_path, without("donation_reconciliation.directions", text))
    use(PORTAL_TOML=str(tmp_path / "portal.toml"))
    with pytest.raises(SettingMissing, match=r"\[donation_reconciliation.directions\]"):
        reconcile("due")
    assert (deals(world), contacts(world)) == ({}, [])


def write_words(folder: Path, text: str) -> None:
    (folder / "portal.toml").write_text(text, encoding="utf-8")


def test_a_deal_that_the_portal_refuses_holds_up_nobody_else(
    world: World, reconcile: Reconcile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody makes a field mandatory during the run: the donation is named, and brought when that is mended."""
    [field] = ask(world.portal, "crm.deal.userfield.list", filter={"FIELD_NAME": "UF_CRM_BO_CAMPAIGN"})

    def demand_the_campaign(*donors: Any) -> Any:
        ask(world.portal, "crm.deal.userfield.update", id=field["ID"], fields={"MANDATORY": "Y"})
        return create_donors.fn(*donors)

    give(world, "funded")
    give(world, "funded", giver=OLEG, campaign_id=99)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("flows.donation_reconciliation.create_donors", demand_the_campaign)
        with pytest.raises(WorkIncomplete, match="не сделано: 1\nпожертвование 48: "):
            reconcile("due")
    assert (stages(world), letters(world)) == ({"47": "funded"}, [(OLGA.email, THANKS)])
    ask(world.portal, "crm.deal.userfield.update", id=field["ID"], fields={"MANDATORY": "N"})
    reconcile("due")
    assert (stages(world), len(contacts(world))) == ({"47": "funded", "48": "funded"}, 2)


def test_a_busy_portal_is_waited_for(world: World, reconcile: Reconcile) -> None:
    """Its word for «later» means that nothing was done."""
    give(world, "funded")
    world.faults.order(Fault(kind="busy", methods="batch", times=3))
    reconcile("due")
    assert stages(world) == {"47": "funded"}
