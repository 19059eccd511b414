import logging
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from backoffice.sandbox.server import serving
from backoffice.sandbox.world import World
from backoffice.store.counters import counters
from backoffice.store.inbox import waiting

# conftest's Frame; test folders are no packages, so its type cannot be imported.
Frame = Any


class Elsewhere:
    """A host that is not our portal: it knows every token, and remembers who asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def answer(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        return JSONResponse({"result": {"ID": "1", "ADMIN": True, "CODE": "local.sandbox.application"}})

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self.answer, methods=["GET", "POST"])])


def test_the_portal_opens_the_page(frame: Frame) -> None:
    """A person the portal knows gets the page, in Russian, with a session and no cookie."""
    opened = frame.open().answer
    assert opened.status_code == 200
    assert '<html lang="ru">' in opened.text
    assert "data-session=" in opened.text
    assert "set-cookie" not in opened.headers


def test_only_our_portal_may_frame_the_page(frame: Frame) -> None:
    """Nothing is allowed but our own files and requests; the one ancestor is the portal; nothing is kept or told on."""
    headers = frame.open().answer.headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
    assert policy["frame-ancestors"] == frame.portal
    assert policy["default-src"] == policy["form-action"] == policy["base-uri"] == "'none'"
    assert {policy[kind] for kind in ("script-src", "style-src", "connect-src")} == {"'self'"}
    assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert headers["x-content-type-options"] == "nosniff"
    assert "x-frame-options" not in headers


def test_the_page_has_nothing_inline(frame: Frame) -> None:
    """No script, style or handler stands in the page, so the policy needs no exception."""
    text = frame.open().answer.text
    assert "<style" not in text
    assert text.count("<script") == text.count("<script src=") == 1
    assert not any(f" {inline}=" in text for inline in ("style", "onclick", "onload", "onsubmit"))


@pytest.mark.parametrize("token", ["0" * 70, "", "short", "../../rest", "x" * 600])
def test_a_forged_token_gets_nowhere(frame: Frame, engine: Engine, token: str) -> None:
    """What our portal does not know is refused with a page of one sentence, and leaves a counter."""
    refused = frame.http.post("/app", data={"AUTH_ID": token})
    assert refused.status_code == 403
    assert "data-session" not in refused.text
    assert f"frame-ancestors {frame.portal}" in refused.headers["content-security-policy"]
    assert counters(engine) == {"app refused 403": 1}


def test_a_foreign_portal_is_never_asked(frame: Frame) -> None:
    """A DOMAIN that is not ours is refused without a request to it, with a token of theirs or of ours."""
    elsewhere = Elsewhere()
    with serving(elsewhere.app()) as address:
        domain = address.partition("://")[2]
        for token in ("f" * 70, frame.token()):
            assert frame.open(called=domain, AUTH_ID=token).answer.status_code == 403
            assert frame.open(AUTH_ID=token, DOMAIN=domain).answer.status_code == 403
    assert elsewhere.asked == []


def test_a_stranger_calling_himself_our_portal_is_asked_about_at_our_portal(frame: Frame) -> None:
    """Whatever addresses stand in the form, only the portal of the settings is asked."""
    elsewhere = Elsewhere()
    with serving(elsewhere.app()) as address:
        strange = {"SERVER_ENDPOINT": f"{address}/rest/", "client_endpoint": f"{address}/rest/", "domain": address}
        assert frame.open(AUTH_ID="f" * 70, **strange).answer.status_code == 403
        assert frame.open(**strange).answer.status_code == 200
    assert elsewhere.asked == []


def test_a_redirect_is_not_followed(serve: Any, frame: Frame) -> None:
    """A portal that points elsewhere does not get the token sent there."""
    elsewhere = Elsewhere()
    with serving(elsewhere.app()) as address:

        async def moved(_request: Request) -> Response:
            return RedirectResponse(f"{address}/rest/profile", status_code=307)

        pointing = Starlette(routes=[Route("/rest/{method}", moved, methods=["POST"])])
        with serving(pointing) as portal, serve(origin=portal) as sender:
            refused = sender.http.post("/app", data={"AUTH_ID": frame.token()})
    assert refused.status_code == 503
    assert elsewhere.asked == []


def test_a_token_of_another_application_is_nobodys(frame: Frame) -> None:
    """Every application people use holds tokens of theirs; only those given to ours open our page."""
    assert frame.open(AUTH_ID=frame.token(client_id="local.some.other")).answer.status_code == 403


def test_an_expired_token_and_a_dismissed_person_are_refused(frame: Frame, world: World) -> None:
    """The portal's word of this moment counts."""
    token = frame.token()
    world.clock.advance(3601)
    assert frame.open(AUTH_ID=token).answer.status_code == 403


