"""Which donors a contact is among: fields of its card for the CRM's filters, and the list of those to call back."""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import partial
from typing import Any

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from backoffice import connections
from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.contacts import CONTACT, Contact, contacts_by_id
from backoffice.bitrix24.errors import PortalError
from backoffice.bitrix24.links import contact_link, deal_link
from backoffice.bitrix24.values import value_of, values_of
from backoffice.letters import render
from backoffice.retries import raise_if_passing, worth_retrying
from backoffice.rules.donation_work import KnownDonation
from backoffice.rules.donor_segments import FIRST, REPEATED, Call, Segment, Segments, failed_payment, segment_of
from backoffice.rules.people import initials
from backoffice.rules.portal_words import DirectionWords
from backoffice.rules.russian import price
from backoffice.settings import SettingMissing
from backoffice.store import donations

PROCESS = "donation_reconciliation"
SHOWN = 1000
TICKED = ("1", "Y")
"""The listing shows a tick as 1, crm.item takes it as Y."""


@task(retries=3, retry_delay_seconds=[5, 30, 90], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def update_segments(contact_ids: Collection[int]) -> dict[str, PortalError]:
    """Write which donors these contacts are, where their cards say otherwise; what failed, by contact.

    2,500 contacts a request to look, 50 a request to write. Repeating it changes nothing.
    """
    given = donations.of_contacts(connections.store(), connections.portal_host(), contact_ids)
    segments = {contact_id: segment_of(known, _directions(), _start_from()) for contact_id, known in given.items()}
    with connections.portal() as portal:
        living = contacts_by_id(portal, segments, list(_codes().values()))
        stale = [contact_id for contact_id, contact in living.items() if _shown(contact) != segments[contact_id]]
        failed = portal.batch([_update(contact_id, segments[contact_id]) for contact_id in stale]).failed
    failures = {f"контакт {contact_id}": error for contact_id, error in failed}
    raise_if_passing("crm.item.update", failures)
    return failures


@task(retries=3, retry_delay_seconds=[5, 30, 90], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def read_segments(since: datetime, now: datetime) -> Segments:
    """The donors of the donations created since then, by these donations; and whom to call back."""
    given: dict[int, list[KnownDonation]] = {}
    for known in donations.created_between(connections.store(), connections.portal_host(), since, now):
        if known.contact_id is not None:
            given.setdefault(known.contact_id, []).append(known)
    failed = {contact_id: one for contact_id, known in given.items() if (one := failed_payment(known, _start_from()))}
    latest = sorted(failed, key=lambda contact_id: failed[contact_id].created_at, reverse=True)
    named = _initials(latest[:SHOWN])
    calls = [Call(contact_id, named.get(contact_id, "—"), failed[contact_id]) for contact_id in latest]
    segments = {contact_id: segment_of(known, _directions(), _start_from()) for contact_id, known in given.items()}
    return Segments(segments, tuple(calls))


@task(cache_policy=NO_CACHE)
def publish_segments(segments: Segments, since: datetime) -> None:
    """First-time and repeated donors, by direction too; whom to call back, with links. Initials, never an address."""
    if not segments.donors:
        return
    origin = connections.portal_origin()
    text = render(
        "donation_reconciliation/segments.md.j2",
        segments=segments,
        since=since.astimezone(connections.zone()),
        kinds=(FIRST, REPEATED),
        shown=SHOWN,
        local=lambda moment: moment.astimezone(connections.zone()),
        price=price,
        contact_link=partial(contact_link, origin),
        deal_link=partial(deal_link, origin),
    )
    create_markdown_artifact(text, key="donor-segments")


def _directions() -> DirectionWords:
    directions = connections.words().processes[PROCESS].directions
    if directions is None:
        raise SettingMissing(f"в portal.toml нет раздела [{PROCESS}.directions]: направления пожертвований")
    return directions


def _start_from() -> datetime:
    return connections.words().processes[PROCESS].start_from


def _codes() -> dict[str, str]:
    return dict(connections.names(PROCESS).contact_fields)


def _initials(contact_ids: Iterable[int]) -> dict[int, str]:
    with connections.portal() as portal:
        found = contacts_by_id(portal, contact_ids)
    return {contact.id: initials(contact.last_name, contact.first_name) for contact in found.values()}


def _shown(contact: Contact) -> Segment:
    """What the card says now."""
    codes = _codes()
    return Segment(
        value_of(contact.fields.get(codes["donor_kind"])),
        value_of(contact.fields.get(codes["call_back"])) in TICKED,
        tuple(sorted(values_of(contact.fields.get(codes["directions"])))),
    )


def _update(contact_id: int, segment: Segment) -> Command[int]:
    codes = _codes()
    fields: dict[str, Any] = {
        codes["donor_kind"]: segment.donor_kind,
        codes["call_back"]: "Y" if segment.call_back else "N",
        codes["directions"]: list(segment.directions),
    }
    item = {"entityTypeId": CONTACT, "useOriginalUfNames": "Y", "id": contact_id}
    return Command("crm.item.update", {**item, "fields": fields}, contact_id)
