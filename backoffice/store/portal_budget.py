"""One leaky bucket per portal for all processes: Bitrix24 counts the requests of a portal, not those of a program.

Bitrix24 refuses a request when the level of its bucket exceeds `size`; the level falls by `drain_per_second`
(apidocs.bitrix24.com/limits.html). Here nobody is refused: what does not fit yet is booked and told how long to wait.
Live requests may fill the whole bucket, bulk ones leave a headroom in it, so that a live one finds room at once.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Double, Engine
from sqlmodel import Field, Session, SQLModel, select

from backoffice.store.engine import writing
from backoffice.store.statements import insert_into

Lane = Literal["live", "bulk"]

HEADROOM = 0.2
"""The part of the bucket that bulk leaves free: ten requests of fifty, which also come back in five seconds."""
# A clock further back than this was set back; less is another machine's clock that runs a little behind.
CLOCKS_DIFFER_SECONDS = 60.0


class PortalBudget(SQLModel, table=True):
    """The bucket of a portal: its level in requests at `at`, seconds since 1970."""

    __tablename__ = "portal_budget"

    portal: str = Field(primary_key=True)
    level: float = Field(sa_type=Double)
    at: float = Field(sa_type=Double)


@dataclass(frozen=True)
class Bucket:
    """What was booked so far in both lanes, less what has drained; above the size of the portal's bucket it waits."""

    level: float
    at: float


def book(bucket: Bucket, now: float, requests: int, drain_per_second: float) -> Bucket:
    """The bucket drained until `now` and fuller by `requests`; what exceeds the portal's size is booked for later."""
    if bucket.at - now > CLOCKS_DIFFER_SECONDS:
        return Bucket(bucket.level + requests, now)
    passed = max(0.0, now - bucket.at)
    return Bucket(max(0.0, bucket.level - passed * drain_per_second) + requests, bucket.at + passed)


def wait(level: float, requests: int, lane: Lane, size: float, drain_per_second: float) -> float:
    """Seconds until requests just booked, with which the bucket stands at `level`, may be sent.

    A lane waits until its part of the bucket holds them: places follow each other in the order of asking inside a lane,
    and a live one overtakes the bulk ones booked within the last `HEADROOM * size` requests. Both lanes are booked in
    one level, so an overtaken place needs no moving: the portal's level is this one less what still waits.
    """
    room = size if lane == "live" else max(size * (1 - HEADROOM), requests)
    return max(0.0, level - room) / drain_per_second


class SharedBudget:
    """Paces every process that talks to one portal through this store; two lanes, each in the order of asking."""

    def __init__(
        self,
        engine: Engine,
        portal: str,
        size: float,
        drain_per_second: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._engine = engine
        self._portal = portal
        self._size = size
        self._drain = drain_per_second
        self._clock = clock

    def take(self, requests: int = 1, lane: Lane = "live") -> float:
        """Books the requests, returns the seconds to sleep before sending them; ValueError for more than ever fit."""
        if requests > self._size:
            raise ValueError(f"{requests} requests at once never fit into a bucket of {self._size:g}")
        with writing(self._engine) as session:
            row = self._locked(session)
            booked = book(Bucket(row.level, row.at), self._clock(), requests, self._drain)
            row.level, row.at = booked.level, booked.at
        return wait(booked.level, requests, lane, self._size, self._drain)

    def found_full(self) -> None:
        """Takes note that the portal refused a request: its bucket is full, by programs that do not book here."""
        with writing(self._engine) as session:
            row = self._locked(session)
            booked = book(Bucket(row.level, row.at), self._clock(), 0, self._drain)
            row.level, row.at = max(booked.level, self._size), booked.at

    def _locked(self, session: Session) -> PortalBudget:
        empty = insert_into(session, PortalBudget).values(portal=self._portal, level=0.0, at=self._clock())
        session.exec(empty.on_conflict_do_nothing())
        return session.exec(select(PortalBudget).where(PortalBudget.portal == self._portal).with_for_update()).one()
