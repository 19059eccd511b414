"""The donations of the fund's sites, one row each: what the site last told, and how far the portal has followed.

Events may come in any order and any number of times: the row depends on which came, never on when. No row holds a name,
an address or a phone.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import cast

from sqlalchemy import JSON, BigInteger, Engine, Index, func, or_
from sqlmodel import Field, Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from backoffice.rules.donation_facts import SUBMITTED, Donation, DonationEvent
from backoffice.rules.donation_verdicts import Key, Standing, Verdict, verdicts
from backoffice.store.engine import reading, writing
from backoffice.store.exact import Exact
from backoffice.store.moments import Moment
from backoffice.store.statements import chunks


class DonationRow(SQLModel, table=True):
    """A donation of a site.

    `seq` is the newest event known, `status_seq` and `snapshot_seq` are the newest that told a status and a snapshot.
    `fingerprint` is of everything that the portal has to show, `worked` that of what it shows. `repeated`: there is an
    earlier funded donation of this donor; `duplicate_of`: an earlier funded donation has the gateway's same charge.
    `donor_key` is a hash. `flags` are the process's own.
    """

    __tablename__ = "donation"
    __table_args__ = (
        Index("donation_work", "portal", "created_at"),
        Index("donation_donor", "portal", "donor_key"),
        Index("donation_charge", "portal", "transaction_id"),
    )

    portal: str = Field(primary_key=True)
    site: str = Field(primary_key=True)
    donation_id: int = Field(primary_key=True, sa_type=BigInteger)
    seq: int = Field(default=-1, sa_type=BigInteger)
    status_seq: int = Field(default=-1, sa_type=BigInteger)
    snapshot_seq: int = Field(default=-1, sa_type=BigInteger)
    status: str = ""
    snapshot_hash: str = ""
    created_at: datetime | None = Field(default=None, sa_type=Moment)
    amount: Decimal | None = Field(default=None, sa_type=Exact)
    amount_total: Decimal | None = Field(default=None, sa_type=Exact)
    currency: str = ""
    payment_type: str = ""
    subscription_id: int | None = Field(default=None, sa_type=BigInteger)
    campaign_id: int | None = Field(default=None, sa_type=BigInteger)
    donor_key: str = ""
    gateway: str = ""
    transaction_id: str = ""
    placeholder: bool = False
    repeated: bool = False
    duplicate_of: int | None = Field(default=None, sa_type=BigInteger)
    fingerprint: str = ""
    worked: str = ""
    deal_id: int | None = Field(default=None, sa_type=BigInteger)
    contact_id: int | None = Field(default=None, sa_type=BigInteger)
    superseded_by: int | None = Field(default=None, sa_type=BigInteger)
    flags: list[str] = Field(default_factory=list, sa_type=JSON)
    changed_at: datetime = Field(sa_type=Moment)

    @property
    def key(self) -> Key:
        return self.site, self.donation_id


LONGEST_ID = 200
"""What a gateway may call a charge, in the index."""


@dataclass(frozen=True)
class Done:
    """What the portal now shows of a donation: `fingerprint` is that of the row from which it was made."""

    fingerprint: str
    deal_id: int | None = None
    contact_id: int | None = None


def apply(engine: Engine, portal: str, events: Iterable[DonationEvent], now: datetime) -> frozenset[Key]:
    """Takes in what the events tell, unless something newer is known; the donations of which something changed.

    Any number of processes may do it at once.
    """
    told: dict[Key, list[DonationEvent]] = {}
    for event in events:
        told.setdefault((event.site, event.donation_id), []).append(event)

    def take(row: DonationRow) -> None:
        for event in told[row.key]:
            _take_event(row, event)

    return _change(engine, portal, told, take, now)


def apply_snapshots(
    engine: Engine, portal: str, site: str, donations: Iterable[Donation], as_of: int, now: datetime
) -> frozenset[Key]:
    """Takes in how donations stood when the site had told of event `as_of` and perhaps of later ones.

    For changes that no event tells. A donation of which something later than `as_of` is known stays as it is. A site
    forgets old events and may number anew: `as_of` is never less than `newest_seq` was before the site was asked.
    """
    told = {(site, donation.id): donation for donation in donations}

    def take(row: DonationRow) -> None:
        if max(row.status_seq, row.snapshot_seq) <= as_of:
            _take_snapshot(row, told[row.key])
            row.status = told[row.key].status
            row.snapshot_seq = row.status_seq = as_of
            row.seq = max(row.seq, as_of)

    return _change(engine, portal, told, take, now)


def to_work(engine: Engine, portal: str, submitted_before: datetime, *, most: int | None = None) -> list[DonationRow]:
    """The donations that the portal does not show as they are, oldest first.

    Without those only submitted after `submitted_before`, which will be paid or fail in a moment, and without those of
    which nothing is known but that they were there.
    """
    ripe = or_(col(DonationRow.status) != SUBMITTED, col(DonationRow.created_at) <= submitted_before)
    behind = _rows(portal).where(
        col(DonationRow.worked) != col(DonationRow.fingerprint), col(DonationRow.created_at).is_not(None), ripe
    )
    with reading(engine) as session:
        return list(session.exec(behind.limit(most)))


def mark_worked(engine: Engine, portal: str, done: Mapping[Key, Done]) -> None:
    """The portal shows these donations so; what has changed meanwhile is still to work."""
    with writing(engine, turn=_turn(portal)) as session:
        for row in _of_keys(session, portal, done):
            shown = done[row.key]
            row.worked = shown.fingerprint
            row.deal_id = shown.deal_id or row.deal_id
            row.contact_id = shown.contact_id or row.contact_id
            session.add(row)


def supersede(engine: Engine, portal: str, site: str, superseded: Mapping[int, int]) -> None:
    """Failed donation -> the one by which its donor paid after all."""
    with writing(engine, turn=_turn(portal)) as session:
        for row in _of_keys(session, portal, [(site, donation_id) for donation_id in superseded]):
            row.superseded_by = superseded[row.donation_id]
            session.add(row)


def set_flags(engine: Engine, portal: str, flags: Mapping[Key, Collection[str]]) -> None:
    """The process's own marks, instead of those before."""
    with writing(engine, turn=_turn(portal)) as session:
        for row in _of_keys(session, portal, flags):
            row.flags = sorted(set(flags[row.key]))
            session.add(row)


