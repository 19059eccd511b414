"""A portal with one list, and a reader of its pages."""

import re
from collections.abc import Callable
from html import unescape

import httpx
import pytest

from backoffice.sandbox.inside import ask
from backoffice.sandbox.world import World

LIST = {"IBLOCK_TYPE_ID": "lists", "IBLOCK_CODE": "events"}


@pytest.fixture
def read(sandbox: str) -> Callable[[str], str]:
    """The words of a page that must be there, without its tags, spaces as one."""

    def text_of(path: str) -> str:
        body = httpx.get(f"{sandbox}{path}").raise_for_status().text
        return " ".join(unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", body, flags=re.DOTALL)).split())

    return text_of


@pytest.fixture
def attended(world: World) -> Callable[[int], int]:
    """Put a contact into the section «Семинар» of the list «Мероприятия»; gives the list's id."""
    list_id = ask(world.portal, "lists.add", **LIST, FIELDS={"NAME": "Мероприятия"})
    section = ask(world.portal, "lists.section.add", **LIST, SECTION_CODE="s", FIELDS={"NAME": "Семинар"})
    settings = {"VISIBLE": "Y", "CONTACT": "Y"}
    link = {"NAME": "Участник", "TYPE": "S:ECrm", "CODE": "WHO", "USER_TYPE_SETTINGS": settings}
    who = ask(world.portal, "lists.field.add", **LIST, FIELDS=link)
    date = ask(world.portal, "lists.field.add", **LIST, FIELDS={"NAME": "Дата", "TYPE": "S:DateTime", "CODE": "DATE"})

    def put(contact_id: int) -> int:
        fields = {"NAME": f"Билет {contact_id}", who: contact_id, date: "2026-03-02T12:00:00+03:00"}
        code = f"e-{contact_id}"
        ask(world.portal, "lists.element.add", **LIST, ELEMENT_CODE=code, IBLOCK_SECTION_ID=section, FIELDS=fields)
        return int(list_id)

    return put
