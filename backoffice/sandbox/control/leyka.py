"""`/_sandbox/leyka/…`: people donate, gateways call back, staff mend; leyka-bridge tells the receiver."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from starlette.routing import Route

from backoffice.sandbox.control import leyka_bodies as sent
from backoffice.sandbox.control.body import Unfit, get, post
from backoffice.sandbox.control.overrides import Overrides, overridden
from backoffice.sandbox.leyka import life
from backoffice.sandbox.leyka.donations import Donation
from backoffice.sandbox.leyka.dump import dump_leyka
from backoffice.sandbox.world import World


def routes(world: World) -> list[Route]:
    """One address for each thing that can happen."""
    happenings, place = Happenings(world), "/_sandbox/leyka"
    return [
        get(place, lambda _: dump_leyka(world.leyka, with_times=True)),
        post(f"{place}/donate", sent.Donate, happenings.donate),
        post(f"{place}/status", sent.SetStatus, happenings.set_status),
        post(f"{place}/charge", sent.Charge, happenings.charge),
        post(f"{place}/twin", sent.Of, happenings.twin),
        post(f"{place}/edit", sent.Edit, happenings.edit),
        post(f"{place}/cancel", sent.Of, happenings.cancel),
        post(f"{place}/delete", sent.Of, happenings.delete),
        post(f"{place}/deliver", sent.Deliver, happenings.deliver),
        post(f"{place}/switches", Overrides, happenings.switch),
    ]


class Happenings:
    """Each method lets one thing happen, and answers with the donation and with what the receiver answered."""

    def __init__(self, world: World) -> None:
        self._world, self._site = world, world.leyka

    def donate(self, body: sent.Donate) -> dict[str, Any]:
        with self._site.at(body.created_at or self._site.now()):
            donation = life.donate(self._site, body.giver(), body.amount, body.campaign_id, recurring=body.recurring)
            if body.status is not None:
                life.set_status(self._site, donation, body.status, body.error_id)
        return self._told(donation)

    def set_status(self, body: sent.SetStatus) -> dict[str, Any]:
        return self._change(body, lambda one: life.set_status(self._site, one, body.status, body.error_id))

    def charge(self, body: sent.Charge) -> dict[str, Any]:
        first = self._donation(body.donation_id)
        if first.first is not first:
            raise Unfit(f"donation_id: {first.id} is not the first donation of a subscription")
        with self._quietly(body):
            new = life.charge(self._site, first, body.status, body.error_id, announced=body.announced)
        return self._told(new)

    def twin(self, body: sent.Of) -> dict[str, Any]:
        with self._quietly(body):
            new = life.twin(self._site, self._donation(body.donation_id))
        return self._told(new)

    def edit(self, body: sent.Edit) -> dict[str, Any]:
        return self._change(body, lambda one: life.edit(self._site, one, body.amount, body.campaign_id))

    def cancel(self, body: sent.Of) -> dict[str, Any]:
        return self._change(body, lambda one: life.cancel(self._site, one))

    def delete(self, body: sent.Of) -> dict[str, Any]:
        return self._change(body, lambda one: life.delete(self._site, one))

    def deliver(self, body: sent.Deliver) -> dict[str, Any]:
        """As WP-Cron does each minute."""
        if body.again:
            self._site.forget_deliveries()
        return {"deliveries": [asdict(one) for one in self._world.bridge.deliver()]}

    def switch(self, body: Overrides) -> dict[str, Any]:
        self._site.switches = overridden(self._site.switches, body.root)
        return asdict(self._site.switches)

    def _change(self, body: sent.Of, change: Callable[[Donation], None]) -> dict[str, Any]:
        donation = self._donation(body.donation_id)
        with self._quietly(body):
            change(donation)
        return self._told(donation)

    @contextmanager
    def _quietly(self, body: sent.Of) -> Iterator[None]:
        """Nothing that happens inside stays in the outbox, if that is asked for."""
        with self._site.lock:
            known = len(self._site.outbox)
            yield
            if body.silently:
                del self._site.outbox[known:]

    def _told(self, donation: Donation) -> dict[str, Any]:
        told = [asdict(one) for one in self._world.bridge.deliver()]
        return {"donation_id": donation.id, "status": donation.status, "deliveries": told}

    def _donation(self, donation_id: int) -> Donation:
        donation = self._site.donations.get(donation_id)
        if donation is None:
            raise Unfit(f"donation_id: the site has no donation {donation_id}")
        return donation