def work_anew(engine: Engine, portal: str, keys: Collection[Key]) -> None:
    """The portal does not show these any more as it did: they are to work again."""
    with writing(engine, turn=_turn(portal)) as session:
        for row in _of_keys(session, portal, keys):
            row.worked = ""
            session.add(row)


def donations(engine: Engine, portal: str, keys: Collection[Key]) -> dict[Key, DonationRow]:
    """Key -> row, for those that are known."""
    with reading(engine) as session:
        return {row.key: row for row in _of_keys(session, portal, keys)}


def of_donors(engine: Engine, portal: str, donor_keys: Iterable[str]) -> dict[str, list[DonationRow]]:
    """Donor key -> all the donations of the donor, oldest first; without donors of whom none is known."""
    found: dict[str, list[DonationRow]] = {}
    with reading(engine) as session:
        for some in chunks(key for key in donor_keys if key):
            for row in session.exec(_rows(portal).where(col(DonationRow.donor_key).in_(some))):
                found.setdefault(row.donor_key, []).append(row)
    return found


def created_between(engine: Engine, portal: str, since: datetime, until: datetime) -> list[DonationRow]:
    """The donations created from `since` on and before `until`, oldest first; what a report compares."""
    created = _rows(portal).where(col(DonationRow.created_at) >= since, col(DonationRow.created_at) < until)
    with reading(engine) as session:
        return list(session.exec(created))


def newest_seq(engine: Engine, portal: str, site: str) -> int:
    """The newest event of the site that any of its donations has told; -1 if there is none."""
    newest = select(func.coalesce(func.max(DonationRow.seq), -1))
    with reading(engine) as session:
        return session.exec(newest.where(DonationRow.portal == portal, DonationRow.site == site)).one()


def _change(
    engine: Engine, portal: str, keys: Collection[Key], take: Callable[[DonationRow], None], now: datetime
) -> frozenset[Key]:
    changed: set[Key] = set()
    for some in chunks(sorted(keys)):
        with writing(engine, turn=_turn(portal)) as session:
            told = _known_or_new(session, portal, some, now)
            before = _Ties.of(told)
            for row in told:
                take(row)
            touched = told + _bound_by(session, portal, before | _Ties.of(told))
            beside = _where_in(session, portal, DonationRow.transaction_id, _Ties.of(touched).charges)
            changed |= _judge({row.key: row for row in touched}, beside, now)
    return frozenset(changed)


