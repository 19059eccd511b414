"""A donation on its way into the portal: what we know of it, and what stands in the portal of it and its donor.

A deal is compared and written as a form: our word for a field -> the value as text, one text for equal values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from backoffice.rules.donation_facts import Donation
from backoffice.rules.donation_verdicts import Key

Form = Mapping[str, str]
"""Word -> text. The words are `title`, `stage`, `amount`, `currency` and those of the deal fields in portal.toml.

Sums as `700.00`, moments as ISO in UTC to the second, stages as our words; empty for an empty field.
"""


@dataclass(frozen=True)
class KnownDonation:
    """A donation as our store has it.

    `told` is what the site told last, None once that is forgotten. `shown` is the form that we last wrote into its
    deal, empty before; `gone`: people deleted the deal. `status_at` is when it came to its status. The verdicts are
    those of donation_verdicts.
    `placeholder`: announced, and not filled in yet. `worked`: the portal shows it as it is.
    """

    key: Key
    fingerprint: str
    status: str
    status_at: datetime
    created_at: datetime
    amount: Decimal
    currency: str = "RUB"
    payment_type: str = "single"
    subscription_id: int | None = None
    campaign_id: int | None = None
    donor_key: str = field(default="", repr=False)
    repeated: bool = False
    duplicate_of: int | None = None
    superseded_by: int | None = None
    deal_id: int | None = None
    contact_id: int | None = None
    shown: Form = field(default_factory=dict)
    gone: bool = False
    told: Donation | None = field(default=None, repr=False)
    placeholder: bool = False
    worked: bool = False

    @property
    def site(self) -> str:
        return self.key[0]

    @property
    def id(self) -> int:
        return self.key[1]


@dataclass(frozen=True)
class Deal:
    """A deal of the funnel as the portal shows it now; `site` and `origin` are its ORIGINATOR_ID and ORIGIN_ID."""

    id: int
    stage: str
    won: bool
    amount: Decimal
    currency: str
    created_at: datetime
    contact_id: int | None = None
    site: str = ""
    origin: str = ""
    form: Form = field(default_factory=dict)

    @property
    def key(self) -> Key | None:
        """The donation that it says it is of."""
        return (self.site, int(self.origin)) if self.site and self.origin.isdecimal() else None


@dataclass(frozen=True)
class DonorCard:
    """A living contact found by an address or a phone of a donor. Addresses and phones in their normal forms."""

    id: int
    name: str = field(default="", repr=False)
    emails: frozenset[str] = field(default=frozenset(), repr=False)
    phones: frozenset[str] = field(default=frozenset(), repr=False)


@dataclass(frozen=True)
class Donors:
    """Who the donors may be in the portal.

    `cards`: the contacts found by their addresses and phones, the oldest first. `made`: person key -> the contact that
    we once made; `gone`: those of them that people have deleted since (person keys).
    """

    cards: tuple[DonorCard, ...] = ()
    made: Mapping[str, int] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Facts:
    """Everything that decides about a portion of donations.

    `own`: the deals that carry a donation's key, the oldest first. `others`: deals of the funnel without a key of ours,
    of the contacts in `donors`.
    """

    donations: tuple[KnownDonation, ...]
    own: Mapping[Key, tuple[Deal, ...]] = field(default_factory=dict)
    donors: Donors = Donors()
    others: tuple[Deal, ...] = ()
