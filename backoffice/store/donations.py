"""The donations of the fund's sites, one row each: what the site last told, and how far the portal has followed.

`donation_changes` takes in what the site tells. No row holds a name, an address or a phone.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import JSON, BigInteger, Engine, Index, func, or_
from sqlmodel import Field, Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from backoffice.rules.donation_facts import SUBMITTED
from backoffice.rules.donation_verdicts import Key
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


@dataclass(frozen=True)
class Done:
    """What the portal now shows of a donation: `fingerprint` is that of the row from which it was made."""

    fingerprint: str
    deal_id: int | None = None
    contact_id: int | None = None


def to_work(engine: Engine, portal: str, submitted_before: datetime, *, most: int | None = None) -> list[DonationRow]:
    """The donations that the portal does not show as they are, oldest first.

    Without those only submitted after `submitted_before`, which will be paid or fail in a moment, and without those of
    which nothing is known but that they were there.
    """
    ripe = or_(col(DonationRow.status) != SUBMITTED, col(DonationRow.created_at) <= submitted_before)
    behind = rows_of(portal).where(
        col(DonationRow.worked) != col(DonationRow.fingerprint), col(DonationRow.created_at).is_not(None), ripe
    )
    with reading(engine) as session:
        return list(session.exec(behind.limit(most)))


def mark_worked(engine: Engine, portal: str, done: Mapping[Key, Done]) -> None:
    """The portal shows these donations so; what has changed meanwhile is still to work."""
    with writing(engine, turn=turn(portal)) as session:
        for row in of_keys(session, portal, done):
            shown = done[row.key]
            row.worked = shown.fingerprint
            row.deal_id = shown.deal_id or row.deal_id
            row.contact_id = shown.contact_id or row.contact_id
            session.add(row)


def supersede(engine: Engine, portal: str, site: str, superseded: Mapping[int, int]) -> None:
    """Failed donation -> the one by which its donor paid after all."""
    with writing(engine, turn=turn(portal)) as session:
        for row in of_keys(session, portal, [(site, donation_id) for donation_id in superseded]):
            row.superseded_by = superseded[row.donation_id]
            session.add(row)


def set_flags(engine: Engine, portal: str, flags: Mapping[Key, Collection[str]]) -> None:
    """The process's own marks, instead of those before."""
    with writing(engine, turn=turn(portal)) as session:
        for row in of_keys(session, portal, flags):
            row.flags = sorted(set(flags[row.key]))
            session.add(row)


def work_anew(engine: Engine, portal: str, keys: Collection[Key]) -> None:
    """The portal does not show these any more as it did: they are to work again."""
    with writing(engine, turn=turn(portal)) as session:
        for row in of_keys(session, portal, keys):
            row.worked = ""
            session.add(row)


def donations(engine: Engine, portal: str, keys: Collection[Key]) -> dict[Key, DonationRow]:
    """Key -> row, for those that are known."""
    with reading(engine) as session:
        return {row.key: row for row in of_keys(session, portal, keys)}


def of_donors(engine: Engine, portal: str, donor_keys: Iterable[str]) -> dict[str, list[DonationRow]]:
    """Donor key -> all the donations of the donor, oldest first; without donors of whom none is known."""
    found: dict[str, list[DonationRow]] = {}
    with reading(engine) as session:
        for some in chunks(key for key in donor_keys if key):
            for row in session.exec(rows_of(portal).where(col(DonationRow.donor_key).in_(some))):
                found.setdefault(row.donor_key, []).append(row)
    return found


def created_between(engine: Engine, portal: str, since: datetime, until: datetime) -> list[DonationRow]:
    """The donations created from `since` on and before `until`, oldest first; what a report compares."""
    created = rows_of(portal).where(col(DonationRow.created_at) >= since, col(DonationRow.created_at) < until)
    with reading(engine) as session:
        return list(session.exec(created))


def newest_seq(engine: Engine, portal: str, site: str) -> int:
    """The newest event of the site that any of its donations has told; -1 if there is none."""
    newest = select(func.coalesce(func.max(DonationRow.seq), -1))
    with reading(engine) as session:
        return session.exec(newest.where(DonationRow.portal == portal, DonationRow.site == site)).one()


def turn(portal: str) -> str:
    """Those who change donations of a portal do it one after another."""
    return f"donations {portal}"


def rows_of(portal: str) -> SelectOfScalar[DonationRow]:
    """The portal's donations, oldest first."""
    own = select(DonationRow).where(DonationRow.portal == portal)
    return own.order_by(col(DonationRow.created_at), col(DonationRow.site), col(DonationRow.donation_id))


def having(session: Session, portal: str, column: str, values: Iterable[str]) -> Iterator[DonationRow]:
    """The donations with one of the values in the column."""
    for some in chunks(values):
        yield from session.exec(rows_of(portal).where(col(column).in_(some)))


def of_keys(session: Session, portal: str, keys: Collection[Key]) -> Iterator[DonationRow]:
    """The donations with these keys, for those that are known."""
    ids: dict[str, list[int]] = {}
    for site, donation_id in keys:
        ids.setdefault(site, []).append(donation_id)
    for site, wanted in ids.items():
        for some in chunks(wanted):
            own = rows_of(portal).where(DonationRow.site == site, col(DonationRow.donation_id).in_(some))
            yield from session.exec(own)
