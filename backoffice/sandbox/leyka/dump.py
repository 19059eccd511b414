"""The site as JSON."""

from typing import Any

from backoffice.sandbox.leyka.donations import spelled
from backoffice.sandbox.leyka.state import LeykaState


def dump_leyka(site: LeykaState, *, with_times: bool = False) -> dict[str, Any]:
    """Donations by their ids, and how far the outbox is; without times equal histories give equal dumps."""
    with site.lock:
        rows = [site.shown(donation_id) or {} for donation_id in sorted(site.donations)]
        undelivered = [event.seq for event in site.outbox if not event.delivered]
        newest = len(site.outbox)
    times = {"now": spelled(site.clock.now())} if with_times else {}
    hidden = () if with_times else ("created_at", "status_log")
    donations = [{name: value for name, value in row.items() if name not in hidden} for row in rows]
    return {"donations": donations, "newest_seq": newest, "undelivered": undelivered, **times}
