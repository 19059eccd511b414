"""`/_sandbox/application`: install our application in the portal, open it there, count what was granted."""

from typing import Any

from starlette.routing import Route

from backoffice.sandbox.bitrix24.applications import Application
from backoffice.sandbox.bitrix24.config import APPLICATION_ID, APPLICATION_SECRET, WEBHOOK_USER
from backoffice.sandbox.bitrix24.hooks import MEMBER_ID
from backoffice.sandbox.control.body import Body, Unfit, get, post
from backoffice.sandbox.world import World


class Installation(Body):
    """Installing again makes the tokens given before worthless; `scopes` are the portal's unless named."""

    client_id: str = APPLICATION_ID
    client_secret: str = APPLICATION_SECRET
    scopes: tuple[str, ...] | None = None


class Visit(Body):
    """A person at the application: opening it in the portal, or being sent to it with a code."""

    client_id: str = APPLICATION_ID
    user_id: int = WEBHOOK_USER


class Standing(Body):
    """What happens to an application: it is removed from the portal, or its subscription ends."""

    client_id: str = APPLICATION_ID
    installed: bool = True
    paid: bool = True


def routes(world: World) -> list[Route]:
    def install(body: Installation) -> dict[str, Any]:
        with world.portal.lock:
            world.portal.applications.install(body.client_id, body.client_secret, body.scopes)
        return _shown(world)

    def set_standing(body: Standing) -> dict[str, Any]:
        application = _known(world, body.client_id)
        application.installed, application.paid = body.installed, body.paid
        return _shown(world)

    def authorize(body: Visit) -> dict[str, str]:
        with world.portal.lock:
            code = world.portal.applications.authorize(_known(world, body.client_id), _person(world, body.user_id))
        return {"code": code, "member_id": MEMBER_ID}

    def visit(body: Visit) -> dict[str, str]:
        with world.portal.lock:
            pair = world.portal.applications.open(_known(world, body.client_id), _person(world, body.user_id))
        granted = {"AUTH_ID": pair.access_token, "AUTH_EXPIRES": "3600", "REFRESH_ID": pair.refresh_token}
        return {**granted, "member_id": MEMBER_ID, "status": pair.access.application.status}

    return [
        get("/_sandbox/application", lambda _: _shown(world)),
        post("/_sandbox/application", Installation, install),
        post("/_sandbox/application/standing", Standing, set_standing),
        post("/_sandbox/application/authorize", Visit, authorize),
        post("/_sandbox/application/open", Visit, visit),
    ]


def _shown(world: World) -> dict[str, Any]:
    """No tokens: only how many were asked for."""
    applications = world.portal.applications
    return {
        "applications": [
            {"client_id": one.client_id, "scopes": one.scopes, "installed": one.installed, "paid": one.paid}
            for one in applications.known.values()
        ],
        "counts": dict(sorted(applications.counts.items())),
    }


def _known(world: World, client_id: str) -> Application:
    found = world.portal.applications.known.get(client_id)
    if found is None:
        raise Unfit(f"client_id: no application {client_id!r} is installed")
    return found


def _person(world: World, user_id: int) -> int:
    if user_id not in world.portal.users:
        raise Unfit(f"user_id: the portal has no user {user_id}")
    return user_id
