"""Moments as the portal writes and reads them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from backoffice.sandbox.bitrix24.config import PORTAL_ZONE

_SITE_FORMATS = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y")


def in_portal_zone(moment: datetime) -> str:
    """ISO 8601 to the second with the portal's offset, as in every date of an answer."""
    return moment.astimezone(PORTAL_ZONE).replace(microsecond=0).isoformat()


def in_site_format(moment: datetime, pattern: str) -> str:
    """As lists show it: the portal's own time in the site's format, without an offset."""
    return moment.astimezone(PORTAL_ZONE).strftime(pattern)


def moment(text: str, naive_in: ZoneInfo = PORTAL_ZONE) -> datetime:
    """ISO 8601 or the site's format; a moment without an offset is in `naive_in`. ValueError if neither."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = _site_moment(text)
    return found if found.tzinfo else found.replace(tzinfo=naive_in)


def _site_moment(text: str) -> datetime:
    for pattern in _SITE_FORMATS:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 - the caller knows the zone
        except ValueError:
            continue
    raise ValueError(f"not a date: {text}")
