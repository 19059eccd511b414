"""Notifications for the portal's users, by im.notify.personal.add.

A notification with the same TAG replaces the former one; through a webhook TAG is obeyed only together with CLIENT_ID
(chats/notifications/im-notify-personal-add.md). So a note without an answer is simply sent again,
unless somebody has seen both stay.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.dispatch import dispatch, outcome_of
from backoffice.bitrix24.errors import AmbiguousWrite, PortalError
from backoffice.rules.sending import Desk, Doubt, Note, Outcome, Parcel, State

CLIENT = "backoffice"
AGAIN = Outcome(State.QUEUED, reason="портал не ответил: отправится ещё раз и заменит собой то, что дошло")


class NoteCarrier:
    """Carries notes to users of the portal. `replaces`: one with the same TAG replaces the former."""

    name = "im"

    def __init__(self, portal: Portal, *, replaces: bool = True) -> None:
        self._portal, self._replaces = portal, replaces

    def carry(self, parcels: Sequence[Parcel[Note]], desk: Desk) -> None:
        """Send the notes; one without an answer goes again with a later run, and replaces what may have arrived."""
        users = {parcel.id: parcel.content.user_id for parcel in parcels}
        for answers in dispatch(self._portal, parcels, desk, _command):
            for one in answers:
                result = one.answer.result if one.answer else None
                desk.settle(one.item, self._outcome(one.error, result, users[one.item]))

    def ask(self, doubts: Sequence[Doubt]) -> Mapping[int, Outcome]:
        """Whatever is in doubt goes again: it can only replace itself."""
        return {doubt.id: AGAIN for doubt in doubts if self._replaces and not doubt.provider_id}

    def _outcome(self, error: PortalError | None, result: Any, user_id: int) -> Outcome:
        if isinstance(error, AmbiguousWrite) and self._replaces:
            return AGAIN
        if error is not None:
            return outcome_of(error)
        if not result:
            return Outcome(State.FAILED, reason=f"портал не создал уведомление для пользователя {user_id}")
        return Outcome(State.ACCEPTED, str(result))


def _command(parcel: Parcel[Note]) -> Command[int]:
    note = parcel.content
    params = {"USER_ID": note.user_id, "MESSAGE": note.text, "TAG": parcel.stamp, "CLIENT_ID": CLIENT}
    return Command("im.notify.personal.add", params, parcel.id)
