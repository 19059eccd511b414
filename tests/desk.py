"""A desk for carriers that keeps what they tell it."""

from collections.abc import Collection

from backoffice.rules.sending import Outcome


class Desk:
    """Grants everything but what it is told to refuse: `taken` cannot be claimed, `lost` may not leave."""

    def __init__(self) -> None:
        self.claimed: list[int] = []
        self.left: list[int] = []
        self.settled: dict[int, Outcome] = {}
        self.taken: set[int] = set()
        self.lost: set[int] = set()

    def claim(self, ids: Collection[int]) -> frozenset[int]:
        granted = frozenset(ids) - self.taken
        self.claimed += sorted(granted)
        return granted

    def leave(self, ids: Collection[int]) -> frozenset[int]:
        granted = frozenset(ids) - self.lost
        self.left += sorted(granted)
        return granted

    def settle(self, message_id: int, outcome: Outcome) -> None:
        self.settled[message_id] = outcome
