"""Times as Timepad writes and reads them: Moscow's, in ISO form, in several spellings."""

from datetime import datetime
from zoneinfo import ZoneInfo

MOSCOW = ZoneInfo("Europe/Moscow")


def spelled(moment: datetime, style: str) -> str:
    """`moment` as `2026-09-15T19:00:00+0300`, with `+03:00`, or without an offset ("naive")."""
    local = moment.astimezone(MOSCOW)
    naive = local.strftime("%Y-%m-%dT%H:%M:%S")
    if style == "naive":
        return naive
    offset = local.strftime("%z")
    return naive + (offset if style == "+0300" else f"{offset[:3]}:{offset[3:]}")


def spelled_or_none(moment: datetime | None, style: str) -> str | None:
    return spelled(moment, style) if moment else None


def read(text: str) -> datetime:
    """A moment from a date or an ISO time; without an offset it is Moscow's. ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=MOSCOW)
