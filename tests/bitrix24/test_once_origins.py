"""One natural key, met by two imports that keep different origins in the thing."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
from sqlalchemy import Engine

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.contacts_by_origin import contacts_by_origin
from backoffice.once import Creation, OnceOnly
from backoffice.store import effects

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire

Origins = Callable[[], list[str]]


class Killed(BaseException):
    """Stands for `kill -9`: nothing catches it."""


@pytest.fixture
def create(portal: Portal, engine: Engine) -> Callable[[str], dict[str, int]]:
    """Creates the contact of one person with the origin given; the ids by natural key."""
    once = OnceOnly(
        portal,
        engine,
        "contact",
        "crm.contact.add",
        find=lambda origins: contacts_by_origin(portal, "test", origins),
        read_id=int,
        settle=timedelta(seconds=70),
    )

    def run(origin: str) -> dict[str, int]:
        fields = {"NAME": "Анна", "ORIGINATOR_ID": "test", "ORIGIN_ID": origin}
        return dict(once.create({"person": Creation(origin, {"fields": fields})}).ids)

    return run


def test_a_contact_of_a_killed_import_is_found_by_the_import_of_another_event(
    create: Callable[[str], dict[str, int]], wire: "Wire", origins: Origins
) -> None:
    """The portal executed the write of the first and nobody heard it: the second adopts it under the first's origin."""

    def killed(request: httpx.Request) -> httpx.Response:
        wire.through(request)
        raise Killed

    wire.plan(killed)
    with pytest.raises(Killed):
        create("1:11")
    assert create("2:21") == {"person": 1}
    assert origins() == ["1:11"]


def test_a_claim_taken_over_is_looked_for_under_the_takers_origin(
    create: Callable[[str], dict[str, int]], wire: "Wire", portal: Portal, engine: Engine, origins: Origins
) -> None:
    """The first import never sent, the second was killed after sending: the third finds what the second wrote."""

    def killed_before(_: httpx.Request) -> httpx.Response:
        raise Killed

    def killed_after(request: httpx.Request) -> httpx.Response:
        wire.through(request)
        raise Killed

    wire.plan(killed_before)
    with pytest.raises(Killed):
        create("1:11")
    wire.plan(wire.through, wire.through, killed_after)
    with pytest.raises(Killed):
        create("2:21")
    assert effects.origins(engine, portal.host, "contact", ["person"]) == {"person": "2:21"}
    assert create("3:31") == {"person": 1}
    assert origins() == ["2:21"]
