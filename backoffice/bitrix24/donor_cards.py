"""Contacts as the cards of donors: found by address and phone, created with a name, an address and a phone."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.contacts import Contact, contact_of, contacts_by_id, selection
from backoffice.bitrix24.contacts_by_email import contacts_by_email
from backoffice.bitrix24.duplicates import MOST_VALUES, find_by_comm
from backoffice.bitrix24.wire import as_map
from backoffice.rules.chunks import chunked
from backoffice.rules.donation_facts import Donor
from backoffice.rules.donation_work import DonorCard
from backoffice.rules.donors import NameParts
from backoffice.rules.people import normal_email, normal_phone
from backoffice.rules.portal_facts import ASSUMED, PortalFacts

FIELDS = ("SECOND_NAME", "PHONE")


def donor_cards(
    portal: Portal, emails: Iterable[str], phones: Iterable[str], facts: PortalFacts = ASSUMED
) -> tuple[DonorCard, ...]:
    """Everybody with any of the addresses or of the phones (E.164), the oldest first.

    500 addresses or 330 phones a request, and 2,500 of those found.
    """
    found = contacts_by_email(portal, filter(None, emails), FIELDS, facts)
    found |= _by_phone(portal, set(filter(None, phones)), found, facts)
    return tuple(card_of(found[contact_id]) for contact_id in sorted(found))


def cards_by_id(portal: Portal, ids: Iterable[int]) -> dict[int, DonorCard]:
    """The cards that exist and that the webhook's owner may read; 2,500 ids a request."""
    return {contact.id: card_of(contact) for contact in contacts_by_id(portal, ids, FIELDS).values()}


def card_of(contact: Contact) -> DonorCard:
    """A contact read with the fields `FIELDS`."""
    second = str(contact.fields.get("SECOND_NAME") or "")
    phones = [str(phone["VALUE"]) for phone in as_map(contact.fields.get("PHONE")).values()]
    return DonorCard(
        id=contact.id,
        name=" ".join(f"{contact.last_name} {contact.first_name} {second}".split()),
        emails=frozenset(filter(None, map(normal_email, contact.emails))),
        phones=frozenset(filter(None, map(normal_phone, phones))),
    )


def donor_fields(donor: Donor, name: NameParts, site: str, ref: str) -> dict[str, Any]:
    """A new contact as `new_contacts.adding_params` takes it; `site` and `ref` are its ORIGINATOR_ID and ORIGIN_ID."""
    reached = (("EMAIL", "HOME", donor.email), ("PHONE", "MOBILE", donor.phone))
    named = {"lastName": name.last, "name": name.first, "secondName": name.second}
    return {
        **{field: text for field, text in named.items() if text},
        "fm": [{"typeId": kind, "valueType": where, "value": value} for kind, where, value in reached if value],
        "originatorId": site,
        "originId": ref,
    }


def spellings(phone: str) -> tuple[str, ...]:
    """The ways in which people write the number into cards: the portal compares phones as they are written."""
    digits = phone.removeprefix("+")
    domestic = (f"8{digits[1:]}",) if phone.startswith("+7") else ()
    return (phone, digits, *domestic)


def _by_phone(
    portal: Portal, phones: Collection[str], known: Mapping[int, Contact], facts: PortalFacts
) -> dict[int, Contact]:
    """Those with any of the phones who are not known yet."""
    written = [text for phone in sorted(phones) for text in spellings(phone)]
    ids, cut = find_by_comm(portal, "PHONE", list(chunked(written, MOST_VALUES)), facts)
    more, still_cut = find_by_comm(portal, "PHONE", [[text] for group in cut for text in group], facts)
    found = contacts_by_id(portal, (ids | more) - known.keys(), FIELDS)
    for text in (text for group in still_cut for text in group):
        found |= _with_phone(portal, text)
    return found


def _with_phone(portal: Portal, text: str) -> dict[int, Contact]:
    """More people share the number than the search gives: the listing filters by it exactly as it is written."""
    rows = portal.rows("crm.contact.list", **selection({"PHONE": text}, FIELDS))
    return {int(row["ID"]): contact_of(row) for row in rows}
