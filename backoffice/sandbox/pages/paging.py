"""Long tables, fifty rows a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from starlette.requests import Request

from backoffice.sandbox.pages.render import NoSuchPage

ROWS = 50


@dataclass(frozen=True)
class Paged:
    """The rows of one page; pages count from 1."""

    rows: list[Any]
    page: int
    pages: int
    total: int


def paged(rows: Sequence[Any], request: Request) -> Paged:
    """The page the address asks for with `?page=`."""
    text = request.query_params.get("page", "1")
    pages = max(1, -(-len(rows) // ROWS))
    if not text.isdecimal() or not 1 <= int(text) <= pages:
        raise NoSuchPage(f"Здесь всего страниц: {pages}.")
    page = int(text)
    return Paged(list(islice(rows, (page - 1) * ROWS, page * ROWS)), page, pages, len(rows))
