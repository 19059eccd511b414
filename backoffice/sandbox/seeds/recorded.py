"""A fund's site as it was when a real plugin was recorded, only that all of it has happened just now."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any

from backoffice.sandbox.leyka.donations import Donation, Giver, spelled
from backoffice.sandbox.leyka.recording import deliveries
from backoffice.sandbox.leyka.state import Event

if TYPE_CHECKING:  # the world plants its seeds itself
    from backoffice.sandbox.world import World


def recorded(world: "World") -> dict[str, Any]:
    """Instead of what the site had: the recorded donations, and their events as they were told, not yet delivered.

    Gives the ids of the donations that are there still.
    """
    site, bodies = world.leyka, deliveries()
    age = world.clock.now() - datetime.fromisoformat(bodies[-1]["occurred_at"])
    later = timedelta(seconds=int(age.total_seconds()))
    with site.lock:
        site.clear()
        for body in bodies:
            happen(site.donations, body, later)
            site.outbox.append(_event(body, later))
        site.ids = count(bodies[-1]["donation_id"] + 1)
    return {"donation_ids": sorted(site.donations)}


def happen(donations: dict[int, Donation], body: dict[str, Any], later: timedelta) -> None:
    """The donation becomes what the event tells of it."""
    told = body["donation"]
    if body["kind"] == "deleted":
        del donations[body["donation_id"]]
    elif told is not None:
        donations[told["id"]] = _donation(told, donations, later)


def _donation(told: dict[str, Any], donations: dict[int, Donation], later: timedelta) -> Donation:
    donation = Donation(
        told["id"],
        _moved(told["created_at"], later),
        Decimal(told["amount"]),
        told["campaign"]["id"],
        _giver(told),
        told["status"],
        told["payment_type"],
        gateway_ids=dict(told["gateway_ids"]),
        error_id=told["error_id"],
        log=[(_moved(entry["at"], later), entry["status"]) for entry in told["status_log"]],
        user_id=told["donor"]["user_id"],
    )
    if told["is_subscription_start"]:
        donation.first, donation.subscription_active = donation, told["subscription_active"]
    elif told["subscription_id"] is not None:
        donation.first = donations[told["subscription_id"]]
    return donation


def _giver(told: dict[str, Any]) -> Giver:
    donor, fields = told["donor"], dict(told["additional_fields"])
    return Giver(donor["name"], donor["email"], fields.get("phone1", ""), donor["comment"])


def _event(body: dict[str, Any], later: timedelta) -> Event:
    told = body["donation"]
    return Event(
        body["seq"],
        body["event_id"],
        body["kind"],
        body["donation_id"],
        body["old_status"],
        body["new_status"],
        _moved(body["occurred_at"], later),
        told and _later(told, later),
    )


def _later(told: dict[str, Any], later: timedelta) -> dict[str, Any]:
    log = [{**entry, "at": spelled(_moved(entry["at"], later))} for entry in told["status_log"]]
    return {**told, "created_at": spelled(_moved(told["created_at"], later)), "status_log": log}


def _moved(moment: str, later: timedelta) -> datetime:
    return datetime.fromisoformat(moment) + later
