"""Creates a thing in the portal once, whatever is killed, repeated or run at the same time.

The natural key is claimed in our store before the request leaves, and settled with the portal's id after the answer.
A claim without an id is a write in doubt, of ours before it was killed or of another run right now: it is looked for in
the portal, and taken over only when nobody can be executing it any more.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Guard
from backoffice.bitrix24.doubt import Finder, Writes, moment, settled, write_and_find
from backoffice.bitrix24.errors import NotSent, PortalError, RequestRefused
from backoffice.store import effects


@dataclass(frozen=True)
class Creation:
    """A thing to create. `origin` is a value kept in the thing itself, by which it is found again."""

    origin: str
    params: dict[str, Any]


@dataclass(frozen=True)
class Created:
    """The portal's ids by natural key; which of them this call made; why the others could not be made."""

    ids: Mapping[str, int]
    fresh: frozenset[str]
    failures: Mapping[str, PortalError]


@dataclass(frozen=True)
class OnceOnly:
    """Creates things of one kind with one method.

    `find` gives the portal's ids by origin, `read_id` the id in the method's answer, `settle` is how long the portal
    may still be executing a request that it did not answer.
    """

    portal: Writes
    engine: Engine
    kind: str
    method: str
    find: Finder
    read_id: Callable[[Any], int]
    settle: timedelta

    def create(self, wanted: Mapping[str, Creation]) -> Created:
        """Create what is wanted (natural key -> creation), or learn that it exists.

        A refusal gives the claim back and is reported with its key. What another run is creating is NotSent.
        """
        origins = {key: creation.origin for key, creation in wanted.items()}
        claimed_at = moment(self.portal)
        claims = effects.claim(self.engine, self.portal.host, self.kind, origins, claimed_at)
        # Who claimed first may have met the same key elsewhere and given the thing another origin.
        doubted = effects.origins(self.engine, self.portal.host, self.kind, claims.in_doubt)
        found = settled(self.portal, claims.in_doubt, self._finder(doubted), settle=self.settle)
        abandoned = {key: at for key, at in claims.in_doubt.items() if key not in found}
        held = dict.fromkeys(claims.fresh, claimed_at) | self._take_over(abandoned, origins)
        lost = abandoned.keys() - held.keys()

        commands = [Command(self.method, wanted[key].params, key) for key in wanted if key in held]
        written = write_and_find(
            self.portal, commands, self._finder(origins), settle=self.settle, before_send=self._guard(held)
        )
        ids = {key: int(portal_id) for key, portal_id in claims.done.items()} | found
        made = {key: self._id(result) for key, result in written.results.items()}
        mine = effects.kept(self.engine, self.portal.host, self.kind, {key: held[key] for key in made})
        self._settle(found | made)
        self._give_back(written.failures)
        return Created(ids | made, mine, written.failures | {key: _taken(key) for key in lost})

    def _finder(self, origins: Mapping[str, str]) -> Finder:
        def find(keys: Collection[str]) -> dict[str, int]:
            ids = self.find([origins[key] for key in keys])
            return {key: ids[origins[key]] for key in keys if origins[key] in ids}

        return find

    def _take_over(self, abandoned: Mapping[str, datetime], origins: Mapping[str, str]) -> dict[str, datetime]:
        now = moment(self.portal)
        return effects.retake(self.engine, self.portal.host, self.kind, abandoned, now, origins)

    def _guard(self, held: dict[str, datetime]) -> Guard[str]:
        """Renew the claims at the moment of sending: who finds one in doubt counts the portal's time from then."""

        def confirm(keys: list[str]) -> None:
            now = moment(self.portal)
            mine = {key: held[key] for key in keys}
            kept = effects.retake(self.engine, self.portal.host, self.kind, mine, now)
            held.update(kept)
            if len(kept) < len(keys):
                raise NotSent("another run took a claim over while this one waited for its turn")

        return confirm

    def _id(self, result: Any) -> int:
        """The id in a method's answer; a write that was found again gives the id itself."""
        return result if isinstance(result, int) else self.read_id(result)

    def _settle(self, ids: Mapping[str, int]) -> None:
        texts = {key: str(portal_id) for key, portal_id in ids.items()}
        effects.settle(self.engine, self.portal.host, self.kind, texts)

    def _give_back(self, failures: Mapping[str, PortalError]) -> None:
        refused = [key for key, error in failures.items() if isinstance(error, RequestRefused)]
        effects.release(self.engine, self.portal.host, self.kind, refused)


def _taken(key: str) -> PortalError:
    return NotSent(f"{key}: another run is creating it")
