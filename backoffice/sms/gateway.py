"""What every gateway of SMS can do."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from backoffice.rules.sending import Sms, State


@dataclass(frozen=True)
class Price:
    """What an SMS costs, in roubles, and in how many parts it is sent."""

    cost: Decimal
    segments: int


@dataclass(frozen=True)
class Fate:
    """What has become of an SMS that the gateway took: ACCEPTED, DELIVERED or FAILED with the reason."""

    state: State
    reason: str = ""


class SmsGateway(Protocol):
    """A gateway; its methods raise what errors.py lists."""

    @property
    def name(self) -> str:
        """How the carrier is called in our store."""

    @property
    def knows_our_ids(self) -> bool:
        """Whether a message can be asked for by the id that we gave it; if not, only by the gateway's own."""

    def send(self, sms: Sms, our_id: str) -> str:
        """Send one message; the id to ask for it by."""

    def status(self, sms_id: str, phone: str) -> Fate | None:
        """What has become of a message, None if the gateway knows no such one; SmsLater if it does not answer."""

    def cost(self, sms: Sms) -> Price:
        """What the message would cost; nothing is sent."""
