"""Ready-made worlds by name. Everybody in them is invented; addresses end in example.org, phones are +7 999 000 …"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from backoffice.sandbox.seeds.big import big
from backoffice.sandbox.seeds.donations import donations
from backoffice.sandbox.seeds.lessons import lessons
from backoffice.sandbox.seeds.million import million
from backoffice.sandbox.seeds.recorded import recorded
from backoffice.sandbox.seeds.sales import called, sales
from backoffice.sandbox.seeds.seminar import seminar
from backoffice.sandbox.seeds.twins import twins

if TYPE_CHECKING:  # the world plants its seeds itself
    from backoffice.sandbox.world import World

SEEDS: dict[str, Callable[..., dict[str, Any]]] = {
    "seminar": seminar,
    "big": big,
    "lessons": lessons,
    "donations": donations,
    "recorded": recorded,
    "million": million,
    "twins": twins,
    "sales": sales,
    "called": called,
}


def plant(world: "World", name: str, **size: int) -> dict[str, Any]:
    """Add the named seed to what the world holds; gives the ids it made. KeyError for an unknown name."""
    if name not in SEEDS:
        raise KeyError(f"no seed {name!r}; there are: {', '.join(SEEDS)}")
    return SEEDS[name](world, **size)
