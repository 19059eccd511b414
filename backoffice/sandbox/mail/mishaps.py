"""What each kind of fault does to a letter on its way in."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from backoffice.sandbox.clock import Clock
from backoffice.sandbox.faults.dice import Strike
from backoffice.sandbox.faults.fault import Fault

KEPT = "250 2.0.0 Ok: queued"
GREYLISTED = "451 4.7.1 Greylisting in action, please come back later"
TOO_MANY = "421 4.7.0 Too many messages from your address, try again later"
NO_ROOM = "452 4.3.1 Insufficient system storage"
NO_SUCH_MAILBOX = "550 5.1.1 No such mailbox"
SPAM = "554 5.7.1 Message rejected as spam"


class Line(Protocol):
    """The connection, as far as a mishap goes."""

    def break_off(self) -> None: ...

    async def hang_up(self, status: str) -> None: ...


@dataclass(frozen=True)
class Scene:
    """A letter or one recipient of it, and the fault it met; `keep` puts the letter into the mailbox."""

    line: Line
    clock: Clock
    strike: Strike
    keep: Callable[[], object]


Act = Callable[[Scene], Awaitable[object]]


async def _nothing(_: Scene) -> None:
    """The answer is all that happens."""


@dataclass(frozen=True)
class Mishap:
    """What is done, and what is answered then; an empty answer means none."""

    answer: str = ""
    act: Act = _nothing

    @property
    def status(self) -> int:
        """The number at the beginning of the answer."""
        return int(self.answer[:3] or 0)


def fits(fault: Fault, possible: Iterable[str], recipients: Iterable[str]) -> bool:
    """Whether the fault could strike here; its patterns mean recipients, or all that comes by `smtp`."""
    return fault.kind in possible and any(map(fault.matches, ("smtp", *recipients)))


async def _loss() -> None:
    """Does not end: the task that waits here is cancelled when its connection is lost."""
    await asyncio.Event().wait()


async def _hang_up(scene: Scene) -> None:
    await scene.line.hang_up(TOO_MANY)
    await _loss()


async def _cut(scene: Scene) -> None:
    scene.line.break_off()
    await _loss()


async def _cut_after(scene: Scene) -> None:
    scene.keep()
    await _cut(scene)


async def _slow(scene: Scene) -> None:
    scene.keep()
    if scene.clock.frozen:
        await asyncio.to_thread(scene.clock.advance, scene.strike.seconds)
    else:
        await asyncio.sleep(scene.strike.seconds)


AT_RECIPIENT = {
    "mail_greylist": Mishap(GREYLISTED),
    "mail_later": Mishap(TOO_MANY, _hang_up),
    "mail_reject": Mishap(NO_SUCH_MAILBOX),
}
BEFORE_TEXT = {"mail_cut_before_data": Mishap(act=_cut)}
AFTER_TEXT = {
    "mail_later_data": Mishap(NO_ROOM),
    "mail_reject_data": Mishap(SPAM),
    "mail_cut_after_data": Mishap(act=_cut_after),
    "mail_cut_unkept": Mishap(act=_cut),
    "mail_slow": Mishap(KEPT, _slow),
}
