"""Strict mode: what a real portal ignores without a word is an error here, naming the name."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from backoffice.sandbox.world import World

Ask = Callable[..., httpx.Response]

MISSPELT: list[tuple[str, dict[str, Any], str]] = [
    ("crm.contact.add", {"fields": {"NAME": "Анна", "EMIAL": []}}, "EMIAL"),
    ("crm.contact.list", {"filter": {"=ORIGINID": "1"}}, "ORIGINID"),
    ("crm.contact.list", {"select": ["ID", "UF_CRM_NONE"]}, "UF_CRM_NONE"),
    ("crm.contact.list", {"order": {"NAM": "ASC"}}, "NAM"),
    ("crm.contact.list", {"filters": {}}, "FILTERS"),
    ("crm.deal.list", {"filter": {"CONTACT_IDS": 1}}, "CONTACT_IDS"),
    ("crm.item.add", {"entityTypeId": 3, "fields": {"name": "Анна", "LAST_NAME": "Б"}}, "LAST_NAME"),
    ("crm.item.list", {"entityTypeId": 3, "select": ["Id"]}, "Id"),
    ("crm.item.list", {"entityTypeID": 3, "entityTypeId": 3}, "entityTypeID"),
    ("crm.status.list", {"filter": {"ENTITY": "STATUS"}}, "ENTITY"),
    ("crm.stagehistory.list", {"entityTypeId": 2, "filter": {"stageId": "NEW"}}, "stageId"),
    ("user.get", {"FILTER": {"MAIL": "x"}}, "MAIL"),
]


@pytest.mark.parametrize(("method", "params", "name"), MISSPELT)
def test_an_unknown_name_is_an_error_naming_it(ask: Ask, method: str, params: dict[str, Any], name: str) -> None:
    """crm/universal/crm-item-add.md and others: a real portal ignores unknown names, which hides mistakes."""
    answer = ask(method, **params)
    assert (answer.status_code, answer.json()["error"]) == (400, "SANDBOX_STRICT")
    assert repr(name) in answer.json()["error_description"]


@pytest.mark.parametrize(("method", "params", "_"), MISSPELT)
def test_lenient_it_is_ignored(world: World, ask: Ask, method: str, params: dict[str, Any], _: str) -> None:
    """crm/contacts/userfield/crm-contact-userfield-add.md: «an incorrect field in fields will be ignored»."""
    world.portal.config.strict = False
    assert ask(method, **params).status_code == 200
