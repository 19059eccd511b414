"""docs/sandbox.md speaks of what there is."""

import re
from dataclasses import fields
from pathlib import Path

from starlette.routing import Route

from backoffice.sandbox.app import create_app
from backoffice.sandbox.bitrix24.config import WEBHOOK_SECRET, WEBHOOK_USER, PortalConfig
from backoffice.sandbox.bitrix24.methods import METHODS
from backoffice.sandbox.timepad.state import ORGANIZATION_ID, TOKEN
from backoffice.sandbox.world import new_world

DOCUMENT = (Path(__file__).parents[3] / "docs/sandbox.md").read_text()


def first_cells(heading: str) -> list[str]:
    """What stands in backquotes in the first column of the table under the heading."""
    section = DOCUMENT.split(f"## {heading}\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def test_every_control_address_is_described() -> None:
    routes = [route.path for route in create_app(new_world()).routes if isinstance(route, Route)]
    assert sorted(first_cells("Control")) == sorted({path for path in routes if path.startswith("/_sandbox/")})


def test_the_switches_described_are_there() -> None:
    assert set(first_cells("The portal's switches")) <= {field.name for field in fields(PortalConfig)}


def test_the_addresses_and_secrets_are_right() -> None:
    told = (f"/rest/{WEBHOOK_USER}/{WEBHOOK_SECRET}/", f"organization {ORGANIZATION_ID}", TOKEN)
    assert [text for text in told if text not in DOCUMENT] == []


def test_what_it_does_not_have_it_does_not_have() -> None:
    """A method that has come is no longer told missing."""
    missing = ("task.checklistitem.", "tasks.task.start", "tasks.task.result.", "crm.activity.configurable.")
    also = (
        "crm.requisite.",
        "crm.type.",
        "disk.",
        "imopenlines.",
        "bizproc.workflow",
        "userfieldconfig.",
        "crm.item.import",
        "crm.item.batchimport",
    )
    assert [name for name in METHODS if name.startswith((*missing, *also))] == []
