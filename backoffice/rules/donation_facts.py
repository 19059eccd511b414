"""What Leyka tells of a donation: the donation as it stands, who gave it and for what, and the event that told it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal

SUBMITTED, FUNDED, REFUNDED, FAILED, TRASH = "submitted", "funded", "refunded", "failed", "trash"
DELETED = "deleted"
"""Not a status of Leyka: the donation is not there any more."""
STATUSES = frozenset({SUBMITTED, FUNDED, REFUNDED, FAILED, TRASH, DELETED})
"""The statuses we know. A site may have others, as the `draft` that WordPress makes when it undoes a deletion."""
SINGLE, REBILL, CORRECTION = "single", "rebill", "correction"

TRANSACTION_IDS = ("_transaction_id", "_payment_id", "_payment_intent_id", "_invoice_id", "_order_id")
"""How the key ends under which a gateway's number of one charge is kept; others number a subscription."""
ANONYMOUS = frozenset({"", "anonymous", "аноним", "анонимно"})


@dataclass(frozen=True)
class Campaign:
    """What the money is for; no id if the donation names no campaign. `payment_title` is what the donor was shown."""

    id: int | None = None
    title: str = ""
    payment_title: str = ""


@dataclass(frozen=True)
class Donor:
    """Who donated: address and phone (E.164) in their one normal form, empty where unknown."""

    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    comment: str = field(default="", repr=False)

    @property
    def is_anonymous(self) -> bool:
        """Nobody to make a contact of: no address, no phone, and no name but Leyka's own for nobody."""
        return not self.email and not self.phone and self.name.casefold() in ANONYMOUS

    @property
    def key(self) -> str:
        """The same for donations of the same address, without one of the same phone; empty without either.

        A hash, because it is kept in our database and personal data is not.
        """
        known = f"email {self.email}" if self.email else f"phone {self.phone}" if self.phone else ""
        return hashlib.sha256(known.encode()).hexdigest() if known else ""


@dataclass(frozen=True)
class StatusChange:
    """An entry of the donation's own history."""

    at: datetime
    status: str


@dataclass(frozen=True)
class Donation:
    """A donation as it stood when Leyka told of it. Sums to the kopeck, moments aware.

    `status` is Leyka's word, known to us or not. `subscription_id` is the id of the subscription's first donation.
    `amount_total` is what is left after the commission.
    """

    id: int
    status: str
    created_at: datetime
    amount: Decimal
    amount_total: Decimal
    currency: str = "RUB"
    payment_type: str = SINGLE
    is_subscription_start: bool = False
    subscription_id: int | None = None
    subscription_active: bool | None = None
    campaign: Campaign = Campaign()
    donor: Donor = Donor()
    additional_fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    gateway: str = ""
    payment_method: str = ""
    gateway_ids: Mapping[str, str] = field(default_factory=dict)
    error_id: str = ""
    status_log: tuple[StatusChange, ...] = ()

    @property
    def transaction_id(self) -> str:
        """The gateway's number of the charge; empty before there was one."""
        numbers = (self.gateway_ids[key] for key in sorted(self.gateway_ids) if key.endswith(TRANSACTION_IDS))
        return next(numbers, "")

    @property
    def is_placeholder(self) -> bool:
        """The first word of a subscription's charge: announced without sum and donor, and filled in a moment later.

        It may have a phone, which the plugin takes over from the subscription's first donation.
        """
        return self.amount == 0 and not self.donor.email

    @property
    def snapshot_hash(self) -> str:
        """Equal for equal snapshots."""
        text = json.dumps(asdict(self), default=str, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class DonationEvent:
    """Something happened to a donation of a site; `seq` grows from event to event of the site.

    `kind`: created, status, subscription, edited, deleted, or a word unknown to us. `donation` is None if it was gone
    when the site told of the event.
    """

    site: str
    seq: int
    event_id: str
    kind: str
    donation_id: int
    occurred_at: datetime
    donation: Donation | None = None
    old_status: str = ""
    new_status: str = ""

    @property
    def status(self) -> str:
        """The donation's status after the event: what the snapshot says counts; empty if the event does not tell."""
        if self.kind == DELETED:
            return DELETED
        if self.donation is not None:
            return self.donation.status
        return self.new_status if self.kind == "status" else ""
