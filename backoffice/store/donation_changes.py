"""What the fund's sites tell of donations, taken into their rows.

Events may come in any order and any number of times: a row depends on which came, never on when.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import cast

from sqlalchemy import Engine
from sqlalchemy.orm import defer
from sqlmodel import Session
from sqlmodel.sql.expression import SelectOfScalar

from backoffice.rules.donation_events import body_of
from backoffice.rules.donation_facts import DELETED, Donation, DonationEvent
from backoffice.rules.donation_verdicts import Key, Standing, Verdict, verdicts
from backoffice.store.donation_rows import DonationRow, having, of_keys, rows_of, turn
from backoffice.store.engine import writing
from backoffice.store.statements import chunks

LONGEST_ID = 200
"""What a gateway may call a charge, in the index."""
TELL_STATUSES = frozenset({"created", "status", DELETED})
"""The kinds of events that come when a donation comes to its status."""


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
    forgets old events and may number anew: `as_of` is never less than `newest_seqs` said before the site was asked.
    """
    told = {(site, donation.id): donation for donation in donations}

    def take(row: DonationRow) -> None:
        if max(row.status_seq, row.snapshot_seq) <= as_of:
            donation = told[row.key]
            row.status_at = _logged(donation, donation.status) or _status_at(row, donation)
            row.status = donation.status
            _take_snapshot(row, donation)
            row.snapshot_seq = row.status_seq = as_of
            row.seq = max(row.seq, as_of)

    return _change(engine, portal, told, take, now)


def apply_statuses(
    engine: Engine, portal: str, site: str, statuses: Mapping[int, str], as_of: int, now: datetime
) -> frozenset[Key]:
    """Takes in how donations stood when the site had told of event `as_of`, from a source that tells no more of them.

    A donation of which a later status is known stays as it is. One that changed counts as having done so long ago.
    """
    told = {(site, donation_id): status for donation_id, status in statuses.items()}

    def take(row: DonationRow) -> None:
        if row.status_seq <= as_of and row.status != told[row.key]:
            row.status, row.status_seq, row.status_at = told[row.key], as_of, row.created_at or now

    return _change(engine, portal, told, take, now)


def _change(
    engine: Engine, portal: str, keys: Collection[Key], take: Callable[[DonationRow], None], now: datetime
) -> frozenset[Key]:
    changed: set[Key] = set()
    for some in chunks(sorted(keys)):
        with writing(engine, turn=turn(portal)) as session:
            moved, ties = _taken(_known_or_new(session, portal, some, now), take)
            touched = moved + _bound_by(session, portal, ties)
            beside = having(session, _slim(portal), DonationRow.transaction_id, _Ties.of(touched).charges)
            changed |= _judge({row.key: row for row in touched}, beside, now)
    return frozenset(changed)


def _known_or_new(session: Session, portal: str, keys: Collection[Key], now: datetime) -> list[DonationRow]:
    known = {row.key: row for row in of_keys(session, portal, keys)}
    new = [
        DonationRow(portal=portal, site=site, donation_id=donation_id, changed_at=now)
        for site, donation_id in keys
        if (site, donation_id) not in known
    ]
    session.add_all(new)
    return [*known.values(), *new]


def _taken(rows: list[DonationRow], take: Callable[[DonationRow], None]) -> "tuple[list[DonationRow], _Ties]":
    """The rows of which something is different after `take`, and their ties before and after."""
    stood = [_Stood.of(row) for row in rows]
    for row in rows:
        take(row)
    moved = [(row, was) for row, was in zip(rows, stood, strict=True) if was != _Stood.of(row)]
    return [row for row, _ in moved], _Ties.of(was for _, was in moved) | _Ties.of(row for row, _ in moved)


def _take_event(row: DonationRow, event: DonationEvent) -> None:
    row.seq = max(row.seq, event.seq)
    if event.status and event.seq > row.status_seq:
        row.status, row.status_seq, row.status_at = event.status, event.seq, _came_to_it(event)
    if event.donation is not None and event.seq > row.snapshot_seq:
        _take_snapshot(row, event.donation)
        row.snapshot_seq = event.seq


