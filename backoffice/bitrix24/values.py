"""Bitrix24's shapes and ours: dates, multiple values, links."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

SITE_FORMATS = (
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y",
)
BINDING = re.compile(r"^(?:C_)?(\d+)$")


def read_moment(text: str | None, zone: tzinfo, site: str = SITE_FORMATS[0]) -> datetime | None:
    """A moment in any form the portal gives it: ISO with or without an offset, or the site's own format.

    `site` is that format where it is known; it goes before those that portals usually have, because `02/03/2026` is
    two days. Naive text is in the portal's zone. Empty is None; ValueError names text that is none of these.
    """
    if not text:
        return None
    moment = _read_iso(text) or _read_site(text, (*_shortened(site), *SITE_FORMATS))
    if moment is None:
        raise ValueError(f"not a date that a portal writes: {text!r}")
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _read_iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _shortened(site: str) -> tuple[str, ...]:
    """A portal leaves out the seconds, or the whole time, when they are zero."""
    return site, site.replace(":%S", ""), site.split(" ")[0]


def _read_site(text: str, forms: Iterable[str]) -> datetime | None:
    for form in forms:
        try:
            return datetime.strptime(text.strip(), form)  # noqa: DTZ007 — the zone is the caller's
        except ValueError:
            continue
    return None


def read_day(text: str | None) -> date | None:
    """A date-only CRM field: it comes as midnight UTC written in the portal's offset, `2001-11-11T02:00:00+02:00`."""
    moment = read_moment(text, UTC)
    return moment.astimezone(UTC).date() if moment else None


def read_day_in(zone: tzinfo, text: Any) -> date | None:
    """The day of a moment by the clocks of a zone; None of an empty field."""
    moment = read_moment(str(text or ""), zone)
    return moment.astimezone(zone).date() if moment else None


def write_moment(moment: datetime, zone: tzinfo, shift_minutes: int = 0) -> str:
    """A moment for a field of a universal list: site time without an offset, `2024-12-31 23:59:59` (lists/elements).

    `shift_minutes`: how much later than sent the portal will show it.
    """
    shown = moment.astimezone(zone).replace(tzinfo=None) - timedelta(minutes=shift_minutes)
    return shown.strftime("%Y-%m-%d %H:%M:%S")


def values_of(raw: Any) -> list[str]:
    """All values of a property, in order: `{valueId: value}`, a list, a single value, or nothing."""
    if raw is None or raw is False or raw == "":
        return []
    if isinstance(raw, Mapping):
        return [str(value) for value in raw.values() if value not in (None, "")]
    if isinstance(raw, Iterable) and not isinstance(raw, str):
        return [str(value) for value in raw if value not in (None, "")]
    return [str(raw)]


def value_of(raw: Any) -> str:
    """The first value of a property, or the empty string."""
    return next(iter(values_of(raw)), "")


def bound_contact(value: str) -> int | None:
    """The contact in a CRM binding: a bare id when the field allows contacts alone, `C_3` when it allows more types.

    None for an empty binding and for one to something else than a contact.
    """
    match = BINDING.match(value)
    return int(match[1]) if match else None
