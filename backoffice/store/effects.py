"""Once-only writes: an effect is claimed before it is written to the portal, and settled with the portal's id after.

A row without `portal_id` is a claim: somebody is writing it now, or died before the answer came.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import Engine
from sqlmodel import Field, Session, SQLModel, col, select

from backoffice.store.engine import reading, writing
from backoffice.store.moments import Moment
from backoffice.store.statements import chunks, insert_into

NO_ORIGINS: Mapping[str, str] = MappingProxyType({})


class Effect(SQLModel, table=True):
    """A business fact written to the portal once: `key` is its natural key, `origin` finds it again in the portal."""

    portal: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    origin: str
    claimed_at: datetime = Field(sa_type=Moment)
    portal_id: str | None = None


@dataclass(frozen=True)
class Claims:
    """The wanted keys by what to do next.

    Write `fresh` now; leave `done` (key -> portal id) alone; look `in_doubt` (key -> claimed when) up in the portal.
    """

    fresh: frozenset[str]
    done: dict[str, str]
    in_doubt: dict[str, datetime]


def claim(engine: Engine, portal: str, kind: str, wanted: Mapping[str, str], now: datetime) -> Claims:
    """Claims every wanted key -> origin not claimed yet; of any number of claimers one gets a key as `fresh`."""
    with writing(engine, turn=f"effects {portal} {kind}") as session:
        fresh = _insert_claims(session, portal, kind, wanted, now)
        others = list(_effects(session, portal, kind, wanted.keys() - fresh))
    return Claims(
        fresh=fresh,
        done={effect.key: effect.portal_id for effect in others if effect.portal_id is not None},
        in_doubt={effect.key: effect.claimed_at for effect in others if effect.portal_id is None},
    )


def retake(
    engine: Engine,
    portal: str,
    kind: str,
    doubted: Mapping[str, datetime],
    now: datetime,
    origins: Mapping[str, str] = NO_ORIGINS,
) -> dict[str, datetime]:
    """Takes over the claims still as old as `doubted` (key -> when) says; of several takers one gets a key.

    Key -> the claim's new moment, by which its holder renews it. `origins`: key -> what the taker writes instead.
    """
    with writing(engine, turn=f"effects {portal} {kind}") as session:
        current = _effects(session, portal, kind, doubted)
        taken = [e for e in current if e.portal_id is None and e.claimed_at == doubted[e.key]]
        for effect in taken:
            # On a clock that stands still the new claim must differ from the old one all the same.
            effect.claimed_at = max(now, effect.claimed_at + timedelta(microseconds=1))
            effect.origin = origins.get(effect.key, effect.origin)
        return {effect.key: effect.claimed_at for effect in taken}


def kept(engine: Engine, portal: str, kind: str, claims: Mapping[str, datetime]) -> frozenset[str]:
    """Those of the claims (key -> claimed when) that nobody has taken over since."""
    with reading(engine) as session:
        current = _effects(session, portal, kind, claims)
        return frozenset(effect.key for effect in current if effect.claimed_at == claims[effect.key])


def settle(engine: Engine, portal: str, kind: str, results: Mapping[str, str]) -> None:
    """Records key -> portal id of what was written; the first id stays.

    LookupError names the keys nobody has claimed, after the others are recorded.
    """
    with writing(engine, turn=f"effects {portal} {kind}") as session:
        claimed = list(_effects(session, portal, kind, results))
        for effect in claimed:
            effect.portal_id = effect.portal_id or results[effect.key]
        unclaimed = results.keys() - {effect.key for effect in claimed}
    if unclaimed:
        raise LookupError(f"settled without a claim: {kind} {', '.join(sorted(unclaimed))}")


def release(engine: Engine, portal: str, kind: str, keys: Iterable[str]) -> None:
    """Gives back the claims of what was certainly not written; settled effects stay."""
    with writing(engine, turn=f"effects {portal} {kind}") as session:
        for effect in _effects(session, portal, kind, keys):
            if effect.portal_id is None:
                session.delete(effect)


def forget(engine: Engine, portal: str, kind: str, keys: Iterable[str]) -> None:
    """Drops settled effects, so that what a person deleted from the portal may be written anew when asked for."""
    with writing(engine, turn=f"effects {portal} {kind}") as session:
        for effect in _effects(session, portal, kind, keys):
            if effect.portal_id is not None:
                session.delete(effect)


def done(engine: Engine, portal: str, kind: str, keys: Iterable[str]) -> dict[str, str]:
    """Key -> portal id of those keys that are settled."""
    with reading(engine) as session:
        found = _effects(session, portal, kind, keys)
        return {effect.key: effect.portal_id for effect in found if effect.portal_id is not None}


def claimed_since(engine: Engine, portal: str, kind: str, keys: Iterable[str], since: datetime) -> frozenset[str]:
    """Those of the keys that were sent to the portal, or claimed to be, at `since` or later."""
    with reading(engine) as session:
        return frozenset(row.key for row in _effects(session, portal, kind, keys) if row.claimed_at >= since)


def claims_before(engine: Engine, portal: str, kind: str, before: datetime) -> dict[str, str]:
    """Key -> origin of the claims made before that moment and never settled: of runs that died, or are very slow."""
    open_ = select(Effect).where(Effect.portal == portal, Effect.kind == kind, col(Effect.portal_id).is_(None))
    with reading(engine) as session:
        return {effect.key: effect.origin for effect in session.exec(open_.where(col(Effect.claimed_at) < before))}


def origins(engine: Engine, portal: str, kind: str, keys: Iterable[str]) -> dict[str, str]:
    """Key -> origin of those keys that are claimed or settled."""
    with reading(engine) as session:
        return {effect.key: effect.origin for effect in _effects(session, portal, kind, keys)}


def _insert_claims(
    session: Session, portal: str, kind: str, wanted: Mapping[str, str], now: datetime
) -> frozenset[str]:
    if not wanted:
        return frozenset()
    insert = insert_into(session, Effect).on_conflict_do_nothing().returning(col(Effect.key))
    rows = [
        {"portal": portal, "kind": kind, "key": key, "origin": wanted[key], "claimed_at": now, "portal_id": None}
        for key in wanted
    ]
    return frozenset(session.exec(insert, params=rows).scalars())


def _effects(session: Session, portal: str, kind: str, keys: Iterable[str]) -> Iterator[Effect]:
    for some in chunks(keys):
        found = select(Effect).where(Effect.portal == portal, Effect.kind == kind, col(Effect.key).in_(some))
        yield from session.exec(found)
