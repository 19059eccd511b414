"""The comment with which a call task is closed: written once, whatever is lost, killed or run at the same time.

Without REST 3.0 it is a comment of the task, found again by its mark. With it, it is a message to the task's chat under
an idempotency key. Where comments cannot be read back, one without an answer is sent again only while the key is worth
something: rather no comment than two.

The comment goes before the completion. Where a run dies, the next one finds:

claimed, no answer         the comment by its mark; where it cannot be read, it sends it again under its key within the
                           day, and otherwise takes it for written
commented, not completed   the claim: it completes the task, and says nothing twice
completed, not noted       the claim of the comment: the task counts as closed by us, not as a call
refused                    the reason among the failures; the task is completed all the same
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.doubt import moment
from backoffice.bitrix24.rest_3 import KEY_WORTH, KeyedWrites
from backoffice.bitrix24.task_comments import COMMENT, MESSAGE, comment_params, find_comments, message_params
from backoffice.once import Created, Creation, OnceOnly
from backoffice.rules.portal_facts import PortalFacts
from backoffice.store import effects

KIND = "call closed"


@dataclass(frozen=True)
class Closing:
    """What to say in a task: `stamp` is in the text, and no other comment has it; `why` in the idempotency key."""

    task_id: int
    text: str
    stamp: str
    why: str


@dataclass(frozen=True)
class ClosingComments:
    """Writes closing comments, one for a task's natural key."""

    portal: Portal
    engine: Engine
    facts: PortalFacts
    settle: timedelta

    def write(self, closings: Mapping[str, Closing]) -> Created:
        """Key -> comment, or 0 where nothing tells its id; the others in `failures`, as `OnceOnly.create` does."""
        params = message_params if self.facts.rest_3 else comment_params
        return self._once(closings).create(
            {key: Creation(key, params(one.task_id, one.text)) for key, one in closings.items()}
        )

    def _once(self, closings: Mapping[str, Closing]) -> OnceOnly:
        def find(keys: Collection[str]) -> dict[str, int]:
            return self._lost(keys) | self._there({key: closings[key] for key in keys})

        if self.facts.rest_3:
            keyed = KeyedWrites(self.portal, lambda key: f"backoffice {key} {closings[key].why}")
            return OnceOnly(keyed, self.engine, KIND, MESSAGE, find, _no_id, self.settle)
        return OnceOnly(self.portal, self.engine, KIND, COMMENT, find, _no_id, self.settle)

    def _there(self, closings: Mapping[str, Closing]) -> dict[str, int]:
        if not self.facts.task_comments_keep_marks:
            return {}
        found = find_comments(self.portal, {one.stamp: one.task_id for one in closings.values()})
        return {key: found[one.stamp] for key, one in closings.items() if one.stamp in found}

    def _lost(self, keys: Collection[str]) -> dict[str, int]:
        """What may stand there, and can neither be found nor harmlessly sent again, counts as written."""
        if not self.facts.rest_3:
            return {} if self.facts.task_comments_keep_marks else dict.fromkeys(keys, 0)
        since = moment(self.portal) - KEY_WORTH
        again = effects.claimed_since(self.engine, self.portal.host, KIND, keys, since)
        return {key: 0 for key in keys if key not in again}


def _no_id(_answer: object) -> int:
    """Nobody asks for the comment again."""
    return 0
