import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx

from backoffice.sandbox.world import World

HANDLER = "http://gateway.example/app"


def opening(sandbox: str, query: str = "") -> tuple[str, dict[str, str]]:
    """Where the page posts into its frame, and what."""
    page = httpx.get(f"{sandbox}/marketplace/app/{query}").raise_for_status().text
    found = re.search(r'method="post" action="([^"]+)" target="application"', page)
    assert found is not None
    fields = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return unescape(found[1]), {name: unescape(value) for name, value in fields}


def test_a_frame_is_opened_as_the_documents_say(world: World, sandbox: str) -> None:
    """The address gets DOMAIN, PROTOCOL, LANG and APP_SID; the body tokens that the portal itself takes."""
    world.portal.config.application_page = HANDLER
    address, fields = opening(sandbox)
    assert address.startswith(f"{HANDLER}?")
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert query["DOMAIN"] == sandbox.partition("://")[2]
    assert (query["PROTOCOL"], query["LANG"], len(query["APP_SID"])) == ("0", "ru", 32)
    assert {"AUTH_ID", "AUTH_EXPIRES", "REFRESH_ID", "member_id", "status", "PLACEMENT"} <= fields.keys()
    told = httpx.post(f"{sandbox}/rest/profile", json={"auth": fields["AUTH_ID"]}).json()
    assert told["result"]["ID"] == "1"


def test_another_employee_may_open_it(world: World, sandbox: str) -> None:
    """The token is the one's who opens the page; nobody's number opens nothing."""
    world.portal.config.application_page = HANDLER
    _, fields = opening(sandbox, "?user=2")
    told = httpx.post(f"{sandbox}/rest/profile", json={"auth": fields["AUTH_ID"]}).json()
    assert (told["result"]["ID"], told["result"]["ADMIN"]) == ("2", False)
    assert [httpx.get(f"{sandbox}/marketplace/app/?user={who}").status_code for who in ("9", "x")] == [404, 404]


def test_without_an_address_there_is_no_application(sandbox: str) -> None:
    """404, and where the address is set."""
    answer = httpx.get(f"{sandbox}/marketplace/app/")
    assert answer.status_code == 404
    assert "application_page" in answer.text