def _known_or_new(session: Session, portal: str, keys: Collection[Key], now: datetime) -> list[DonationRow]:
    known = {row.key: row for row in _of_keys(session, portal, keys)}
    new = [
        DonationRow(portal=portal, site=site, donation_id=donation_id, changed_at=now)
        for site, donation_id in keys
        if (site, donation_id) not in known
    ]
    session.add_all(new)
    return [*known.values(), *new]


def _take_event(row: DonationRow, event: DonationEvent) -> None:
    row.seq = max(row.seq, event.seq)
    if event.status and event.seq > row.status_seq:
        row.status, row.status_seq = event.status, event.seq
    if event.donation is not None and event.seq > row.snapshot_seq:
        _take_snapshot(row, event.donation)
        row.snapshot_seq = event.seq


def _take_snapshot(row: DonationRow, donation: Donation) -> None:
    row.snapshot_hash = donation.snapshot_hash
    row.created_at = donation.created_at
    row.amount, row.amount_total, row.currency = donation.amount, donation.amount_total, donation.currency
    row.payment_type, row.subscription_id = donation.payment_type, donation.subscription_id
    row.campaign_id = donation.campaign.id
    row.donor_key = donation.donor.key
    row.gateway, row.transaction_id = donation.gateway, donation.transaction_id[:LONGEST_ID]
    row.placeholder = donation.is_placeholder


@dataclass(frozen=True)
class _Ties:
    """What binds donations together: donors and charges."""

    donors: frozenset[str]
    charges: frozenset[str]

    @classmethod
    def of(cls, rows: Iterable[DonationRow]) -> "_Ties":
        known = list(rows)
        donors = frozenset(row.donor_key for row in known if row.donor_key)
        return cls(donors, frozenset(row.transaction_id for row in known if row.transaction_id))

    def __or__(self, other: "_Ties") -> "_Ties":
        return _Ties(self.donors | other.donors, self.charges | other.charges)


def _bound_by(session: Session, portal: str, ties: _Ties) -> list[DonationRow]:
    """All the donations of these charges, of these donors, and of the donors of these charges."""
    of_charges = list(_where_in(session, portal, DonationRow.transaction_id, ties.charges))
    donors = ties.donors | _Ties.of(of_charges).donors
    return of_charges + list(_where_in(session, portal, DonationRow.donor_key, donors))


def _judge(rows: Mapping[Key, DonationRow], beside: Iterable[DonationRow], now: datetime) -> set[Key]:
    """Says anew what each of the rows is; those of which anything is different now.

    With the rows come all the donations of their donors, and `beside` are those of all their charges.
    """
    known = {row.key: row for row in beside if row.created_at is not None}
    known |= {key: row for key, row in rows.items() if row.created_at is not None}
    found = verdicts([_standing(row) for row in known.values()])
    return {key for key, row in rows.items() if _differs(row, found.get(key, Verdict()), now)}


def _standing(row: DonationRow) -> Standing:
    created_at = cast(datetime, row.created_at)
    return Standing(row.key, row.status, created_at, row.donor_key, row.gateway, row.transaction_id)


def _differs(row: DonationRow, verdict: Verdict, now: datetime) -> bool:
    row.repeated, row.duplicate_of = verdict.repeated, verdict.duplicate_of
    shown = f"{row.status} {row.snapshot_hash} {row.repeated} {row.duplicate_of}"
    fingerprint = hashlib.sha256(shown.encode()).hexdigest()
    if row.fingerprint == fingerprint:
        return False
    row.fingerprint, row.changed_at = fingerprint, now
    return True


def _turn(portal: str) -> str:
    return f"donations {portal}"


def _rows(portal: str) -> SelectOfScalar[DonationRow]:
    own = select(DonationRow).where(DonationRow.portal == portal)
    return own.order_by(col(DonationRow.created_at), col(DonationRow.site), col(DonationRow.donation_id))


def _where_in(session: Session, portal: str, column: str, values: Iterable[str]) -> Iterator[DonationRow]:
    for some in chunks(values):
        yield from session.exec(_rows(portal).where(col(column).in_(some)))


def _of_keys(session: Session, portal: str, keys: Collection[Key]) -> Iterator[DonationRow]:
    ids: dict[str, list[int]] = {}
    for site, donation_id in keys:
        ids.setdefault(site, []).append(donation_id)
    for site, wanted in ids.items():
        for some in chunks(wanted):
            own = _rows(portal).where(DonationRow.site == site, col(DonationRow.donation_id).in_(some))
            yield from session.exec(own)