def _came_to_it(event: DonationEvent) -> datetime:
    """When the donation came to its status, as near as the event tells; never later than that."""
    if event.donation is None:
        return event.occurred_at
    near = event.occurred_at if event.kind in TELL_STATUSES else event.donation.created_at
    return _logged(event.donation, event.status) or near


def _status_at(row: DonationRow, donation: Donation) -> datetime:
    """When the donation came to the status of a snapshot that does not tell: long ago, unless an event has told."""
    known = row.status_at if row.status == donation.status else None
    return known or donation.created_at


def _logged(donation: Donation, status: str) -> datetime | None:
    return max((change.at for change in donation.status_log if change.status == status), default=None)


def _take_snapshot(row: DonationRow, donation: Donation) -> None:
    row.snapshot_hash, row.told = donation.snapshot_hash, body_of(donation)
    row.created_at = donation.created_at
    row.amount, row.amount_total, row.currency = donation.amount, donation.amount_total, donation.currency
    row.payment_type, row.subscription_id = donation.payment_type, donation.subscription_id
    row.campaign_id = donation.campaign.id
    row.donor_key = donation.donor.key
    row.gateway, row.transaction_id = donation.gateway, donation.transaction_id[:LONGEST_ID]
    row.placeholder = donation.is_placeholder


@dataclass(frozen=True)
class _Stood:
    """What of a donation tells whether anything of it has changed, and what binds it to others."""

    status: str
    snapshot_hash: str
    donor_key: str
    transaction_id: str

    @classmethod
    def of(cls, row: DonationRow) -> "_Stood":
        return cls(row.status, row.snapshot_hash, row.donor_key, row.transaction_id)


@dataclass(frozen=True)
class _Ties:
    """What binds donations together: donors and charges."""

    donors: frozenset[str]
    charges: frozenset[str]

    @classmethod
    def of(cls, rows: Iterable[DonationRow | _Stood]) -> "_Ties":
        known = list(rows)
        donors = frozenset(row.donor_key for row in known if row.donor_key)
        return cls(donors, frozenset(row.transaction_id for row in known if row.transaction_id))

    def __or__(self, other: "_Ties") -> "_Ties":
        return _Ties(self.donors | other.donors, self.charges | other.charges)


def _bound_by(session: Session, portal: str, ties: _Ties) -> list[DonationRow]:
    """All the donations of these charges, of these donors, and of the donors of these charges."""
    of_charges = list(having(session, _slim(portal), DonationRow.transaction_id, ties.charges))
    donors = ties.donors | _Ties.of(of_charges).donors
    return of_charges + list(having(session, _slim(portal), DonationRow.donor_key, donors))


def _slim(portal: str) -> SelectOfScalar[DonationRow]:
    """The portal's donations without what is long and decides nothing."""
    return rows_of(portal).options(defer(DonationRow.told), defer(DonationRow.shown))  # type: ignore[arg-type]  # columns, at run time


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
    return Standing(
        row.key,
        row.status,
        created_at,
        donor_key=row.donor_key,
        gateway=row.gateway,
        transaction_id=row.transaction_id,
        amount=cast(Decimal, row.amount),
        currency=row.currency,
        campaign_id=row.campaign_id,
    )


def _differs(row: DonationRow, verdict: Verdict, now: datetime) -> bool:
    row.repeated, row.duplicate_of, row.superseded_by = verdict.repeated, verdict.duplicate_of, verdict.superseded_by
    shown = f"{row.status} {row.snapshot_hash} {row.repeated} {row.duplicate_of} {row.superseded_by}"
    fingerprint = hashlib.sha256(shown.encode()).hexdigest()
    if row.fingerprint == fingerprint:
        return False
    row.fingerprint, row.changed_at = fingerprint, now
    return True
