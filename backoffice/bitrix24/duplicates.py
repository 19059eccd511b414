"""The portal's own search for contacts with the same phone or e-mail (crm/duplicates)."""

from collections.abc import Sequence
from typing import Literal

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.wire import as_map
from backoffice.rules.portal_facts import PortalFacts

MOST_VALUES = 20
"""What the portal takes in one command."""


def find_by_comm(
    portal: Portal, kind: Literal["EMAIL", "PHONE"], groups: Sequence[list[str]], facts: PortalFacts
) -> tuple[set[int], list[list[str]]]:
    """The ids found for the groups of values, and the groups whose answer may be cut; 50 groups a request."""
    commands = [
        # The item is a number, because items stand in the message of a failure and what people are reached by must not.
        Command("crm.duplicate.findbycomm", {"type": kind, "entity_type": "CONTACT", "values": group}, number)
        for number, group in enumerate(groups)
    ]
    ids: set[int] = set()
    cut: list[list[str]] = []
    for group, answer in zip(groups, portal.batch(commands).values(), strict=True):
        hits = [int(hit) for hit in as_map(as_map(answer).get("CONTACT")).values()]
        if len(hits) >= facts.findbycomm_most:
            cut.append(group)
        ids.update(hits)
    return ids, cut
