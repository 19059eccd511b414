"""The deals of donations: found, made once, kept as the donations are, rid of twins."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from backoffice import connections
from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.deal_forms import DealForms
from backoffice.bitrix24.deal_remains import Remains, twin_remains
from backoffice.bitrix24.deal_removal import delete_deals
from backoffice.bitrix24.donation_deals import deals_by_id, deals_by_origin, deals_of_contacts, funnel_deals
from backoffice.bitrix24.donor_cards import cards_by_id
from backoffice.bitrix24.doubt import moment
from backoffice.bitrix24.errors import ListingBroken, PortalError
from backoffice.bitrix24.funnels import DEAL
from backoffice.bitrix24.traces import METHOD as COMMENT
from backoffice.bitrix24.traces import find_traces, trace_origin, trace_params
from backoffice.once import Created, Creation, OnceOnly
from backoffice.retries import raise_if_passing, worth_retrying
from backoffice.rules.donation_facts import Donor
from backoffice.rules.donation_plan import ContactRef, Step, Verdict
from backoffice.rules.donation_policy import DonationPolicy
from backoffice.rules.donation_twins import Twin
from backoffice.rules.donation_verdicts import Key
from backoffice.rules.donation_work import Deal, Donors, KnownDonation
from backoffice.rules.donors import cards_of
from backoffice.rules.portal_words import DirectionWords
from backoffice.settings import SettingMissing
from backoffice.store import donations, effects
from backoffice.store.cursors import cursors, move_cursor

PROCESS = "donation_reconciliation"
KIND, REMAINS = "donation", "twin_comment"
SCANNED = "donation deals scanned"
ITEM = {"entityTypeId": DEAL, "useOriginalUfNames": "Y"}


@dataclass(frozen=True)
class DealsWritten:
    """Donation -> its deal, for those that stand now as they should; and why the others do not."""

    ids: Mapping[Key, int] = field(default_factory=dict)
    failures: Mapping[Key, PortalError] = field(default_factory=dict)


@task(cache_policy=NO_CACHE)
def read_directions() -> DirectionWords:
    """What campaigns are for, from portal.toml; SettingMissing where that section lacks."""
    directions = connections.words().processes[PROCESS].directions
    if directions is None:
        raise SettingMissing(f"в portal.toml нет раздела [{PROCESS}.directions]: направления пожертвований")
    return directions


@task(retries=3, retry_delay_seconds=[5, 30, 90], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def read_own_deals(known: Sequence[KnownDonation]) -> dict[Key, tuple[Deal, ...]]:
    """The deals that carry the donations' keys, or did when we wrote them; 2,500 donations a request."""
    with connections.portal() as portal:
        found = deals_by_origin(portal, _forms(), [donation.key for donation in known], connections.facts())
        unseen = {one.deal_id: one.key for one in known if one.deal_id and one.key not in found}
        found |= {unseen[deal_id]: (deal,) for deal_id, deal in deals_by_id(portal, _forms(), unseen).items()}
        _demand_the_newest(portal, [key for key in unseen.values() if key not in found])
    return found


