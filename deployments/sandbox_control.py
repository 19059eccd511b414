"""Hands on the sandbox: its clock, what happens at Timepad and at the fund's site, and what its portal holds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx


@dataclass(frozen=True)
class SandboxEvent:
    """An event at the sandbox's Timepad. `absent_ticket`: one that was sold and not let in, 0 if there is none."""

    id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    absent_ticket: int


class SandboxControl:
    """`http` has the sandbox's address as its base."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def now(self) -> datetime:
        """The sandbox's time."""
        return datetime.fromisoformat(self._get("/clock")["now"])

    def move_clock(self, moment: datetime) -> None:
        """Let time pass."""
        self._post("/clock", now=moment.isoformat())

    def portal(self) -> Any:
        """The whole portal; equal portals give equal answers."""
        return self._get("/dump")["portal"]

    def event_going_on(self) -> SandboxEvent:
        """The event of the seed that has begun and not ended."""
        now = self.now()
        return next(event for event in self._events() if event.starts_at <= now < event.ends_at)

    def past_event(self) -> SandboxEvent:
        """The event of the seed that ended long ago."""
        now = self.now()
        return next(event for event in self._events() if event.ends_at < now)

    def _events(self) -> list[SandboxEvent]:
        return [
            SandboxEvent(
                event["id"],
                event["name"],
                datetime.fromisoformat(event["starts_at"]),
                datetime.fromisoformat(event["ends_at"]),
                _absent_ticket(event),
            )
            for event in self._get("/dump?with_times=1")["timepad"]["events"]
        ]

    def aim_hooks(self, url: str) -> None:
        """Timepad's hooks go here from now on."""
        self._post("/timepad/hook_target", url=url)

    def aim_donations(self, url: str) -> None:
        """The fund's site tells this address of its donations; signed by the wall's clock, as it is verified."""
        self._post("/leyka/switches", url=url, signs_by="wall")

    def donate(self, **donation: Any) -> list[Any]:
        """Somebody donates at the fund's site; gives what became of the deliveries, also of those that waited."""
        told: list[Any] = self._post("/leyka/donate", **donation)["deliveries"]
        return told

    def mend_silently(self, donation_id: int, amount: str) -> None:
        """Somebody changes a donation's sum straight in the database of the fund's site, which tells nobody."""
        self._post("/leyka/edit", donation_id=donation_id, amount=amount, silently=True)

    def deliver_again(self) -> list[Any]:
        """The fund's site tells everything that it ever told; gives what became of the deliveries."""
        told: list[Any] = self._post("/leyka/deliver", again=True)["deliveries"]
        return told

    def plant(self, seed: str, **size: int) -> dict[str, Any]:
        """Add what the named seed holds; gives the ids it made."""
        planted: dict[str, Any] = self._post("/seed", name=seed, **size)
        return planted

    def letters(self) -> list[dict[str, Any]]:
        """What has come into the mailbox, in the order of arrival."""
        found: list[dict[str, Any]] = self._get("/mail")["letters"]
        return found

    def show_application(self, page: str) -> None:
        """The portal opens this address in a frame of `/marketplace/app/`."""
        self._post("/portal", application_page=page)

    def check_in(self, event: SandboxEvent) -> list[Any]:
        """The absent one arrives; gives what became of the hook's deliveries."""
        told: list[Any] = self._post("/timepad/check_in", event_id=event.id, ticket_id=event.absent_ticket)[
            "deliveries"
        ]
        return told

    def _get(self, path: str) -> Any:
        return self._http.get(f"/_sandbox{path}").raise_for_status().json()

    def _post(self, path: str, /, **body: Any) -> Any:
        return self._http.post(f"/_sandbox{path}", json=body).raise_for_status().json()


def _absent_ticket(event: dict[str, Any]) -> int:
    sold = (order for order in event["orders"] if order["status"] in {"ok", "paid"})
    absent = (ticket["id"] for order in sold for ticket in order["tickets"] if not ticket["came"])
    return next(absent, 0)
