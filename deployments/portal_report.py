"""What an import left in the portal, counted in the sandbox's dump and nowhere else."""

import re
import tomllib
from dataclasses import dataclass
from typing import Any

from deployments.environment import CHECKOUT

PORTAL_TOML = CHECKOUT / "portal.toml"


@dataclass(frozen=True)
class PortalReport:
    """Counts of one event's section against the portal before it; contacts by their ids."""

    sections: int
    elements: int
    attended: int
    created: frozenset[int]
    recognised: frozenset[int]
    first_timers: frozenset[int]
    returning: frozenset[int]
    section_url: str


def report(before: Any, after: Any, title: str) -> PortalReport:
    """Compare two dumps of the portal; `title` is the event's. No list or no section counts as none of everything."""
    words = tomllib.loads(PORTAL_TOML.read_text(encoding="utf-8"))["attendance_import"]
    listed = words["lists"]["events"]
    kept = _list(after, listed["code"])
    sections = [row["id"] for row in kept["sections"] if row["name"] == title]
    elements = [row for row in kept["elements"] if row["section"] in sections]
    known = {contact["ID"] for contact in before["contacts"]}
    visits = _visits(after, words["contact_fields"]["events_attended"]["code"])
    participants = {_number(value) for value in _values(elements, listed["fields"]["participant"]["code"])}
    return PortalReport(
        sections=len(sections),
        elements=len(elements),
        attended=_values(elements, listed["fields"]["attended"]["code"]).count("да"),
        created=frozenset(visits.keys() - known),
        recognised=frozenset(participants & known),
        first_timers=frozenset(one for one in participants if visits[one] == 1),
        returning=frozenset(one for one in participants if visits[one] > 1),
        section_url=f"/company/lists/{kept['id']}/view/{sections[0]}/" if sections else "/contacts",
    )


def counts(page: str) -> dict[str, int]:
    """The rows of a two-column table in Markdown whose second column is a number."""
    return {label: int(number) for label, number in re.findall(r"^\| (.+?) \| (\d+) \|$", page, re.MULTILINE)}


def _list(portal: Any, code: str) -> Any:
    nothing: dict[str, Any] = {"id": 0, "sections": [], "elements": []}
    return next((entry for entry in portal["lists"] if entry["code"] == code), nothing)


def _visits(portal: Any, field: str) -> dict[int, int]:
    """Contact -> how many events it attended, as its card says."""
    return {contact["ID"]: int(contact.get(field, 0)) for contact in portal["contacts"]}


def _values(elements: list[Any], field: str) -> list[str]:
    return [value for element in elements for value in element["values"].get(field, [])]


def _number(bound: str) -> int:
    """A bound contact is its number, or C_ and its number where the field may bind other things too."""
    return int(bound.removeprefix("C_"))