def test_an_employee_without_admin_rights_is_let_in(frame: Frame) -> None:
    """Who sees the application is set in the portal; the page does nothing that the timetable would not do."""
    assert frame.open(AUTH_ID=frame.token(user_id=2)).answer.status_code == 200


def test_an_address_typed_by_hand_shows_where_to_go(frame: Frame) -> None:
    """405 and a sentence."""
    outside = frame.http.get("/app")
    assert outside.status_code == 405
    assert "открывается из Битрикс24" in outside.text


def test_a_portal_that_does_not_answer_is_named(serve: Any, engine: Engine) -> None:
    """503: the person may try again."""
    with serve(origin="http://127.0.0.1:9") as sender:
        assert sender.http.post("/app", data={"AUTH_ID": "a" * 70}).status_code == 503


def test_without_a_portal_in_the_settings_there_is_no_page(sender: Any) -> None:
    """Nobody could be verified, so nobody is asked for anything."""
    assert sender.http.post("/app", data={"AUTH_ID": "a" * 70}).status_code == 404


def test_openings_are_bounded(frame: Frame) -> None:
    """However many forged frames come, the portal is asked about thirty at once and one a second after."""
    begun = monotonic()
    statuses = [frame.http.post("/app", data={"AUTH_ID": "0" * 70}).status_code for _ in range(60)]
    assert statuses.count(403) <= 31 + (monotonic() - begun)
    assert set(statuses) == {403, 429}


def test_an_odd_body_is_refused(frame: Frame) -> None:
    """Of the wrong type, too large, or no form at all."""
    assert frame.http.post("/app", json={"AUTH_ID": "a"}).status_code == 415
    assert frame.http.post("/app", data={"AUTH_ID": "a" * 300_000}).status_code == 413
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert frame.http.post("/app", content="AUTH_ID=я".encode(), headers=form).status_code == 400


def test_the_token_is_neither_stored_nor_logged(
    frame: Frame, engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """At the most talkative level no log has it, and no file of the store."""
    token = frame.token()
    with caplog.at_level(logging.DEBUG):
        opened = frame.open(AUTH_ID=token)
        opened.press(300100)
    assert token not in "\n".join(record.getMessage() for record in caplog.records)
    assert token not in opened.answer.text
    assert not any(token.encode() in file.read_bytes() for file in tmp_path.rglob("store.db*"))
    assert waiting(engine) != []


def test_a_session_ends_after_half_an_hour(frame: Frame, gateway_clock: Any) -> None:
    """A stale or changed session gets nowhere, whatever is asked."""
    opened = frame.open()
    gateway_clock.moment += timedelta(minutes=29)
    assert opened.follow(1).status_code == 404
    gateway_clock.moment += timedelta(minutes=2)
    answers: list[httpx.Response] = [opened.events(), opened.press(300100), opened.follow(1)]
    assert [answer.status_code for answer in answers] == [401, 401, 401]


def test_a_session_is_not_to_be_forged(frame: Frame) -> None:
    """Changed, cut, of another gateway, or none."""
    token = frame.open().session
    payload, _, signature = token.partition(".")
    for forged in (".", payload, f"{payload}A.{signature}", f"{payload}.{'0' * 64}", "я"):
        header = {b"Authorization": f"Bearer {forged}".encode()}
        assert frame.http.get("/app/events", headers=header).status_code == 401
    assert frame.http.get("/app/events").status_code == 401
