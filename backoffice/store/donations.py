"""The donations of the fund's sites: what the site last told of each, and how far the portal has followed.

`donation_changes` takes in what the site tells.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar, cast

from sqlalchemy import Engine, func, null, or_, update
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from backoffice.rules.donation_events import read_donation
from backoffice.rules.donation_facts import FAILED, FUNDED, REFUNDED, SUBMITTED
from backoffice.rules.donation_verdicts import Key
from backoffice.rules.donation_work import Form, KnownDonation
from backoffice.store.donation_rows import DonationRow, having, of_keys, oldest_first, rows_of, turn
from backoffice.store.engine import reading, writing
from backoffice.store.statements import chunks

T = TypeVar("T")

ANSWERED = (FUNDED, FAILED, REFUNDED)
"""The statuses of which a donor may get a letter."""


@dataclass(frozen=True)
class Written:
    """What of a donation stands in the portal now; an id that is None leaves the one that is known.

    `shown` is the form of the deal as it was written. `gone`: people deleted the deal.
    """

    deal_id: int | None
    contact_id: int | None
    shown: Form
    gone: bool = False


def to_work(engine: Engine, portal: str, submitted_before: datetime) -> list[Key]:
    """The donations that the portal does not show as they are, oldest first.

    Without those only submitted after `submitted_before`, which will be paid or fail in a moment, without placeholders,
    and without those of which nothing is known but that they were there.
    """
    ripe = or_(col(DonationRow.status) != SUBMITTED, col(DonationRow.created_at) <= submitted_before)
    behind = select(DonationRow.site, DonationRow.donation_id).where(
        DonationRow.portal == portal,
        col(DonationRow.worked) != col(DonationRow.fingerprint),
        col(DonationRow.created_at).is_not(None),
        col(DonationRow.placeholder).is_(False),
        ripe,
    )
    oldest = (col(DonationRow.created_at), col(DonationRow.site), col(DonationRow.donation_id))
    with reading(engine) as session:
        return [(site, donation_id) for site, donation_id in session.exec(behind.order_by(*oldest))]


def donations(engine: Engine, portal: str, keys: Collection[Key]) -> dict[Key, KnownDonation]:
    """Key -> donation, for those of which more is known than that they were there."""
    with reading(engine) as session:
        return {row.key: _known(row) for row in of_keys(session, portal, keys) if row.created_at is not None}


def of_donors(engine: Engine, portal: str, donor_keys: Iterable[str]) -> dict[str, list[KnownDonation]]:
    """Donor key -> all the donations of the donor, oldest first; without donors of whom none is known."""
    with reading(engine) as session:
        rows = list(having(session, rows_of(portal), DonationRow.donor_key, filter(None, donor_keys)))
    return _grouped((row.donor_key, row) for row in rows)


def of_contacts(engine: Engine, portal: str, contact_ids: Iterable[int]) -> dict[int, list[KnownDonation]]:
    """Contact -> the donations that were written as the contact's, oldest first; without contacts that have none."""
    with reading(engine) as session:
        rows = list(having(session, rows_of(portal), DonationRow.contact_id, contact_ids))
    return _grouped((cast(int, row.contact_id), row) for row in rows)


def awaiting_letters(engine: Engine, portal: str, since: datetime) -> dict[Key, str]:
    """Donation -> its status, of those paid, failed or refunded from `since` on that the portal shows as they are.

    Without duplicates and placeholders; those of which a letter went already are among them.
    """
    answered = select(DonationRow.site, DonationRow.donation_id, DonationRow.status).where(
        DonationRow.portal == portal,
        col(DonationRow.status_at) >= since,
        col(DonationRow.status).in_(ANSWERED),
        col(DonationRow.worked) == col(DonationRow.fingerprint),
        or_(col(DonationRow.deal_id).is_not(None), col(DonationRow.gone)),
        col(DonationRow.duplicate_of).is_(None),
        col(DonationRow.placeholder).is_(False),
        col(DonationRow.created_at).is_not(None),
    )
    with reading(engine) as session:
        return {(site, donation_id): status for site, donation_id, status in session.exec(answered)}


def doubles_of(engine: Engine, portal: str, keys: Collection[Key]) -> dict[Key, list[Key]]:
    """Donation -> the others that are of the same charge and count as its doubles, for those that have any."""
    found: dict[Key, list[Key]] = {}
    with reading(engine) as session:
        for some in chunks(donation_id for _, donation_id in keys):
            told = select(DonationRow.site, DonationRow.donation_id, DonationRow.duplicate_of).where(
                DonationRow.portal == portal, col(DonationRow.duplicate_of).in_(some)
            )
            for site, donation_id, original in session.exec(told):
                found.setdefault((site, original or 0), []).append((site, donation_id))
    return {key: found[key] for key in keys if key in found}


