"""What follows from a stage: its meaning, whether the deal is closed, a row of history.

Official sources: crm/crm-stage-history-list.md, crm/deals/crm-deal-add.md.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backoffice.sandbox.bitrix24.crm.directories import Directories, stage_directory
from backoffice.sandbox.bitrix24.errors import Refusal

CREATED, MOVED, FINISHED, FUNNEL_CHANGED = 1, 2, 3, 5
STAGE_FIELDS = {"DEAL": ("STAGE_ID", "STAGE_SEMANTIC_ID"), "LEAD": ("STATUS_ID", "STATUS_SEMANTIC_ID")}


@dataclass(frozen=True)
class HistoryRow:
    id: int
    entity: str
    type_id: int
    owner_id: int
    created: datetime
    category_id: int
    semantics: str
    stage_id: str


def consequences(entity: str, values: dict[str, Any], directories: Directories) -> dict[str, Any]:
    """Fields derived from the stage in `values`; a stage foreign to the funnel is refused."""
    stage_field, semantic_field = STAGE_FIELDS[entity]
    directory = stage_directory(values.get("CATEGORY_ID") or 0) if entity == "DEAL" else "STATUS"
    stage = directories.find(directory, values[stage_field])
    if stage is None:
        raise Refusal("CRM_FIELD_ERROR_VALUE_NOT_VALID", f'Invalid value for field "{stage_field}"')
    derived = {semantic_field: stage.semantics or "P"}
    return {**derived, "CLOSED": "Y" if stage.semantics else "N"} if entity == "DEAL" else derived


def history_type(entity: str, old: dict[str, Any] | None, new: dict[str, Any]) -> int | None:
    """The TYPE_ID of the row this change leaves, or None for a change that leaves none."""
    stage_field, semantic_field = STAGE_FIELDS[entity]
    if old is None:
        return CREATED
    if old.get("CATEGORY_ID") != new.get("CATEGORY_ID"):
        return FUNNEL_CHANGED
    if old[stage_field] == new[stage_field]:
        return None
    return MOVED if new[semantic_field] == "P" else FINISHED
