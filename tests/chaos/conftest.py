"""A way to kill a run at any request that writes, and a way to sweep until a disturbed run is finished."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Literal, TypeVar

import httpx
import pytest
from sqlmodel import SQLModel, select

from backoffice import connections
from backoffice.bitrix24 import batch
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.errors import PortalError
from backoffice.bitrix24.methods import is_reading
from backoffice.rules.attendance_result import ImportIncomplete
from backoffice.sandbox.seeds import plant
from backoffice.sandbox.world import World
from backoffice.store.aliases import ContactAlias
from backoffice.store.effects import Effect
from backoffice.store.engine import reading
from backoffice.store.participations import Participation
from backoffice.timepad import TimepadError
from flows import attendance_import, portal_setup

COMMANDS_A_REQUEST = 4
SWEEP_SECONDS = 900
MOST_SWEEPS = 40


Row = TypeVar("Row", bound=SQLModel)


class Killed(BaseException):
    """Stands for `kill -9`: nothing catches it."""


class Killer(httpx.BaseTransport):
    """Passes requests on and dies at the n-th that writes: before it leaves, or after the portal has executed it."""

    death = Killed

    def __init__(self) -> None:
        self._inner = httpx.HTTPTransport(verify=False)  # plain http, and loading authorities takes time
        self.at: int | None = None
        self.moment: Literal["before", "after"] = "before"
        self.writes = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        writes = _writes(request)
        self.writes += writes
        if writes and self.writes == self.at and self.moment == "before":
            raise Killed
        response = self._inner.handle_request(request)
        if writes and self.writes == self.at:
            response.read()
            raise Killed
        return response

    def close(self) -> None:
        """Live on for the next client."""


def _writes(request: httpx.Request) -> bool:
    method = request.url.path.rsplit("/", 1)[-1].removesuffix(".json")
    if method != "batch":
        return not is_reading(method)
    commands = json.loads(request.read())["cmd"].values()
    return any(not is_reading(command.split("?")[0]) for command in commands)


@pytest.fixture
def killer(connected: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Killer]:
    """Every client of this process talks through the killer, four commands a request."""
    transport = Killer()
    monkeypatch.setattr(connections, "Portal", partial(Portal, transport=transport))
    monkeypatch.setattr(batch, "MAX_COMMANDS", COMMANDS_A_REQUEST)
    monkeypatch.setattr(attendance_import, "PORTION", 2 * COMMANDS_A_REQUEST)
    yield transport
    transport._inner.close()


@pytest.fixture
def event_id(world: World, killer: Killer, below_the_engine: None) -> int:
    """The seminar of the demonstration, over since an hour, on a portal that is set up."""
    seed = plant(world, "seminar")
    portal_setup.portal_setup.fn()
    world.clock.advance(timedelta(hours=3).total_seconds())
    killer.writes = 0
    return int(seed["event_id"])


class Sweeps:
    """The import of one event, run again and again as the timetable does, and what stands in the end."""

    def __init__(self, world: World, event_id: int, run_import: Callable[[int], None]) -> None:
        self._world, self._event_id, self._run = world, event_id, run_import

    def once(self) -> None:
        """One run."""
        self._run(self._event_id)

    def until_done(self) -> list[Exception]:
        """Run until a run succeeds; the failures of those before."""
        failures: list[Exception] = []
        for _ in range(MOST_SWEEPS):
            try:
                self.once()
            except (PortalError, TimepadError, ImportIncomplete) as error:
                failures.append(error)
                self._world.clock.advance(SWEEP_SECONDS)
                continue
            return failures
        raise AssertionError(f"still failing: {failures}")

    def calm_down(self) -> None:
        """No fault any more; what was to land late has landed."""
        self._world.faults.clear()
        self._world.clock.advance(SWEEP_SECONDS)

    def writes_of_another(self) -> int:
        """How many writes one more run sends."""
        self._world.log.reset_counters()
        self.once()
        return int(self._world.log.counters()["writes"])

    def state(self) -> dict[str, Any]:
        """What the portal and our store hold, comparable between runs that wrote in another order."""
        portal = self._world.portal.dump()
        contacts = {row["ID"]: row.get("ORIGIN_ID", row["ID"]) for row in portal["contacts"]}
        elements = {row["id"]: row["code"] for row in portal["lists"][0]["elements"]}
        return {
            "portal": _by_name(portal, contacts),
            "effects": sorted((row.kind, row.origin, _settled(row, contacts)) for row in _rows(Effect)),
            "participations": sorted(
                (row.ticket_id, contacts[row.contact_id or 0], elements[row.element_id or 0], row.status, row.attended)
                for row in _rows(Participation)
            ),
            "aliases": _rows(ContactAlias),
        }


def _settled(effect: Effect, contacts: Mapping[int, Any]) -> Any:
    """A claim in doubt stands for what its next user will find under its origin."""
    if effect.kind != "contact":
        return effect.portal_id
    if effect.portal_id is None:
        return next((origin for origin in contacts.values() if origin == effect.origin), None)
    return contacts[int(effect.portal_id)]


def _rows(table: type[Row]) -> list[Row]:
    with reading(connections.store()) as session:
        return list(session.exec(select(table)))


def _by_name(portal: dict[str, Any], contacts: Mapping[int, Any]) -> dict[str, Any]:
    """The portal's dump with origins and codes in the place of the ids that depend on the order of writing."""
    for row in portal["contacts"]:
        row["ID"] = contacts[row["ID"]]
        for value in row.get("multifields", ()):
            del value["id"]
    for row in portal["lists"][0]["elements"]:
        del row["id"]
        row["values"]["PARTICIPANT"] = [contacts[int(one)] for one in row["values"]["PARTICIPANT"]]
    portal["contacts"].sort(key=lambda row: str(row["ID"]))
    portal["lists"][0]["elements"].sort(key=lambda row: str(row["code"]))
    return portal


@pytest.fixture
def sweeps(world: World, event_id: int, run_import: Callable[[int], None]) -> Sweeps:
    """An event waiting for its import, and small requests."""
    return Sweeps(world, event_id, run_import)
