"""Which donors a person is among, by the donations of a contact: for the CRM's filters and for those who call back."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from backoffice.rules.donation_facts import FAILED, FUNDED, REFUNDED
from backoffice.rules.donation_work import KnownDonation
from backoffice.rules.portal_words import DirectionWords

FIRST, REPEATED = "впервые", "повторно"
ENDED = (FUNDED, FAILED, REFUNDED)


@dataclass(frozen=True)
class Segment:
    """What a donor's card shows.

    `donor_kind`: the word for a first-time or a repeated donor, empty before anything was paid. `call_back`: the last
    payment failed. `directions`: what the paid donations were for, in the order of the alphabet.
    """

    donor_kind: str = ""
    call_back: bool = False
    directions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Call:
    """A donor to call back, and about which failed payment."""

    contact_id: int
    initials: str
    donation: KnownDonation


@dataclass(frozen=True)
class Segments:
    """The donors of a period by contact, and those to call back: the latest failure first."""

    donors: Mapping[int, Segment]
    calls: tuple[Call, ...] = ()

    @property
    def directions(self) -> list[tuple[str, int, int]]:
        """Each direction with its first-time and its repeated donors; one donor may stand in several."""
        found = Counter((one.donor_kind, direction) for one in self.donors.values() for direction in one.directions)
        names = sorted({direction for _, direction in found})
        return [(name, found[FIRST, name], found[REPEATED, name]) for name in names]

    def count(self, donor_kind: str) -> int:
        """How many donors of a kind."""
        return sum(one.donor_kind == donor_kind for one in self.donors.values())


def segment_of(donations: Sequence[KnownDonation], directions: DirectionWords, start_from: datetime) -> Segment:
    """The segment of a contact with these donations; nobody is called back about what failed before `start_from`."""
    paid = [one for one in donations if one.status == FUNDED and _counts(one)]
    return Segment(
        _kind(paid),
        failed_payment(donations, start_from) is not None,
        tuple(sorted({directions.of(one.campaign_id) for one in paid})),
    )


def failed_payment(donations: Iterable[KnownDonation], start_from: datetime) -> KnownDonation | None:
    """The failed payment about which to call the donor: nothing that came after it was paid, and nobody paid for it.

    An attempt that nobody finished does not make it good. What failed before `start_from` is history.
    """
    ended = [one for one in donations if one.status in ENDED and _counts(one)]
    last = max(ended, key=lambda one: (one.created_at, one.key), default=None)
    if last is None or last.status != FAILED or last.superseded_by is not None:
        return None
    return last if last.created_at >= start_from else None


def _kind(paid: Sequence[KnownDonation]) -> str:
    """A donation may be a repeated one by another contact of the same donor."""
    if not paid:
        return ""
    return REPEATED if len(paid) > 1 or paid[0].repeated else FIRST


def _counts(donation: KnownDonation) -> bool:
    """Not the same charge told twice, nor the empty first word of one."""
    return donation.duplicate_of is None and not donation.placeholder
