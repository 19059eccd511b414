"""Our own client, made as `backoffice.connections` makes it, and writing as our processes write."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.contacts_by_origin import contacts_by_origin
from backoffice.bitrix24.doubt import write_and_find
from backoffice.bitrix24.errors import TryLater
from backoffice.bitrix24.lanes import Lanes
from backoffice.bitrix24.transport import read_webhook
from backoffice.store.engine import open_engine
from backoffice.store.portal_budget import SharedBudget
from tests.benchmarks.people import ORIGINATOR, Known, fields

TRIES = 3


class Ours:
    """On the budget that all processes of one store share."""

    operating_seconds = 480.0

    def __init__(self, webhook: str, database: str) -> None:
        access = read_webhook(webhook)
        budget = SharedBudget(open_engine(database), access.host, 50.0, 2.0)
        self._portal = Portal(access, budget, lanes=Lanes(), operating_seconds=self.operating_seconds)
        budget.take(0)  # the store's connection, and the row of the portal

    def rows(self, method: str, params: dict[str, Any]) -> Iterable[Mapping[str, Any]]:
        return self._portal.rows(method, **json.loads(json.dumps(params)))

    def add(self, keys: Iterable[str]) -> Known:
        """A write without an answer is looked for by its key, and sent again if it was not done.

        What was not even sent is sent when the task is tried again, as `backoffice.retries` has it.
        """
        known, pending = Known(), list(keys)
        for _ in range(TRIES):
            commands = [Command("crm.contact.add", {"fields": fields(key)}, key) for key in pending]
            written = write_and_find(self._portal, commands, self._find)
            known.ids |= written.results
            known.failed = {key: type(error).__name__ for key, error in written.failures.items()} | known.failed
            pending = [key for key, error in written.failures.items() if isinstance(error, TryLater)]
            if not pending:
                break
        return Known(known.ids, {key: reason for key, reason in known.failed.items() if key not in known.ids})

    def _find(self, keys: Collection[str]) -> Mapping[str, Any]:
        return contacts_by_origin(self._portal, ORIGINATOR, keys)


class Granted(Ours):
    """Told in portal.toml that this portal grants as much operating time as is wanted."""

    operating_seconds = 1e9
