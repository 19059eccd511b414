"""Deleting deals."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.doubt import ROUNDS
from backoffice.bitrix24.errors import AmbiguousWrite, NotFound, PortalError
from backoffice.bitrix24.funnels import DEAL


@dataclass(frozen=True)
class Removed:
    """The deals that are gone now, and why the others are not."""

    ids: frozenset[int]
    failures: Mapping[int, PortalError]


def delete_deals(portal: Portal, ids: Iterable[int]) -> Removed:
    """Delete deals with all that is in them; 50 a request. One that is gone already counts as deleted.

    A deletion without an answer is asked for again at once: it cannot happen twice.
    """
    gone: set[int] = set()
    left = sorted(set(ids))
    failures: dict[int, PortalError] = {}
    for _ in range(ROUNDS):
        result = portal.batch(Command("crm.item.delete", {"entityTypeId": DEAL, "id": own}, own) for own in left)
        failures = {own: error for own, error in result.failed if not isinstance(error, NotFound)}
        gone.update(own for own in left if own not in failures)
        left = sorted(failures)
        if not any(isinstance(error, AmbiguousWrite) for error in failures.values()):
            break
    return Removed(frozenset(gone), failures)
