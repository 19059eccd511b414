"""Funnels of deals and their stages (crm/universal/category, crm/status)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal
from backoffice.rules.portal_shape import PortalFunnel, PortalStage
from backoffice.rules.portal_words import Semantic

DEAL = 2
SEMANTICS: dict[str, Semantic] = {"S": "success", "success": "success", "F": "failure", "failure": "failure"}
SEMANTICS["apology"] = "failure"


def stage_directory(funnel_id: int) -> str:
    """Where the stages of a funnel are kept: `DEAL_STAGE` for the first funnel, `DEAL_STAGE_9` for the others."""
    return f"DEAL_STAGE_{funnel_id}" if funnel_id else "DEAL_STAGE"


def read_funnels(answer: Any) -> tuple[PortalFunnel, ...]:
    """The funnels in an answer of `crm.category.list`, without their stages."""
    return tuple(PortalFunnel(int(row["id"]), row["name"]) for row in answer["categories"])


def read_stages(portal: Portal, funnels: Iterable[PortalFunnel]) -> tuple[PortalFunnel, ...]:
    """The same funnels with their stages: one batch."""
    commands = [Command("crm.status.list", _directory(funnel), funnel) for funnel in funnels]
    answers = portal.batch(commands).values()
    return tuple(
        replace(command.item, stages=tuple(_stage(row) for row in rows))
        for command, rows in zip(commands, answers, strict=True)
    )


def _directory(funnel: PortalFunnel) -> dict[str, Any]:
    return {"filter": {"ENTITY_ID": stage_directory(funnel.id)}, "order": {"SORT": "ASC"}}


def _stage(row: Mapping[str, Any]) -> PortalStage:
    """EXTRA.SEMANTICS is the reliable one; portals without it have the letter."""
    semantic = (row.get("EXTRA") or {}).get("SEMANTICS") or row.get("SEMANTICS") or ""
    return PortalStage(row["STATUS_ID"], row["NAME"], SEMANTICS.get(semantic, "process"))
