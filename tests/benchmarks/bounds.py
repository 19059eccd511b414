"""What no client can undercut: 50 rows a page, 50 commands a request, a bucket of 50 that drains by 2 a second."""

from math import ceil

PAGE, COMMANDS = 50, 50
BUCKET, DRAIN = 50, 2.0


def reads(rows: int) -> int:
    """Requests for a listing of so many rows."""
    return ceil(rows / PAGE / COMMANDS)


def writes(commands: int) -> int:
    """Requests for so many commands."""
    return ceil(commands / COMMANDS)


def seconds(requests: int, level: int = 0) -> float:
    """Before the last of so many requests is let in, beginning with this level of the bucket."""
    return max(0.0, (requests + level - BUCKET) / DRAIN)