def created_between(engine: Engine, portal: str, since: datetime, until: datetime) -> list[KnownDonation]:
    """The donations created from `since` on and before `until`, oldest first; what a report compares."""
    created = col(DonationRow.created_at)
    return _found(engine, rows_of(portal).where(created >= since, created < until))


def newest_seqs(engine: Engine, portal: str) -> dict[str, int]:
    """Site -> the newest event that any of its donations has told, for every site that has told of one."""
    newest = select(DonationRow.site, func.max(DonationRow.seq)).where(DonationRow.portal == portal)
    with reading(engine) as session:
        return dict(session.exec(newest.group_by(DonationRow.site)).all())


def note_written(engine: Engine, portal: str, written: Mapping[Key, Written]) -> None:
    """What was written into the portal; whether all of a donation is there, `mark_worked` says."""
    with writing(engine, turn=turn(portal)) as session:
        for row in of_keys(session, portal, written):
            done = written[row.key]
            row.deal_id = done.deal_id or row.deal_id
            row.contact_id = done.contact_id or row.contact_id
            row.shown, row.gone = dict(done.shown), done.gone
            session.add(row)


def mark_worked(engine: Engine, portal: str, worked: Mapping[Key, str]) -> None:
    """The portal shows the donations that had these fingerprints; what has changed meanwhile is still to work."""
    with writing(engine, turn=turn(portal)) as session:
        for row in of_keys(session, portal, worked):
            row.worked = worked[row.key]
            session.add(row)


def work_anew(engine: Engine, portal: str, keys: Collection[Key]) -> None:
    """The portal does not show these any more as it did: they are to work again."""
    mark_worked(engine, portal, dict.fromkeys(keys, ""))


def forget_told(engine: Engine, portal: str, before: datetime) -> int:
    """Forgets what the site told of donations that did not change since `before` and are worked; of how many.

    What the site tells again is known again.
    """
    finished = or_(col(DonationRow.worked) == col(DonationRow.fingerprint), col(DonationRow.placeholder))
    own = update(DonationRow).where(col(DonationRow.portal) == portal, col(DonationRow.changed_at) < before)
    with writing(engine, turn=turn(portal)) as session:
        return session.exec(own.where(col(DonationRow.told).is_not(None), finished).values(told=null())).rowcount


def hand_over(engine: Engine, portal: str, survivors: Mapping[int, int]) -> None:
    """The donations of a contact that is gone are its survivor's."""
    with writing(engine, turn=turn(portal)) as session:
        for contact_id, survivor_id in survivors.items():
            theirs = update(DonationRow).where(col(DonationRow.portal) == portal)
            session.exec(theirs.where(col(DonationRow.contact_id) == contact_id).values(contact_id=survivor_id))


def _found(engine: Engine, rows: SelectOfScalar[DonationRow]) -> list[KnownDonation]:
    with reading(engine) as session:
        return [_known(row) for row in session.exec(oldest_first(rows))]


def _grouped(rows: Iterable[tuple[T, DonationRow]]) -> dict[T, list[KnownDonation]]:
    found: dict[T, list[KnownDonation]] = {}
    for whose, row in rows:
        found.setdefault(whose, []).append(_known(row))
    return {whose: sorted(theirs, key=lambda one: (one.created_at, one.key)) for whose, theirs in found.items()}


def _known(row: DonationRow) -> KnownDonation:
    created_at = cast(datetime, row.created_at)
    return KnownDonation(
        key=row.key,
        fingerprint=row.fingerprint,
        status=row.status,
        status_at=row.status_at or created_at,
        created_at=created_at,
        amount=cast(Decimal, row.amount),
        currency=row.currency,
        payment_type=row.payment_type,
        subscription_id=row.subscription_id,
        campaign_id=row.campaign_id,
        donor_key=row.donor_key,
        repeated=row.repeated,
        duplicate_of=row.duplicate_of,
        superseded_by=row.superseded_by,
        deal_id=row.deal_id,
        contact_id=row.contact_id,
        shown=row.shown,
        told=None if row.told is None else read_donation(row.told),
        placeholder=row.placeholder,
        gone=row.gone,
        worked=row.worked == row.fingerprint,
    )
