"""Carries out a plan for reading a long listing: requests under way at once, rows given away in the order of ids."""

from collections.abc import Iterator
from concurrent.futures import Future
from typing import TYPE_CHECKING

from backoffice.bitrix24.batch import batch_params, read_outcomes
from backoffice.bitrix24.chains import Kept, Listed, Result, Row, pack, put_off, unpack
from backoffice.bitrix24.errors import OperatingTimeSpent, PortalBusy, PortalError, TokenRenewed, TryLater
from backoffice.bitrix24.flight import Flight
from backoffice.bitrix24.pace import nearly_done
from backoffice.bitrix24.stretches import Chain, Found, ReadingPlan

if TYPE_CHECKING:
    from backoffice.bitrix24.client import Portal

AT_ONCE = 40
"""As many as the portal's bucket takes at once without the headroom for short runs."""
LOOSE_ROWS = 5_000
"""Waiting to be given away and not packed: some 14 MB of deals."""

Chains = list[Chain[Kept]]


class Reading:
    """One reading of a listing by the portal's client."""

    def __init__(self, portal: "Portal", listed: Listed, plan: ReadingPlan[Kept]) -> None:
        self._portal = portal
        self._pace = portal.pace
        self._listed = listed
        self._plan = plan
        self._sent = 0
        self._waited = 0.0
        self._kept = self._given = 0

    def rows(self) -> Iterator[Row]:
        """The rows that the plan leads to; whoever stops taking them leaves no request behind."""
        with Flight(self._carry, AT_ONCE) as flight:
            while not self._plan.finished:
                self._send(flight)
                for kept in self._plan.ready():
                    yield from unpack(kept)
                    self._given += len(kept) if isinstance(kept, list) else 0
                if len(flight):
                    self._take_in(*flight.receive())

    def _send(self, flight: Flight[Chains, list[Result]]) -> None:
        room, look = self._pace.room(self._listed.method), self._pace.look(self._listed.method)
        most = min(AT_ONCE, self._pace.most_under_way(room * self._pace.times.seconds_of(self._listed.method)))
        while len(flight) < most and not flight.landed:
            left = self._plan.pages_left() / room
            chains = self._plan.next_request(room, look)
            if not chains:
                return
            self._pace.wait_for_place({self._listed.method}, last=nearly_done(self._sent, left))
            self._sent += 1
            flight.send(chains, alone=not len(flight) and not self._plan.pages_left())

    def _carry(self, chains: Chains) -> list[Result]:
        commands = self._listed.commands(chains)
        times = self._pace.times
        return self._portal.line.ask(
            "batch",
            batch_params(commands),
            lambda answer: self._listed.read(chains, read_outcomes(commands, answer.result, times), self._keep),
            writes=False,
            long=True,
        )

    def _keep(self, rows: list[Row]) -> Kept:
        """Rows as they are, while few wait; packed, where many do. Called by one thread only."""
        if self._kept - self._given + len(rows) > LOOSE_ROWS:
            return pack(rows)
        self._kept += len(rows)
        return rows

    def _take_in(self, chains: Chains, landed: Future[list[Result]]) -> None:
        try:
            results = landed.result()
        except TokenRenewed:
            results = [(chain, _nothing(chain)) for chain in chains]
        except (PortalBusy, OperatingTimeSpent) as later:
            results = [(chain, later) for chain in chains]
        self._plan.answered([(chain, _proved(chain, found)) for chain, found in results])
        said = [found for _, found in results if isinstance(found, TryLater)]
        if len(said) < len(results):
            self._waited = 0.0
        if said:
            self._waited = self._pace.wait_as_told(self._listed.method, said[0], self._waited)


def _proved(chain: Chain[Kept], found: Found[Kept] | PortalError) -> Found[Kept]:
    """What was found; nothing where the portal said «later». Any other error ends the reading."""
    if isinstance(found, PortalError):
        if not put_off(found):
            raise found
        return _nothing(chain)
    return found


def _nothing(chain: Chain[Kept]) -> Found[Kept]:
    return Found(0, chain.after, over=False, kept=[])
