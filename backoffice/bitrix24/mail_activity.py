"""Letters that the portal sends itself: an e-mail activity in the deal, by crm.activity.add.

Source: tutorials/crm/how-to-add-crm-objects/how-to-send-email.md. The letter leaves as a side effect, and an error of
sending comes after the activity is there. Its ORIGIN_ID tells whether a request without an answer was executed.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from backoffice.bitrix24.activities import DEAL, delete_activities, find_activities
from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.dispatch import Answered, dispatch, outcome_of, said
from backoffice.bitrix24.doubt import SETTLE, moment
from backoffice.bitrix24.errors import PortalError, RequestRefused
from backoffice.bitrix24.wire import as_map
from backoffice.rules.chunks import chunked
from backoffice.rules.sending import Desk, Doubt, Letter, Outcome, Parcel, State

CONTACT = 3
EMAIL, OUTGOING = 4, 2
PLAIN, HTML = 1, 3
ORIGINATOR = "backoffice"
NOT_SENT = "email send error"
MENDABLE = ('"from" is not found', "failed to load module", "failed to add posting", "failed to save posting file")
"""Errors of the portal's own, met before anything is mailed; of the others some may come after it."""
IDS_A_COMMAND = 50
NO_DEAL = Outcome(State.FAILED, reason="сделки нет, а через портал письмо отправляется только из сделки")
LEFT_BEHIND = Outcome(State.FAILED, reason="портал не отправил письмо, но дело о нём в сделке осталось: удалите его")


