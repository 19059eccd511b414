"""The table of donations, and how its rows are found.

A row holds what the site told of its donor only while the portal has to be told; after that no name, address or phone.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import JSON, BigInteger, Column, Index
from sqlmodel import Field, Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from backoffice.rules.donation_verdicts import Key
from backoffice.store.exact import Exact
from backoffice.store.moments import Moment
from backoffice.store.statements import chunks

T = TypeVar("T")


class DonationRow(SQLModel, table=True):
    """A donation of a site.

    `seq` is the newest event known, `status_seq` and `snapshot_seq` are the newest that told a status and a snapshot.
    `fingerprint` is of everything that the portal has to show, `worked` that of what it shows. `repeated`: there is an
    earlier funded donation of this donor; `duplicate_of`: an earlier funded donation has the gateway's same charge.
    `superseded_by`: the funded donation by which the donor paid after this attempt. `donor_key` is a hash.
    `told` is what the site told last, until it is forgotten; `status_at` is when the donation came to its status.
    `shown` is what was last written into its deal; `gone`: people deleted that.
    """

    __tablename__ = "donation"
    __table_args__ = (
        Index("donation_work", "portal", "created_at"),
        Index("donation_donor", "portal", "donor_key"),
        Index("donation_charge", "portal", "transaction_id"),
        Index("donation_contact", "portal", "contact_id"),
        Index("donation_status", "portal", "status_at"),
    )

    portal: str = Field(primary_key=True)
    site: str = Field(primary_key=True)
    donation_id: int = Field(primary_key=True, sa_type=BigInteger)
    seq: int = Field(default=-1, sa_type=BigInteger)
    status_seq: int = Field(default=-1, sa_type=BigInteger)
    snapshot_seq: int = Field(default=-1, sa_type=BigInteger)
    status: str = ""
    status_at: datetime | None = Field(default=None, sa_type=Moment)
    snapshot_hash: str = ""
    told: dict[str, Any] | None = Field(default=None, repr=False, sa_column=Column(JSON(none_as_null=True)))
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
    superseded_by: int | None = Field(default=None, sa_type=BigInteger)
    fingerprint: str = ""
    worked: str = ""
    deal_id: int | None = Field(default=None, sa_type=BigInteger)
    contact_id: int | None = Field(default=None, sa_type=BigInteger)
    shown: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    gone: bool = False
    changed_at: datetime = Field(sa_type=Moment)

    @property
    def key(self) -> Key:
        return self.site, self.donation_id


def turn(portal: str) -> str:
    """Those who change donations of a portal do it one after another."""
    return f"donations {portal}"


def rows_of(portal: str) -> SelectOfScalar[DonationRow]:
    """The portal's donations, in no order: asked for one, SQLite walks through all of them in it."""
    return select(DonationRow).where(DonationRow.portal == portal)


def oldest_first(rows: SelectOfScalar[DonationRow]) -> SelectOfScalar[DonationRow]:
    """The rows by when they were created."""
    return rows.order_by(col(DonationRow.created_at), col(DonationRow.site), col(DonationRow.donation_id))


def having(
    session: Session, rows: SelectOfScalar[DonationRow], column: T | None, values: Iterable[T]
) -> Iterator[DonationRow]:
    """Those of the rows with one of the values in the column."""
    for some in chunks(values):
        yield from session.exec(rows.where(col(column).in_(some)))


def of_keys(session: Session, portal: str, keys: Collection[Key]) -> Iterator[DonationRow]:
    """The donations with these keys, for those that are known."""
    ids: dict[str, list[int]] = {}
    for site, donation_id in keys:
        ids.setdefault(site, []).append(donation_id)
    for site, wanted in ids.items():
        of_site = rows_of(portal).where(DonationRow.site == site)
        yield from having(session, of_site, DonationRow.donation_id, wanted)
