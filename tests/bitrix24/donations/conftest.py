"""A fund's portal in a box: the funnel of donations, what people and forms make in it, and how our code reads it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.creation import create
from backoffice.bitrix24.deal_forms import DealForms
from backoffice.bitrix24.names import resolve
from backoffice.bitrix24.shape import read_shape
from backoffice.bitrix24.words import read_words
from backoffice.rules.portal_setup import plan
from backoffice.sandbox.inside import ask
from backoffice.sandbox.world import World

PROCESS = "donation_reconciliation"
WORDS = read_words(Path(__file__).parents[3] / "portal.toml").only(PROCESS)
SITE = "https://fund.example"

Add = Callable[..., int]


@pytest.fixture
def forms(portal: Portal, world: World) -> DealForms:
    """The portal has everything that the process needs; the requests of preparing it are not counted."""
    create(portal, plan(WORDS, read_shape(portal, WORDS)).create)
    names = resolve(WORDS, read_shape(portal, WORDS), PROCESS)
    world.log.clear()
    return DealForms(names, WORDS.portal.time_zone)


@pytest.fixture
def requests(world: World) -> Callable[[], int]:
    """How many requests the portal got since it was prepared."""
    return lambda: world.log.counters()["portal_requests"]


@pytest.fixture
def contact(world: World) -> Add:
    """contact(email, …, phone="…", LAST_NAME=…): the id of a new contact."""

    def add(*emails: str, phone: str = "", **fields: Any) -> int:
        comms = {"EMAIL": [{"VALUE": one, "VALUE_TYPE": "WORK"} for one in emails]}
        comms["PHONE"] = [{"VALUE": phone, "VALUE_TYPE": "WORK"}] if phone else []
        number: int = ask(world.portal, "crm.contact.add", fields={"NAME": "Анна", **comms, **fields})
        return number

    return add


@pytest.fixture
def deal(world: World, forms: DealForms) -> Add:
    """deal(stage="failed", at=…, title=…): the id of a new deal of the funnel, as a form of the CRM makes it."""

    def add(stage: str = "submitted", at: datetime | None = None, **fields: Any) -> int:
        funnel = forms.funnel
        sent = {"categoryId": funnel.id, "stageId": funnel.stages[stage], **fields}
        number = int(
            ask(world.portal, "crm.item.add", entityTypeId=2, useOriginalUfNames="Y", fields=sent)["item"]["id"]
        )
        if at is not None:
            table = world.portal.crm.tables["DEAL"]
            item = table.get(number)
            assert item is not None
            table.put(replace(item, values={**item.values, "DATE_CREATE": at}))
        return number

    return add
