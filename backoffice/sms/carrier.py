"""Carries SMS through a gateway: one by one, each claimed before and settled after its own request."""

import hashlib
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from backoffice.rules.sending import Desk, Doubt, Outcome, Parcel, Sms, State
from backoffice.sms.errors import SmsDoubtful, SmsError, SmsLater, SmsMisconfigured, SmsRefused
from backoffice.sms.gateway import SmsGateway

log = logging.getLogger(__name__)

Phones = Callable[[Collection[int]], Mapping[int, Collection[str]]]
"""Contact ids -> the numbers, in E.164, that the cards show now."""

SETTLE = timedelta(minutes=10)
"""How long a gateway may be busy with a request before «no such message» means that there will be none. A guess."""
UNANSWERED = "~"
"""Marks, in the place of a gateway's id, what a message without an answer can be recognised by."""


class SmsCarrier:
    """Carries SMS; what has become of those without an answer it can tell if the gateway knows our ids."""

    def __init__(self, gateway: SmsGateway, phones: Phones, now: Callable[[], datetime]) -> None:
        self._gateway = gateway
        self._phones = phones
        self._now = now

    @property
    def name(self) -> str:
        """The gateway's name."""
        return self._gateway.name

    def carry(self, parcels: Sequence[Parcel[Sms]], desk: Desk) -> None:
        """Send them one after another; a gateway that takes none now is not bothered with the rest.

        SmsMisconfigured when none can be sent as we are set up.
        """
        for parcel in parcels:
            if desk.claim((parcel.id,)) and not self._carry(parcel, desk):
                return

    def ask(self, doubts: Sequence[Doubt]) -> Mapping[int, Outcome]:
        """What became of the messages that the gateway can be asked for, as far as it answers."""
        asked = [doubt for doubt in doubts if doubt.provider_id or self._gateway.knows_our_ids]
        outcomes: dict[int, Outcome] = {}
        try:
            phones = self._numbers(asked)
            for doubt in asked:
                if outcome := self._outcome(doubt, phones.get(doubt.draft.contact_id or 0, ())):
                    outcomes[doubt.id] = outcome
        except SmsError as error:
            log.warning("SMS in doubt stay in doubt: %s", error)
        return outcomes

    def _carry(self, parcel: Parcel[Sms], desk: Desk) -> bool:
        """Whether the next one is worth trying."""
        our_id, cost = our_id_of(parcel.stamp, parcel.content.phone), None
        try:
            cost = self._price(parcel.content)
            if not desk.leave((parcel.id,)):
                return True
            outcome = Outcome(State.ACCEPTED, self._gateway.send(parcel.content, our_id), cost=cost)
        except SmsRefused as error:
            outcome = Outcome(State.FAILED, reason=str(error))
        except SmsDoubtful as error:
            recognised_by = UNANSWERED + our_id if self._gateway.knows_our_ids else ""
            outcome = Outcome(State.UNKNOWN, recognised_by, str(error), cost)
        except SmsMisconfigured as error:
            desk.settle(parcel.id, Outcome(State.QUEUED, reason=str(error)))
            raise
        except SmsError as error:
            outcome = Outcome(State.QUEUED, reason=str(error))
        desk.settle(parcel.id, outcome)
        return outcome.state in (State.ACCEPTED, State.FAILED)

    def _price(self, sms: Sms) -> Decimal:
        """What it will cost; without an answer nothing has left."""
        try:
            return self._gateway.cost(sms).cost
        except SmsDoubtful as error:
            raise SmsLater(str(error)) from None

    def _numbers(self, doubts: Sequence[Doubt]) -> Mapping[int, Collection[str]]:
        contacts = {doubt.draft.contact_id for doubt in doubts if doubt.draft.contact_id}
        return self._phones(contacts) if contacts and self._gateway.knows_our_ids else {}

    def _outcome(self, doubt: Doubt, phones: Collection[str]) -> Outcome | None:
        if not self._gateway.knows_our_ids:
            return self._asked(doubt.provider_id, "")
        known = doubt.provider_id.removeprefix(UNANSWERED)
        for phone in phones:
            our_id = our_id_of(doubt.stamp, phone)
            if known in ("", our_id) and (outcome := self._asked(our_id, phone)):
                return outcome
        return None if known not in self._ids(doubt, phones) else self._never_taken(doubt)

    def _asked(self, sms_id: str, phone: str) -> Outcome | None:
        fate = self._gateway.status(sms_id, phone)
        return Outcome(fate.state, sms_id, fate.reason) if fate else None

    def _ids(self, doubt: Doubt, phones: Collection[str]) -> Collection[str]:
        return [our_id_of(doubt.stamp, phone) for phone in phones]

    def _never_taken(self, doubt: Doubt) -> Outcome | None:
        """QUEUED only for what was asked about under the very number it would have gone to, and long enough after."""
        unanswered = doubt.provider_id.startswith(UNANSWERED)
        if not unanswered or self._now() < doubt.left_at + SETTLE:
            return None
        return Outcome(State.QUEUED, reason=f"{self.name}: шлюз не получал этого сообщения")


def our_id_of(stamp: str, phone: str) -> str:
    """The id of a message at the gateway: the stamp, and four digits that tell one number of a card from another.

    So few digits that nobody can tell the number by them.
    """
    return stamp + hashlib.sha256(f"{stamp} {phone}".encode()).hexdigest()[:4]
