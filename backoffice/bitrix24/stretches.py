"""What to ask for next when a listing is read in many places at once.

The ids not read yet are cut into *stretches*, each from behind one id up to another. A *chain* is some pages of one
stretch, read in one request one after another; a request carries one long chain or many short ones.

Why every row comes exactly once:
* the stretches lie side by side, in the order of the ids: no id is in two of them, none between them;
* a stretch becomes shorter only from below, by the ids up to the last row that a chain has proved to be read, and at
  most one chain of a stretch is under way; one cut in two keeps what it has read in its lower part;
* a stretch is over when a chain has proved that no row is left in it, and rows are given away only from the lowest
  stretch, so they come in the order of the ids.

Nobody tells how many rows there are: that is guessed from how many were found in the ids read so far. A wrong guess
costs pages, never rows. Where the first look, one page in each part of the list, finds rows spread evenly, the parts
are read in chains as long as a request takes. Where it does not, there are gaps: a chain may then be so many times
longer than what has been read in its stretch without meeting an end.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from math import ceil, inf
from statistics import fmean, pstdev
from typing import Generic, TypeVar

PAGE = 50
EVEN = 0.3
"""How much the parts of a list may differ, as a share of their mean, to be taken for alike."""
SAMPLES = 60
PRIOR_PAGES = 3
EVEN_PRIOR_PAGES = 100
"""So many pages' worth of its own rows a stretch must show before it counts more than the list as a whole."""
SPARE_PAGES = 0.2
EXCESS = 0.02
"""A chain this much too short for its stretch is no reason to cut the stretch once more."""
FIRST_STEP_PAGES, STEP = 2, 4
LEAST_CUT = 25
"""Cutting off less than this part of a request leaves more half-empty pages than it fills."""
HALF_EMPTY = 6
"""A request with no more than this part of it free does not wait to be filled."""
PARTS = 16
AHEAD_PAGES = 3000
"""Read and not given away yet: who takes the rows is slower than the portal."""

T = TypeVar("T")


@dataclass(eq=False)
class Stretch(Generic[T]):
    """Ids behind `after` up to `upto`, and what was read before them and not given away yet.

    The highest is `open`: its chains have no upper bound, so rows that were added meanwhile may come with the others.
    `rows` of `ids` tell how dense it is, `proved` how many pages were read in it, `least` what is too short a chain.
    """

    after: int
    upto: int
    open: bool = False
    rows: int = 0
    ids: int = 0
    proved: int = 0
    least: int = 0
    under_way: bool = False
    over: bool = False
    waiting: deque[tuple[int, T]] = field(default_factory=deque)

    @property
    def span(self) -> int:
        """How many ids, so never fewer rows, are left."""
        return self.upto - self.after

    @property
    def most(self) -> int:
        """The pages that there are if no id is missing."""
        return max(1, ceil(self.span / PAGE))

    def behind(self, after: int) -> "Stretch[T] | None":
        """What is left when its part up to `after` is cut off."""
        return replace(self, after=after, proved=0, least=0, waiting=deque()) if after < self.upto else None


@dataclass(frozen=True)
class Chain(Generic[T]):
    """Pages to be read one after another, the first behind the id `after`."""

    stretch: Stretch[T]
    after: int
    pages: int

    @property
    def upto(self) -> int | None:
        """The last id asked for, if there is a bound."""
        return None if self.stretch.open else self.stretch.upto


@dataclass(frozen=True)
class Found(Generic[T]):
    """What a chain has proved: `rows` up to the id `last`, and that there are no more if it is `over`.

    `torn`: the chain did not hold, a page was not what its reference should have asked for.
    """

    rows: int
    last: int
    over: bool
    kept: T
    torn: bool = False


@dataclass(frozen=True)
class _Share(Generic[T]):
    stretch: Stretch[T]
    upto: int
    pages: int


