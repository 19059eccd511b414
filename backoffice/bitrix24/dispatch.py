"""Messages that leave by a method of the portal: in batches, under the permission of the desk, as long as it holds."""

from collections.abc import Callable, Iterator, Sequence

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.batch import Outcome as CommandOutcome
from backoffice.bitrix24.client import END_OF_BATCH, Portal
from backoffice.bitrix24.errors import (
    AccessDenied,
    AmbiguousWrite,
    NotSent,
    PortalError,
    RequestRefused,
    TryLater,
)
from backoffice.bitrix24.limiter import MAX_COMMANDS
from backoffice.rules.chunks import chunked
from backoffice.rules.masking import E_MAIL
from backoffice.rules.sending import Content, Desk, Outcome, Parcel, State

Answered = CommandOutcome[int]


class Held(NotSent):
    """The request was held back, because not everything in it may leave any more."""


def dispatch(
    portal: Portal,
    parcels: Sequence[Parcel[Content]],
    desk: Desk,
    command_of: Callable[[Parcel[Content]], Command[int]],
) -> Iterator[list[Answered]]:
    """Claims and sends as many messages at a time as fit into a request, and gives what the portal answered to each.

    The item of an answer is the message's id. Messages that somebody else has, or takes over while this one waits for
    its turn, are left out; those after a request without an answer are not even claimed.
    """
    for some in chunked(parcels, MAX_COMMANDS):
        mine = desk.claim([parcel.id for parcel in some])
        answered = _sent(portal, [command_of(parcel) for parcel in some if parcel.id in mine], desk)
        yield answered
        if any(isinstance(one.error, END_OF_BATCH) for one in answered):
            return


def outcome_of(error: PortalError) -> Outcome:
    """What an error of the portal means for the message it met."""
    if isinstance(error, AmbiguousWrite):
        return Outcome(State.UNKNOWN, reason="портал не ответил: могло уйти")
    if isinstance(error, TryLater):
        return Outcome(State.QUEUED, reason="портал сейчас не принимает запросы")
    if isinstance(error, AccessDenied):
        return Outcome(State.QUEUED, reason=f"портал не разрешает: {said(error)}")
    return Outcome(State.FAILED, reason=f"портал отказал: {said(error)}")


def said(error: PortalError) -> str:
    """The portal's own words, without addresses."""
    words = (error.description or error.code) if isinstance(error, RequestRefused) else type(error).__name__
    return E_MAIL.sub("<e-mail>", words)


def _sent(portal: Portal, waiting: list[Command[int]], desk: Desk) -> list[Answered]:
    answered: list[Answered] = []
    while waiting:
        lost: set[int] = set()
        outcomes = portal.batch(waiting, _gate(desk, lost)).outcomes
        answered += [outcome for outcome in outcomes if not isinstance(outcome.error, Held)]
        held = [outcome.command for outcome in outcomes if isinstance(outcome.error, Held)]
        waiting = [command for command in held if command.item not in lost]
    return answered


def _gate(desk: Desk, lost: set[int]) -> Callable[[list[int]], None]:
    def let_through(ids: list[int]) -> None:
        missing = set(ids) - desk.leave(ids)
        lost.update(missing)
        if missing:
            raise Held("not every message of the request is ours to send any more")

    return let_through
