"""Pages that follow each other inside one request: each begins behind the last row of the page before.

A page is believed only if it proves itself, because the documents say neither what a reference to nothing becomes nor
in what order the portal would answer then:
* its ids rise, the first of them above the last one of the page before, none above the chain's end;
* a page of fewer than 50 rows is the last one of its chain, but an empty page only where it was asked for by a number:
  behind a reference that became nothing there may be nothing as well;
* whatever is wrong with a page asked for by a reference, what was read before it stands, and the rest is asked for
  anew, by a number. What is wrong with a page asked for by a number is an error.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import lt
from typing import Any

import orjson

from backoffice.bitrix24.batch import Command, Outcome, command_key
from backoffice.bitrix24.errors import ListingBroken, OperatingTimeSpent, PortalBusy, PortalError
from backoffice.bitrix24.methods import listing_of
from backoffice.bitrix24.stretches import PAGE, Chain, Found
from backoffice.bitrix24.wire import Reference, as_map

Row = dict[str, Any]
Kept = list[Row] | bytes
Result = tuple[Chain[Kept], Found[Kept] | PortalError]


def rows_of(method: str, result: Any) -> list[Row]:
    """The rows in the `result` of one page; PHP may turn a list of rows into a map. ListingBroken if there are none."""
    rows_at = listing_of(method).rows_at
    rows = as_map(result).get(rows_at) if rows_at and result != [] else result
    if not isinstance(rows, list | Mapping):
        raise ListingBroken(f"{method}: no rows in the answer, not even none")
    return rows if isinstance(rows, list) else list(rows.values())


@dataclass(frozen=True)
class Listed:
    """What is listed: by which method, with which ID, under which conditions of the caller."""

    method: str
    key: str
    params: Mapping[str, Any]
    given: Mapping[str, Any]

    def page(self, after: int | str, upto: int | None = None, way: str = "ASC") -> dict[str, Any]:
        """The parameters of a page: the first rows behind an id, or the last ones."""
        bounds = {f">{self.key}": after} | ({} if upto is None else {f"<={self.key}": upto})
        return {**self.params, "filter": {**self.given, **bounds}, "order": {self.key: way}, "start": -1}

    def ids(self, page: Sequence[Row]) -> list[int]:
        """The ids of the rows; 0 for one without."""
        key = self.key
        return [int(row.get(key) or 0) for row in page]

    def commands(self, chains: Sequence[Chain[Kept]]) -> list[Command[int]]:
        """The commands of a request; the item is the chain's place."""
        commands: list[Command[int]] = []
        for place, chain in enumerate(chains):
            after: int | str = chain.after
            for _ in range(chain.pages):
                commands.append(Command(self.method, self.page(after, chain.upto), place))
                after = self._end_of(len(commands) - 1)
        return commands

    def read(
        self, chains: Sequence[Chain[Kept]], outcomes: Sequence[Outcome[int]], keep: Callable[[list[Row]], Kept]
    ) -> list[Result]:
        """What each chain found, its rows as `keep` keeps them; or the error that its first page met."""
        answers = iter(outcomes)
        return [(chain, self._read(chain, [next(answers) for _ in range(chain.pages)], keep)) for chain in chains]

    def broken(self, after: int, ids: Sequence[int]) -> ListingBroken:
        """The error for a page that does not follow what was asked for."""
        last = ids[-1] if ids else after
        return ListingBroken(f"{self.method}: the page after {self.key} {after} ends at {last}; is the ID selected?")

    def _end_of(self, command: int) -> Reference:
        rows_at = listing_of(self.method).rows_at
        way = f"[{rows_at}]" if rows_at else ""
        return Reference(f"$result[{command_key(command)}]{way}[{PAGE - 1}][{self.key}]")

    def _read(
        self, chain: Chain[Kept], outcomes: Sequence[Outcome[int]], keep: Callable[[list[Row]], Kept]
    ) -> Found[Kept] | PortalError:
        rows: list[Row] = []
        last, over, torn = chain.after, False, False
        for place, outcome in enumerate(outcomes):
            try:
                page, last = self._proved(chain, last, outcome)
            except PortalError as error:
                if place == 0:
                    return error
                page = []
            torn = place > 0 and not page
            if torn:
                break
            rows += page
            over = len(page) < PAGE or last >= chain.stretch.upto
            if over:
                break
        return Found(len(rows), last, over, keep(rows), torn)

    def _proved(self, chain: Chain[Kept], after: int, outcome: Outcome[int]) -> tuple[list[Row], int]:
        """The page and its last id."""
        if outcome.answer is None:
            raise outcome.error or ListingBroken(f"{self.method}: neither an answer nor an error")
        page = rows_of(self.method, outcome.answer.result)
        ids = self.ids(page)
        if not rising(after, ids) or (ids and chain.upto is not None and ids[-1] > chain.upto):
            raise self.broken(after, ids)
        return page, ids[-1] if ids else after


def rising(after: int, ids: Sequence[int]) -> bool:
    """Whether the ids come in order, all of them behind the one."""
    return all(map(lt, (after, *ids), ids))


def put_off(error: PortalError) -> bool:
    """Whether the portal itself said «later»."""
    return isinstance(error, PortalBusy | OperatingTimeSpent)


def pack(rows: list[Row]) -> Kept:
    """Rows that have to wait, in a tenth of the memory."""
    try:
        return zlib.compress(orjson.dumps(rows), 1)
    except orjson.JSONEncodeError:
        return rows


def unpack(kept: Kept) -> Iterator[Row]:
    """The rows again."""
    rows: list[Row] = orjson.loads(zlib.decompress(kept)) if isinstance(kept, bytes) else kept
    return iter(rows)
