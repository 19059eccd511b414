"""What people did to contacts by hand: merged into another, or deleted. Such a contact is never made again unasked."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import BigInteger, Engine, update
from sqlmodel import Field, Session, SQLModel, col, delete, select

from backoffice.store.donations import hand_over
from backoffice.store.engine import reading, writing
from backoffice.store.moments import Moment
from backoffice.store.participations import Participation
from backoffice.store.statements import chunks, upsert


class ContactAlias(SQLModel, table=True):
    """A contact that is gone: its survivor after a merge, None after a deletion."""

    __tablename__ = "contact_alias"

    portal: str = Field(primary_key=True)
    contact_id: int = Field(primary_key=True, sa_type=BigInteger)
    survivor_id: int | None = Field(default=None, sa_type=BigInteger)
    noted_at: datetime = Field(sa_type=Moment)


def note_alias(engine: Engine, portal: str, gone: Mapping[int, int | None], now: datetime) -> None:
    """Notes gone contact -> survivor or None (deleted). A survivor was just seen, so an alias of its own is dropped.

    What the gone attended passes to the survivor at the same moment, so that its visits are counted together; what they
    donated passes before. ValueError when the contacts of `gone` survive each other in a circle.
    """
    ends = {contact_id: _end(gone, contact_id) for contact_id in gone}
    hand_over(engine, portal, {contact_id: end for contact_id, end in ends.items() if end is not None})
    standing = {survivor_id for survivor_id in gone.values() if survivor_id is not None} - gone.keys()
    rows = [
        {"portal": portal, "contact_id": contact_id, "survivor_id": gone[contact_id], "noted_at": now}
        for contact_id in sorted(gone)
    ]
    # Two halves of a circle noted at the same time would not see each other.
    with writing(engine, turn=f"aliases {portal}") as session:
        for some in chunks(standing):
            stale = col(ContactAlias.contact_id).in_(some)
            session.exec(delete(ContactAlias).where(col(ContactAlias.portal) == portal, stale))
        upsert(session, ContactAlias, rows)
        for contact_id, end in ends.items():
            _pass_on(session, portal, contact_id, end)


def survivors(engine: Engine, portal: str, contact_ids: Iterable[int]) -> dict[int, int | None]:
    """Gone contact -> the end of its chain of merges, None if that was deleted; ids without an alias are left out."""
    asked = set(contact_ids)
    known: dict[int, int | None] = {}
    with reading(engine) as session:
        unread = asked
        while unread:
            found = _aliases(session, portal, unread)
            known |= found
            unread = {survivor for survivor in found.values() if survivor is not None} - known.keys()
    return {contact_id: _end(known, contact_id) for contact_id in asked & known.keys()}


def _aliases(session: Session, portal: str, contact_ids: Iterable[int]) -> dict[int, int | None]:
    found: dict[int, int | None] = {}
    for some in chunks(contact_ids):
        noted = select(ContactAlias).where(ContactAlias.portal == portal, col(ContactAlias.contact_id).in_(some))
        found |= {alias.contact_id: alias.survivor_id for alias in session.exec(noted)}
    return found


def _pass_on(session: Session, portal: str, contact_id: int, survivor_id: int | None) -> None:
    if survivor_id is None:
        return
    theirs = update(Participation).where(col(Participation.portal) == portal)
    session.exec(theirs.where(col(Participation.contact_id) == contact_id).values(contact_id=survivor_id))


def _end(survivor_of: Mapping[int, int | None], contact_id: int) -> int | None:
    passed = {contact_id}
    end = survivor_of[contact_id]
    while end is not None and end in survivor_of:
        if end in passed:
            raise ValueError(f"contacts survive each other in a circle: {sorted(passed)}")
        passed.add(end)
        end = survivor_of[end]
    return end