class ReadingPlan(Generic[T]):
    """Gives out chains and takes in what they found; not for use from several threads."""

    def __init__(self, after: int, last: int, density: float) -> None:
        """Of a list whose rows up to the id `after` are read and whose last id is `last`."""
        self._stretches: list[Stretch[T]] = [Stretch(after, last, open=True)]
        self._guess = density
        self._rows = self._ids = 0
        self._samples: list[float] = []
        self._looked = False
        self._under_way = 0
        self._waiting_pages = 0
        self._torn = 0

    @property
    def finished(self) -> bool:
        """Whether everything has been read and given away."""
        return not self._stretches

    def pages_left(self) -> float:
        """About how many pages no chain has been given out for."""
        return sum(self._pages(stretch) for stretch in self._stretches if not (stretch.over or stretch.under_way))

    def next_request(self, room: int, look: int = PAGE) -> list[Chain[T]]:
        """The chains of the next request, of `room` pages at most; none when it is better to wait for answers.

        A request is not sent half empty while answers that may fill it are under way; only the first look, for which
        everything waits, has no more than `look` pages.
        """
        shares = self._shares(room) if self._looked else self._first_look(room, look)
        full = sum(share.pages for share in shares) > room - room // HALF_EMPTY
        if self._under_way and not full:
            return []
        chains = [self._begin(share) for share in (shares if self._under_way else self._lengthened(shares, room))]
        self._looked = self._looked or bool(chains)
        self._under_way += bool(chains)
        return chains

    def answered(self, results: list[tuple[Chain[T], Found[T]]]) -> None:
        """Take in what the chains of one request found."""
        self._under_way -= 1
        for chain, found in results:
            self._take_in(chain, found)

    def ready(self) -> Iterator[T]:
        """What can be given away, in the order of the ids."""
        while self._stretches:
            first = self._stretches[0]
            while first.waiting:
                rows, kept = first.waiting.popleft()
                self._waiting_pages -= ceil(rows / PAGE)
                yield kept
            if not first.over:
                return
            self._stretches.pop(0)

    def _first_look(self, room: int, look: int) -> list[_Share[T]]:
        """One page in each part of the list; a list short enough is read at once."""
        if self._under_way:
            return []
        whole = self._stretches[0]
        pages = self._pages(whole)
        if pages <= room:
            return [_Share(whole, whole.upto, min(room, ceil(pages * 1.15), whole.most))]
        seen = min(room, look)
        parts = min(seen, max(2, round(pages / room)))
        ends = [whole.after + whole.span * part // parts for part in range(1, parts + 1)]
        return [_Share(whole, end, max(1, seen // parts)) for end in ends]

    def _shares(self, room: int) -> list[_Share[T]]:
        """How a request could be filled, from the lowest ids upwards."""
        shares: list[_Share[T]] = []
        longest = room if self._torn < PARTS else 1
        for stretch in self._to_read():
            rest: Stretch[T] | None = stretch
            while rest is not None and room:
                upto, pages = self._even_share(rest, room, longest) if self._even else self._share(rest, room, longest)
                if not pages:
                    return shares
                shares.append(_Share(stretch, upto, pages))
                room -= pages
                rest = rest.behind(upto)
        return shares

    def _to_read(self) -> Iterator[Stretch[T]]:
        """Far ahead of who takes the rows only what comes next is read."""
        ahead = self._waiting_pages >= AHEAD_PAGES
        candidates = self._stretches[:1] if ahead else self._stretches
        return (stretch for stretch in candidates if not (stretch.over or stretch.under_way))

    def _even_share(self, stretch: Stretch[T], room: int, longest: int) -> tuple[int, int]:
        """Up to which id, in how many pages; parts of equal length, none longer than a chain. No pages: no use."""
        pages, limit = self._pages(stretch), min(room, longest)
        if pages <= limit * (1 + EXCESS) or stretch.most <= 1:
            return stretch.upto, min(limit, max(stretch.least, ceil(pages + SPARE_PAGES)), stretch.most)
        if limit == longest:
            parts = max(1, ceil(pages / limit - EXCESS))
            return stretch.after + max(1, stretch.span // parts), min(limit, ceil(pages / parts + SPARE_PAGES))
        if limit < longest // LEAST_CUT:
            return stretch.upto, 0
        return stretch.after + max(1, int(stretch.span * (limit - SPARE_PAGES / 2) / pages)), limit

    def _share(self, stretch: Stretch[T], room: int, longest: int) -> tuple[int, int]:
        """The same where there are gaps: long stretches in parts, chains no longer than what is proved bears."""
        pages, upto, most = self._pages(stretch), stretch.upto, stretch.most
        if pages > 2 * longest:
            parts = min(PARTS, ceil(pages / longest))
            upto, pages = stretch.after + max(1, stretch.span // parts), pages / parts
            most = ceil((upto - stretch.after) / PAGE)
        proved = STEP * stretch.proved or FIRST_STEP_PAGES
        return upto, min(room, longest, proved, max(stretch.least, ceil(pages + SPARE_PAGES)), most)

    def _lengthened(self, shares: list[_Share[T]], room: int) -> list[_Share[T]]:
        """The shares of a request that nothing else will fill, up to four times as long where the list may be."""
        room -= sum(share.pages for share in shares)
        longer = []
        looking = not self._looked and len(shares) > 1
        for share in shares:
            alone = share.upto == share.stretch.upto and not looking and self._torn < PARTS
            useful = min(ceil(self._pages(share.stretch) + SPARE_PAGES), share.stretch.most) if alone else 0
            more = max(0, min(room, useful - share.pages, 3 * share.pages))
            longer.append(replace(share, pages=share.pages + more))
            room -= more
        return longer

    def _begin(self, share: _Share[T]) -> Chain[T]:
        stretch = share.stretch
        if share.upto < stretch.upto:
            stretch = self._cut(stretch, share.upto)
        stretch.under_way = True
        return Chain(stretch, stretch.after, share.pages)

    def _cut(self, stretch: Stretch[T], upto: int) -> Stretch[T]:
        lower = replace(stretch, upto=upto, open=False)
        self._stretches.insert(self._stretches.index(stretch), lower)
        stretch.after, stretch.proved, stretch.least, stretch.waiting = upto, 0, 0, deque()
        return lower

    def _take_in(self, chain: Chain[T], found: Found[T]) -> None:
        stretch, pages = chain.stretch, ceil(found.rows / PAGE)
        expected, read = self._pages(stretch), (stretch.upto if found.over else found.last) - stretch.after
        self._learn(found.rows, read)
        self._torn = self._torn + 1 if found.torn and pages <= 1 else self._torn if pages <= 1 else 0
        stretch.under_way, stretch.over = False, found.over
        stretch.after = max(stretch.after, min(found.last, stretch.upto))
        stretch.rows, stretch.ids = stretch.rows + found.rows, stretch.ids + read
        stretch.proved += pages
        stretch.least = 2 * pages if pages >= max(expected, chain.pages) else 0
        if found.rows:
            stretch.waiting.append((found.rows, found.kept))
            self._waiting_pages += pages

    def _learn(self, rows: int, ids: int) -> None:
        self._rows += rows
        self._ids += ids
        if ids and len(self._samples) < SAMPLES:
            self._samples.append(rows / ids)

    @property
    def _even(self) -> bool:
        return self._unevenness() < EVEN

    def _unevenness(self) -> float:
        mean = fmean(self._samples) if len(self._samples) > 1 else 0.0
        return pstdev(self._samples, mean) / mean if mean else inf

    def _pages(self, stretch: Stretch[T]) -> float:
        """How many pages to expect in what is left of a stretch."""
        return max(0.02, stretch.span * self._density(stretch) / PAGE)

    def _density(self, stretch: Stretch[T]) -> float:
        if not self._ids:
            return self._guess
        overall = max(self._rows, 1) / self._ids
        prior = PAGE * (EVEN_PRIOR_PAGES if self._even else PRIOR_PAGES)
        return (stretch.rows + prior) / (stretch.ids + prior / overall)
