"""However donations are told of, and whatever happens to the runs, the portal and the letters end up the same.

CHAOS_SCHEDULES in the environment says how many schedules are tried, CHAOS_SEED from which seed on; a failure names its
own. Not compared are deals of donations that the site has thrown away: there is one, cancelled, if a run saw the
donation before.
"""

import os
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, get_args

import pytest

from backoffice.sandbox.faults.fault import Fault, MailKind, RequestKind
from tests.chaos.donations.conftest import TROUBLE
from tests.chaos.donations.ends import Ends, assert_same_letters, assert_same_portal
from tests.chaos.donations.site import STORIES, Site, deliver

if TYPE_CHECKING:
    from tests.chaos.donations.conftest import Office

SCHEDULES = int(os.environ.get("CHAOS_SCHEDULES", "100"))
FIRST_SEED = int(os.environ.get("CHAOS_SEED", "0"))
PARTS = 6
PORTAL_TROUBLES: tuple[RequestKind, ...] = get_args(RequestKind)
REFUSALS: tuple[RequestKind, ...] = ("expired_token", "invalid_credentials")
"""Nobody tries again what was refused once the deals stand: those strike before."""
LAGGING = "stale_read"
"""Not beside writes that are executed late: what a portal shows neither at once nor when the time for it is over, no
client can tell from what was never done.
"""
WRITES = "*.add *.update *.delete *.merge*"
MAIL_TROUBLES: tuple[MailKind, ...] = get_args(MailKind)
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (0, 0, 20, 100, 600))
TALES = ("recorded", *STORIES)
WEIGHTS = (4, 5, 5, 5, 5, 5, 1)


class Schedule:
    """One life of a site and of the program beside it, as the seed chooses."""

    def __init__(self, office: "Office", site: Site, seed: int) -> None:
        self._office, self._site, self._seed = office, site, seed
        self._chance = Random(seed)  # noqa: S311 — to be repeatable
        self._met: set[str] = set()

    @property
    def doubted(self) -> bool:
        """Whether nobody may know of a letter whether it left."""
        return bool(self._met & {"death", "mail_cut_after_data", "mail_cut_unkept"})

    @property
    def refused(self) -> bool:
        """Whether the mail server may have refused a letter for good."""
        return bool(self._met & {"mail_reject", "mail_reject_data"})

    def play(self) -> None:
        """Disturbed runs while the site lives, one after another or inside another."""
        for _ in range(self._chance.randint(1, 3)):
            self._go_on()
            self._order_faults()
            self._run(nested=False)
            self._office.pass_by(self._chance.choice(PAUSES))

    def _go_on(self) -> None:
        """Something happens at the site, and some of what it tells arrives: in any order, again, or not at all."""
        self._site.live(self._chance.randint(0, self._site.ahead))
        told = list(self._site.told)
        deliver(self._chance.choices(told, k=self._chance.randint(0, len(told))) if told else [])
        self._office.line.up = self._chance.random() < 0.8

    def _order_faults(self) -> None:
        faults = [self._fault() for _ in range(self._chance.choice((0, 0, 1, 2)))]
        if "late_write" in {fault.kind for fault in faults}:
            faults = [fault for fault in faults if fault.kind != LAGGING]
        self._met |= {fault.kind for fault in faults}
        self._office.world.faults.order(*faults)

    def _fault(self) -> Fault:
        kind = self._chance.choice((*PORTAL_TROUBLES, *MAIL_TROUBLES))
        methods = "smtp" if kind in MAIL_TROUBLES else self._chance.choice(("*", WRITES))
        methods = "crm.item.list crm.item.add" if kind in REFUSALS else methods
        return Fault(
            kind=kind,
            methods=methods,
            probability=self._chance.choice((0.2, 0.5, 1)),
            start=self._chance.randint(1, 4),
            times=self._chance.randint(1, 4),
            seed=str(self._seed),
        )

    def _run(self, *, nested: bool) -> None:
        which, donation_id = self._form()
        between = None if nested or self._chance.random() < 0.5 else (self._chance.randint(1, 120), self._meanwhile)
        dies_at = self._chance.randint(1, 200) if self._chance.random() < 0.5 else None
        try:
            if not self._office.run(which, donation_id, dies_at, between):
                self._met.add("death")
        except TROUBLE:
            return

    def _form(self) -> tuple[str, int | None]:
        if self._site.donation_ids and self._chance.random() < 0.1 and self._office.line.up:
            return "one", self._chance.choice(self._site.donation_ids)
        return self._chance.choice(("due", "due", "hinted", "hinted", "nightly")), None

    def _meanwhile(self) -> None:
        if self._chance.random() < 0.5:
            self._go_on()
        self._run(nested=True)


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, Ends]:
    """What stands after a life that nothing disturbed, by its story; made when first asked for."""
    return {}


@pytest.mark.parametrize("part", range(PARTS))
def test_every_schedule_ends_the_same(office: "Office", undisturbed: dict[str, Ends], part: int) -> None:
    """One deal each, one contact each, one letter each; no twin is left, and nothing to do."""
    for seed in range(FIRST_SEED + part, FIRST_SEED + SCHEDULES, PARTS):
        tale = Random(seed).choices(TALES, WEIGHTS)[0]  # noqa: S311 — to be repeatable
        try:
            if tale not in undisturbed:
                undisturbed[tale] = in_peace(office, tale)
            play(office, tale, seed, undisturbed[tale])
        except Exception as fault:
            fault.add_note(f"CHAOS_SEED={seed} CHAOS_SCHEDULES=1: «{tale}»")
            raise


def in_peace(office: "Office", tale: str) -> Ends:
    """Everything happens, and then the program runs."""
    site = office.open_anew(tale)
    site.live(site.ahead)
    assert office.run()
    office.calm_down()
    assert office.run()
    assert office.writes_of_another() == 0
    return Ends(office.world)


def play(office: "Office", tale: str, seed: int, undisturbed: Ends) -> None:
    site = office.open_anew(tale)
    schedule = Schedule(office, site, seed)
    schedule.play()
    site.live(site.ahead)
    office.calm_down()
    assert office.run()
    ends = Ends(office.world)
    assert_same_portal(ends, undisturbed)
    assert_same_letters(ends, undisturbed, doubted=schedule.doubted, refused=schedule.refused)
    assert office.writes_of_another() == 0
