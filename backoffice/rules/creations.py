"""What becomes of contacts to be made, whoever makes them."""

from collections.abc import Mapping
from typing import Protocol


class Creations(Protocol):
    """Contacts made: ids by person key, which of them are new, and why the others could not be made."""

    @property
    def ids(self) -> Mapping[str, int]: ...
    @property
    def fresh(self) -> frozenset[str]: ...
    @property
    def failures(self) -> Mapping[str, Exception]: ...
