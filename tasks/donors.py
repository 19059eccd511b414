"""Donors as contacts of the portal: recognised, made once, rid of duplicates."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from backoffice import connections
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.contacts_by_origin import contacts_by_origin
from backoffice.bitrix24.donor_cards import cards_by_id, donor_cards, donor_fields
from backoffice.bitrix24.doubt import moment
from backoffice.bitrix24.errors import ListingBroken, PortalError
from backoffice.bitrix24.merging import NO_ANSWER, Conflict, Failed, Merged, merge
from backoffice.bitrix24.new_contacts import adding_method, adding_params
from backoffice.once import Created, Creation, OnceOnly
from backoffice.retries import raise_if_passing, worth_retrying
from backoffice.rules.donation_plan import Merge, NewDonor
from backoffice.rules.donation_work import Donors, KnownDonation
from backoffice.rules.donors import duplicates_of, name_parts, person_key
from backoffice.store import aliases, effects

ORIGINATOR = "leyka"
KIND, MERGING = "donor", "merge"
PATIENCE = timedelta(minutes=5)
"""How long a merge may take before its run counts as dead."""


@dataclass
class Merges:
    """What became of the merges: done, refused because of fields that differ, failed by survivor.

    `unfinished`: the contacts of those that the next run has to look at.
    """

    merged: list[Merge] = field(default_factory=list)
    conflicts: list[tuple[Merge, str]] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    unfinished: set[int] = field(default_factory=set)

    def leave(self, wanted: Merge) -> None:
        """Take in one for the next run."""
        self.unfinished |= {wanted.survivor, *wanted.victims}

    def note(self, wanted: Merge, outcome: Merged | Conflict | Failed | None) -> None:
        """Take in one outcome; None where nothing was left to merge."""
        match outcome:
            case Merged():
                self.merged.append(wanted)
            case Conflict():
                self.conflicts.append((wanted, ", ".join(outcome.fields)))
            case Failed():
                self.failures[f"объединение контакта {wanted.survivor}"] = outcome.reason
        if outcome == NO_ANSWER:
            self.leave(wanted)


@task(retries=3, retry_delay_seconds=[5, 30, 90], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def read_donors(known: Sequence[KnownDonation]) -> Donors:
    """The contacts that the donors may be, by address and phone, and those that we once made of them.

    500 new donors cost 3 requests.
    """
    engine, host = connections.store(), connections.portal_host()
    named = [one.told.donor for one in known if one.told and not one.told.donor.is_anonymous]
    keys = {person_key(one.told.donor, one.key) for one in known if one.told}
    made = {key: int(contact) for key, contact in effects.done(engine, host, KIND, keys).items()}
    with connections.portal() as portal:
        found = donor_cards(
            portal, {donor.email for donor in named}, {donor.phone for donor in named}, connections.facts()
        )
        seen = {card.id for card in found}
        heirs = aliases.survivors(engine, host, made.values())
        now_at = {key: heirs.get(contact, contact) for key, contact in made.items()}
        living = cards_by_id(portal, {contact for contact in now_at.values() if contact} - seen).keys() | seen
        _demand_the_newest(portal, [key for key, contact in now_at.items() if contact not in living])
    standing = {key: contact for key, contact in now_at.items() if contact in living and contact}
    return Donors(found, standing, frozenset(made.keys() - standing.keys()))


@task(retries=3, retry_delay_seconds=[5, 30, 90], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def create_donors(newcomers: Sequence[NewDonor], recreate_deleted: bool = False) -> Created:
    """Create a portion of contacts, each once, 50 a request. Refusals are in `failures` by person key."""
    with connections.portal() as portal:
        if recreate_deleted:
            effects.forget(connections.store(), portal.host, KIND, [one.key for one in newcomers])
        created = _once(portal).create({one.key: _creation(one) for one in newcomers})
    raise_if_passing("crm.contact", created.failures)
    return created


@task(retries=3, retry_delay_seconds=[5, 30, 90], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def merge_donors(merges: Sequence[Merge], now: datetime) -> Merges:
    """Merge the contacts of each person, one person after another; what the portal would not merge is a conflict.

    A person that another run is merging right now, or was when it died, is left to the next run. What a killed run has
    merged is noted first.
    """
    result = Merges()
    if not merges:
        return result
    with connections.portal() as portal:
        _note_interrupted(portal, now)
        for wanted in merges:
            if _claimed(portal, wanted, now):
                result.note(wanted, _merge_claimed(portal, wanted, now))
            else:
                result.leave(wanted)
    return result


def _settle() -> timedelta:
    return timedelta(seconds=connections.words().portal.limits.settle_seconds)


def _demand_the_newest(portal: Portal, keys: Sequence[str]) -> None:
    """ListingBroken when contacts that we made a moment ago are not shown: the portal lags, nobody deleted them."""
    if effects.claimed_since(connections.store(), portal.host, KIND, keys, moment(portal) - _settle()):
        raise ListingBroken("contacts made a moment ago are not shown yet")


def _once(portal: Portal) -> OnceOnly:
    def find(origins: Collection[str]) -> dict[str, int]:
        return contacts_by_origin(portal, ORIGINATOR, origins, connections.facts())

    method = adding_method(connections.facts())
    return OnceOnly(portal, connections.store(), KIND, method, find, _contact_id, _settle())


def _contact_id(result: Any) -> int:
    """What `crm.item.add` answers, or `crm.contact.add`."""
    return int(result["item"]["id"] if isinstance(result, Mapping) else result)


def _creation(newcomer: NewDonor) -> Creation:
    origin = f"{newcomer.donation[0]} {newcomer.donation[1]}"
    fields = donor_fields(newcomer.donor, name_parts(newcomer.donor.name), ORIGINATOR, origin)
    return Creation(origin, adding_params(fields, connections.facts()))


def _merge_claimed(portal: Portal, wanted: Merge, now: datetime) -> Merged | Conflict | Failed | None:
    """The claim is given back also when the portal lets us down, for the next try."""
    try:
        outcome = _merge(portal, wanted, now)
    except PortalError:
        _release(portal, wanted)
        raise
    _release(portal, wanted)
    return outcome


def _merge(portal: Portal, wanted: Merge, now: datetime) -> Merged | Conflict | Failed | None:
    """None when there is nothing left to merge: somebody has done it, or renamed one of the contacts."""
    living = cards_by_id(portal, (wanted.survivor, *wanted.victims))
    survivor = living.get(wanted.survivor)
    victims = [card.id for card in duplicates_of(survivor, list(living.values()))] if survivor else []
    if not victims:
        return None
    outcome = merge(portal, wanted.survivor, victims, settle=_settle())
    if isinstance(outcome, Merged):
        _note_survivor(portal, dict.fromkeys(victims, wanted.survivor), now)
    return outcome


def _claimed(portal: Portal, wanted: Merge, now: datetime) -> bool:
    """Whether the person is ours to merge; a claim on any of the contacts is one on the person."""
    claims = effects.claim(connections.store(), portal.host, MERGING, _held(wanted), now)
    if claims.done or claims.in_doubt:
        effects.release(connections.store(), portal.host, MERGING, claims.fresh)
        return False
    return True


def _release(portal: Portal, wanted: Merge) -> None:
    effects.release(connections.store(), portal.host, MERGING, _held(wanted))


def _held(wanted: Merge) -> dict[str, str]:
    return {str(contact): str(wanted.survivor) for contact in (wanted.survivor, *wanted.victims)}


def _note_interrupted(portal: Portal, now: datetime) -> None:
    """Claims older than the portal may be executing anything are of runs that died: see what they have done."""
    claims = effects.claims_before(connections.store(), portal.host, MERGING, now - PATIENCE)
    survivors = {int(contact): int(survivor) for contact, survivor in claims.items() if contact != survivor}
    living = cards_by_id(portal, {*survivors, *survivors.values()}) if survivors else {}
    gone = {one: heir for one, heir in survivors.items() if one not in living and heir in living}
    _note_survivor(portal, gone, now)
    effects.release(connections.store(), portal.host, MERGING, claims)


def _note_survivor(portal: Portal, gone: Mapping[int, int], now: datetime) -> None:
    if gone:
        aliases.note_alias(connections.store(), portal.host, dict(gone), now)