@task(retries=3, retry_delay_seconds=[5, 30, 90], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def read_other_deals(known: Sequence[KnownDonation], donors: Donors, policy: DonationPolicy) -> tuple[Deal, ...]:
    """The deals of the funnel that the donors have around their donations, without a key of ours; 1,000 donors a
    request."""
    contacts = {one.contact_id for one in known if one.contact_id}
    contacts |= {card.id for one in known if one.told for card in cards_of(one.told.donor, donors.cards)}
    if not contacts:
        return ()
    since = min(one.created_at for one in known) - policy.twin_window
    until = max(one.created_at for one in known) + policy.twin_window
    sites = {one.site for one in known}
    with connections.portal() as portal:
        return tuple(deals_of_contacts(portal, _forms(), contacts, since, until, sites))


@task(retries=3, retry_delay_seconds=[5, 30, 90], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def write_deals(steps: Sequence[Step], contacts: Mapping[str, int], recreate_deleted: bool = False) -> DealsWritten:
    """Make, take over and update deals, 50 a request; `contacts` gives the ids of those created a moment ago.

    Repeating it makes nothing twice: a deal carries its donation's key.
    """
    by_name = {_named(step.donation.key): step for step in steps}
    with connections.portal() as portal:
        if recreate_deleted:
            effects.forget(connections.store(), portal.host, KIND, _deleted(steps))
        made = _once(portal, "crm.item.add").create(_creations(by_name, Verdict.NEW, contacts))
        adopted = _once(portal, "crm.item.update").create(_creations(by_name, Verdict.ADOPTED, contacts))
        updated = portal.batch([_update(step, contacts) for step in steps if _is_changed(step, contacts)])
    failures = _by_key(by_name, made, adopted) | dict(updated.failed)
    raise_if_passing("crm.item", {_named(key): error for key, error in failures.items()})
    ids = {by_name[name].donation.key: deal_id for one in (made, adopted) for name, deal_id in one.ids.items()}
    standing = {step.donation.key: step.deal.id for step in steps if step.deal is not None}
    written = {key: deal_id for key, deal_id in (standing | ids).items() if key not in failures}
    return DealsWritten(written, failures)


@task(retries=3, retry_delay_seconds=[5, 30, 90], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def remove_twins(twins: Sequence[Twin], deals: Mapping[Key, int]) -> dict[str, PortalError]:
    """Save what only a twin has as a comment of the paid deal, once, then delete the twin; what failed, by twin.

    Each twin is looked at once more: one that was paid, taken over or deleted meanwhile is left alone.
    """
    kept = {twin.deal.id: deal_id for twin in twins if (deal_id := deals.get(twin.kept))}
    with connections.portal() as portal:
        remains = twin_remains(portal, _forms(), kept)
        doomed = [twin.deal.id for twin in twins if _is_still(twin, remains.get(twin.deal.id))]
        comments = {str(own): _comment(kept[own], remains[own]) for own in doomed}
        saved = _once_comments(portal).create(comments)
        removed = delete_deals(portal, [own for own in doomed if str(own) in saved.ids])
    failures = dict(saved.failures) | {str(own): error for own, error in removed.failures.items()}
    raise_if_passing("crm.item.delete", failures)
    return {f"двойник, сделка {name}": error for name, error in failures.items()}


@task(retries=3, retry_delay_seconds=[5, 30, 90], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def find_strays(policy: DonationPolicy) -> int:
    """Have donations worked again beside which a deal without a key of ours has appeared; of how many.

    Looks at the deals that are new in the funnel since the last time, 50 a request.
    """
    engine, host = connections.store(), connections.portal_host()
    after = int(cursors(engine, host).get(SCANNED, 0))
    with connections.portal() as portal:
        new = funnel_deals(portal, _forms(), after=after)
    sites = donations.newest_seqs(engine, host).keys()
    strays = [deal for deal in new if deal.site not in sites and deal.contact_id]
    keys = _donations_beside(strays, policy.twin_window)
    donations.work_anew(engine, host, keys)
    if new:
        move_cursor(engine, host, SCANNED, str(max(deal.id for deal in new)))
    return len(keys)


def _forms() -> DealForms:
    return DealForms(connections.names(PROCESS), connections.zone(), connections.facts().list_datetime)


def _settle() -> timedelta:
    return timedelta(seconds=connections.words().portal.limits.settle_seconds)


def _named(key: Key) -> str:
    """A donation's key in our store of effects."""
    return f"{key[0]} {key[1]}"


def _demand_the_newest(portal: Portal, unseen: Sequence[Key]) -> None:
    """ListingBroken when deals that we made a moment ago are not shown: the portal lags, nobody deleted them."""
    names = [_named(key) for key in unseen]
    if effects.claimed_since(connections.store(), portal.host, KIND, names, moment(portal) - _settle()):
        raise ListingBroken("deals made a moment ago are not shown yet")


def _deleted(steps: Sequence[Step]) -> list[str]:
    return [_named(step.donation.key) for step in steps if step.donation.deal_id or step.donation.gone]


def _once(portal: Portal, method: str) -> OnceOnly:
    """A deal gets a donation's key once, whether it is made with it or gets it later."""

    def find(names: Collection[str]) -> dict[str, int]:
        found = deals_by_origin(portal, _forms(), map(_key, names), connections.facts())
        return {_named(key): deals[0].id for key, deals in found.items()}

    return OnceOnly(portal, connections.store(), KIND, method, find, _item_id, _settle())


def _key(name: str) -> Key:
    site, _, donation_id = name.rpartition(" ")
    return site, int(donation_id)


def _item_id(result: Any) -> int:
    return int(result["item"]["id"])


def _creations(by_name: Mapping[str, Step], verdict: Verdict, contacts: Mapping[str, int]) -> dict[str, Creation]:
    return {
        name: Creation(name, {**ITEM, **_of(step.deal), "fields": _fields(step, contacts, step.donation.key)})
        for name, step in by_name.items()
        if step.verdict is verdict
    }


def _of(deal: Deal | None) -> dict[str, int]:
    return {"id": deal.id} if deal else {}


def _is_changed(step: Step, contacts: Mapping[str, int]) -> bool:
    """Not if all that it lacks is a contact that could not be created."""
    news = step.changes or contact_of(step.contact, contacts)
    return step.verdict is Verdict.CHANGED and bool(news)


def _update(step: Step, contacts: Mapping[str, int]) -> Command[Key]:
    params = {**ITEM, **_of(step.deal), "fields": _fields(step, contacts)}
    return Command("crm.item.update", params, step.donation.key)


def _fields(step: Step, contacts: Mapping[str, int], key: Key | None = None) -> dict[str, Any]:
    return _forms().fields(step.changes, contact_of(step.contact, contacts), key)


def contact_of(contact: ContactRef | None, contacts: Mapping[str, int]) -> int | None:
    """The contact's id; None also for one that could not be created."""
    return contacts.get(contact) if isinstance(contact, str) else contact


def _by_key(by_name: Mapping[str, Step], *created: Created) -> dict[Key, PortalError]:
    return {by_name[name].donation.key: error for one in created for name, error in one.failures.items()}


def _is_still(twin: Twin, remains: Remains | None) -> bool:
    """The twin stands as it did when it was planned."""
    if remains is None:
        return False
    living = remains.deal
    return not living.won and (living.key, living.amount) == (twin.deal.key, twin.deal.amount)


def _comment(kept: int, remains: Remains) -> Creation:
    twin = remains.deal
    stamp = f"{twin.id:012d}"
    text = f"Удалён двойник этой сделки: № {twin.id} «{twin.form['title']}».\n{remains.text}"
    return Creation(trace_origin(kept, stamp), trace_params(kept, stamp, text))


def _once_comments(portal: Portal) -> OnceOnly:
    def find(origins: Collection[str]) -> dict[str, int]:
        if connections.facts().comments_keep_marks:
            return find_traces(portal, origins)
        return dict.fromkeys(origins, 0)

    return OnceOnly(portal, connections.store(), REMAINS, COMMENT, find, int, _settle())


def _donations_beside(strays: Sequence[Deal], window: timedelta) -> list[Key]:
    """The donations of the strays' donors made around them: by the contact, and by the addresses in its card."""
    engine, host = connections.store(), connections.portal_host()
    contacts = {deal.contact_id for deal in strays if deal.contact_id}
    if not contacts:
        return []
    with connections.portal() as portal:
        cards = cards_by_id(portal, contacts)
    keys_of = {card.id: [Donor(email=email).key for email in card.emails] for card in cards.values()}
    by_contact = donations.of_contacts(engine, host, contacts)
    by_donor = donations.of_donors(engine, host, {key for keys in keys_of.values() for key in keys})
    found = {
        known.key
        for deal in strays
        for known in _known_of(deal.contact_id or 0, keys_of, by_contact, by_donor)
        if abs(known.created_at - deal.created_at) <= window
    }
    return sorted(found)


def _known_of(
    contact_id: int,
    keys_of: Mapping[int, list[str]],
    by_contact: Mapping[int, list[KnownDonation]],
    by_donor: Mapping[str, list[KnownDonation]],
) -> list[KnownDonation]:
    by_address = [known for key in keys_of.get(contact_id, ()) for known in by_donor.get(key, ())]
    return by_address + by_contact.get(contact_id, [])