class ActivityCarrier:
    """Carries letters about deals. Without a sender the portal takes the mailbox of the person responsible.

    `html_type` is how this portal calls HTML in DESCRIPTION_TYPE: 3 in the enumeration, 2 in the tutorial. `finds`:
    activities can be found by their ORIGIN_ID; where they cannot, a letter in doubt stays so.
    """

    name = "portal"

    def __init__(self, portal: Portal, sender: str = "", *, html_type: int = HTML, finds: bool = True) -> None:
        self._portal = portal
        self._settings = {"DISABLE_SENDING_MESSAGE_COPY": "Y"} | ({"MESSAGE_FROM": sender} if sender else {})
        self._html_type, self._finds = html_type, finds

    def carry(self, parcels: Sequence[Parcel[Letter]], desk: Desk) -> None:
        """Send the letters; an activity whose letter did not leave is deleted."""
        responsible = _responsible(self._portal, {parcel.draft.deal_id for parcel in parcels if parcel.draft.deal_id})
        homeless = [parcel.id for parcel in parcels if parcel.draft.deal_id not in responsible]
        for message_id in desk.claim(homeless) if homeless else ():
            desk.settle(message_id, NO_DEAL)
        addressed = {parcel.id: parcel for parcel in parcels if parcel.draft.deal_id in responsible}
        commands = partial(self._command, responsible=responsible)
        for answers in dispatch(self._portal, list(addressed.values()), desk, commands):
            self._settle([(addressed[one.item], one) for one in answers], desk)

    def ask(self, doubts: Sequence[Doubt]) -> Mapping[int, Outcome]:
        """Whether the activity stands in the deal; if not, and nobody can be making it any more, nothing was sent."""
        if not self._finds:
            return {}
        asked = {one.id: (one, one.draft.deal_id) for one in doubts if one.draft.deal_id and not one.provider_id}
        found = find_activities(self._portal, {doubt.stamp: deal for doubt, deal in asked.values()})
        long_ago, outcomes = moment(self._portal) - SETTLE, {}
        for message_id, (doubt, deal) in asked.items():
            if doubt.stamp in found.ids:
                outcomes[message_id] = Outcome(State.ACCEPTED, str(found.ids[doubt.stamp]))
            elif deal in found.read and doubt.left_at <= long_ago:
                outcomes[message_id] = Outcome(State.QUEUED, reason="в сделке этого письма нет")
        return outcomes

    def _settle(self, answers: Sequence[tuple[Parcel[Letter], Answered]], desk: Desk) -> None:
        unsent: list[tuple[Parcel[Letter], RequestRefused]] = []
        for parcel, one in answers:
            if isinstance(one.error, RequestRefused) and NOT_SENT in one.error.description.casefold():
                unsent.append((parcel, one.error))
            else:
                desk.settle(parcel.id, _outcome(one.error, one.answer.result if one.answer else None))
        if unsent:
            self._clear(unsent, desk)

    def _clear(self, unsent: Sequence[tuple[Parcel[Letter], RequestRefused]], desk: Desk) -> None:
        """Delete the activities of letters that were not sent, so that nobody takes these for sent."""
        remain = self._remain({parcel.stamp: parcel.draft.deal_id or 0 for parcel, _ in unsent})
        for parcel, error in unsent:
            desk.settle(parcel.id, LEFT_BEHIND if parcel.stamp in remain else _not_sent(error))

    def _remain(self, deals: Mapping[str, int]) -> Collection[str]:
        """The stamps of those that are still there, or may be."""
        if not self._finds:
            return deals.keys()
        try:
            found = find_activities(self._portal, deals)
        except PortalError:
            return deals.keys()
        gone = delete_activities(self._portal, list(found.ids.values()))
        unread = {stamp for stamp, deal in deals.items() if deal not in found.read}
        return unread | {stamp for stamp, one in found.ids.items() if one not in gone}

    def _command(self, parcel: Parcel[Letter], responsible: Mapping[int, int]) -> Command[int]:
        letter, deal, now = parcel.content, parcel.draft.deal_id or 0, moment(self._portal)
        fields = {
            "OWNER_TYPE_ID": DEAL,
            "OWNER_ID": deal,
            "TYPE_ID": EMAIL,
            "DIRECTION": OUTGOING,
            "COMPLETED": "Y",
            "RESPONSIBLE_ID": responsible[deal],
            "SUBJECT": letter.subject,
            "DESCRIPTION": letter.html or letter.text,
            "DESCRIPTION_TYPE": self._html_type if letter.html else PLAIN,
            "START_TIME": now,
            "END_TIME": now,
            "COMMUNICATIONS": [_communication(letter, parcel.draft.contact_id)],
            "SETTINGS": self._settings,
            "ORIGINATOR_ID": ORIGINATOR,
            "ORIGIN_ID": parcel.stamp,
        }
        return Command("crm.activity.add", {"fields": fields}, parcel.id)


def _communication(letter: Letter, contact_id: int | None) -> dict[str, Any]:
    whose = {"ENTITY_ID": contact_id, "ENTITY_TYPE_ID": CONTACT} if contact_id else {}
    return {"VALUE": letter.to, **whose}


def _outcome(error: PortalError | None, result: Any) -> Outcome:
    if error is not None:
        return outcome_of(error)
    if not result:
        return Outcome(State.FAILED, reason="портал не создал дело о письме")
    return Outcome(State.ACCEPTED, str(result))


def _not_sent(error: RequestRefused) -> Outcome:
    """What the administrator may mend is tried again; a wrong address, and what is not understood, is not."""
    mendable = any(words in error.description.casefold() for words in MENDABLE)
    return Outcome(State.QUEUED if mendable else State.FAILED, reason=f"портал не отправил письмо: {said(error)}")


def _responsible(portal: Portal, deal_ids: Collection[int]) -> dict[int, int]:
    """Who is responsible for each of the deals that there are."""
    pages = [
        Command("crm.deal.list", {"filter": {"@ID": some}, "select": ["ID", "ASSIGNED_BY_ID"], "start": -1}, "deals")
        for some in chunked(sorted(deal_ids), IDS_A_COMMAND)
    ]
    rows = [row for page in portal.batch(pages).values() for row in as_map(page).values()]
    return {int(row["ID"]): int(row["ASSIGNED_BY_ID"]) for row in rows}
