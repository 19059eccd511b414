"""`portal.facts.json`: what portal-probe found out, kept between runs."""

import json
import logging
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from backoffice.rules.portal_facts import ASSUMED, PortalFacts
from backoffice.rules.timepad_facts import EXPECTED, TimepadFacts

log = logging.getLogger(__name__)


class InvalidFacts(Exception):
    """The file cannot be used; the message (Russian) says why and what to do."""


@dataclass(frozen=True)
class PortalPart:
    """What is known of one portal; `untried` says why of the facts that could not be tried."""

    host: str
    facts: PortalFacts = ASSUMED
    untried: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TimepadPart:
    """What is known of Timepad, and the forms of its answers without their contents."""

    facts: TimepadFacts = EXPECTED
    untried: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Findings:
    """The whole file; `probed_at` is the portal's time."""

    probed_at: datetime
    portal: PortalPart
    timepad: TimepadPart | None = None


FORMAT = TypeAdapter(Findings)


def read_facts(path: Path, host: str) -> PortalFacts:
    """The facts about the portal; the assumptions where there is no file, or one about another portal.

    InvalidFacts if the file is not one that portal-probe writes.
    """
    if not path.exists():
        return ASSUMED
    try:
        portal = FORMAT.validate_json(path.read_bytes()).portal
    except ValidationError as fault:
        places = ", ".join(".".join(map(str, one["loc"])) or "весь файл" for one in fault.errors())
        raise InvalidFacts(f"{path.name} не читается ({places}): удалите его или запустите portal-probe") from None
    if portal.host != host:
        log.warning("%s is about %s: %s counts as never probed", path.name, portal.host, host)
        return ASSUMED
    return portal.facts


def write_facts(path: Path, findings: Findings) -> None:
    """Replace the file at once and whole: who reads it meanwhile gets the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    content = FORMAT.dump_python(findings, mode="json")
    fresh.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    fresh.replace(path)
