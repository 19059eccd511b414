"""The letters that were sent."""

from typing import Any

from starlette.requests import Request

from backoffice.sandbox.pages.paging import paged
from backoffice.sandbox.pages.render import NoSuchPage
from backoffice.sandbox.world import World


def mail_table(world: World, request: Request) -> tuple[str, dict[str, Any]]:
    """The latest first."""
    return "mail.html", {"letters": paged(world.mailbox.all()[::-1], request)}


def letter_page(world: World, request: Request) -> tuple[str, dict[str, Any]]:
    wanted = int(request.path_params["letter_id"])
    letter = next((one for one in world.mailbox.all() if one.id == wanted), None)
    if letter is None:
        raise NoSuchPage("Такого письма нет.")
    return "letter.html", {"letter": letter}
