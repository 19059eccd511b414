"""Work in portions: one task of a flow handles a portion, never a row."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def chunked(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of at most `size` items, in their order."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
