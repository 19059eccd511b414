"""The plan for a portion of donations: what becomes of each, and which twins of deals and contacts go."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from backoffice.rules.donation_facts import FUNDED, Donor
from backoffice.rules.donation_forms import changes, form_of, wants_deal
from backoffice.rules.donation_policy import DonationPolicy
from backoffice.rules.donation_twins import Payment, Twin, adoptions, twins
from backoffice.rules.donation_verdicts import Key
from backoffice.rules.donation_work import Deal, Donors, Facts, Form, KnownDonation
from backoffice.rules.donors import cards_of, duplicates_of, fitting_names, holders_of, name_parts, person_key
from backoffice.rules.portal_words import DirectionWords

ContactRef = int | str
"""A contact's id, or the key of a person whose contact is still to be created."""
CONTACT_DELETED = "контакт жертвователя удалили люди: сделка без контакта"
DEAL_DELETED = "сделку удалили люди: заново не создаётся"
ADOPTED = "за этот платёж сделка уже есть: те же жертвователь, сумма и кампания"
NOT_MADE = "сделки не было: на сайте пожертвования больше нет"


class Verdict(StrEnum):
    """What becomes of a donation, as the report names it."""

    NEW = "новая сделка"
    ADOPTED = "взята готовая сделка"
    CHANGED = "сделка обновлена"
    STANDS = "без изменений"
    DELETED = "сделка удалена людьми"
    NONE = "без сделки"


@dataclass(frozen=True)
class NewDonor:
    """A contact to create for the donor of a donation."""

    key: str
    donation: Key
    donor: Donor = field(repr=False)


@dataclass(frozen=True)
class Merge:
    """Contacts of one person, the survivor apart."""

    survivor: int
    victims: tuple[int, ...]
    initials: str


@dataclass(frozen=True)
class Step:
    """What becomes of one donation.

    `deal` is its own deal, there already or taken over; `form` is what it shows in the end, `changes` what to write for
    that. `contact` is who the deal gets, None to leave that as it is.
    """

    donation: KnownDonation
    verdict: Verdict
    deal: Deal | None = None
    form: Form = field(default_factory=dict)
    changes: Form = field(default_factory=dict)
    contact: ContactRef | None = None
    why: str = ""

    @property
    def initials(self) -> str:
        """How the donor appears in reports."""
        told = self.donation.told
        if told is None:
            return "—"
        return "аноним" if told.donor.is_anonymous else name_parts(told.donor.name).initials


@dataclass(frozen=True)
class Plan:
    """What is to be done about a portion of donations; without changes when everything already stands."""

    steps: tuple[Step, ...] = ()
    donors: tuple[NewDonor, ...] = ()
    merges: tuple[Merge, ...] = ()
    twins: tuple[Twin, ...] = ()

    @property
    def writes(self) -> int:
        """How many writes it asks of the portal, merges and saved remains of twins included."""
        deals = sum(1 for step in self.steps if step.verdict in WRITTEN)
        return deals + len(self.donors) + len(self.merges) + 2 * len(self.twins)


WRITTEN = (Verdict.NEW, Verdict.ADOPTED, Verdict.CHANGED)


def decide(facts: Facts, directions: DirectionWords, policy: DonationPolicy) -> Plan:
    """What to do about the donations, given what stands in the portal."""
    people = _People(facts.donors, policy)
    payments = [
        Payment(donation, form_of(donation, directions), people.contacts_of(donation)) for donation in facts.donations
    ]
    own = {one.donation.key: _own_deal(one.donation, facts.own.get(one.donation.key, ())) for one in payments}
    lacking = [one for one in payments if own[one.donation.key] is None and _may_be_made(one.donation, policy)]
    adopted = adoptions(lacking, facts.others, policy.twin_window)
    steps = [_step(one, own[one.donation.key], adopted, people, policy) for one in payments]
    return Plan(
        tuple(steps),
        tuple(people.newcomers),
        tuple(people.merges(steps) if policy.merge_duplicates else ()),
        tuple(_twins(payments, steps, facts, policy) if policy.remove_twins else ()),
    )


class _People:
    """Who the donors of a portion are; one person who gives twice is one newcomer."""

    def __init__(self, donors: Donors, policy: DonationPolicy) -> None:
        self._donors, self._anew = donors, policy.recreate_deleted
        self.newcomers: list[NewDonor] = []

    def contacts_of(self, donation: KnownDonation) -> frozenset[int]:
        """The contacts that may be the donor."""
        known = {donation.contact_id} if donation.contact_id else set()
        cards = cards_of(donation.told.donor, self._donors.cards) if donation.told else []
        return frozenset(known | {card.id for card in cards})

    def contact(self, donation: KnownDonation) -> tuple[ContactRef | None, str]:
        """Whose the donation's deal is, and why it is nobody's."""
        if donation.told is None:
            return donation.contact_id, ""
        donor = donation.told.donor
        if donor.is_anonymous:
            return None, ""
        if cards := cards_of(donor, self._donors.cards):
            return cards[0].id, ""
        key = person_key(donor, donation.key)
        if key in self._donors.gone and not self._anew:
            heirs = holders_of(donor, self._donors.cards)
            return (heirs[0].id, "") if heirs else (None, CONTACT_DELETED)
        if key in self._donors.made.keys() - self._donors.gone:
            return self._donors.made[key], ""
        return self._newcomer(key, donor, donation), ""

    def merges(self, steps: Iterable[Step]) -> list[Merge]:
        """The duplicates of the donors' contacts, each person once; the oldest contact survives."""
        found: dict[int, Merge] = {}
        for step in steps:
            cards = cards_of(step.donation.told.donor, self._donors.cards) if step.donation.told else []
            victims = duplicates_of(cards[0], self._donors.cards) if cards else []
            if victims:
                ids = sorted([cards[0].id, *(card.id for card in victims)])
                found.setdefault(ids[0], Merge(ids[0], tuple(ids[1:]), step.initials))
        return list(found.values())

    def _newcomer(self, key: str, donor: Donor, donation: KnownDonation) -> str:
        for known in self.newcomers:
            if _same_newcomer(known, key, donor):
                return known.key
        self.newcomers.append(NewDonor(key, donation.key, donor))
        return key


def _same_newcomer(known: NewDonor, key: str, donor: Donor) -> bool:
    if known.key == key:
        return True
    address = known.donor.email or known.donor.phone
    return bool(address) and address == (donor.email or donor.phone) and fitting_names(known.donor.name, donor.name)


def _own_deal(donation: KnownDonation, deals: Sequence[Deal]) -> Deal | None:
    """Of several deals with the donation's key the one that we know, else a paid one, else the oldest."""
    ordered = sorted(deals, key=lambda deal: (deal.id != donation.deal_id, not deal.won, deal.id))
    return ordered[0] if ordered else None


def _may_be_made(donation: KnownDonation, policy: DonationPolicy) -> bool:
    deleted = donation.deal_id is not None or donation.gone
    return wants_deal(donation) and (policy.recreate_deleted or not deleted)


def _step(
    payment: Payment, own: Deal | None, adopted: dict[Key, Deal], people: _People, policy: DonationPolicy
) -> Step:
    donation, form = payment.donation, payment.form
    if own is not None:
        return _change(donation, own, form, people)
    if not _may_be_made(donation, policy):
        verdict, why = (Verdict.NONE, NOT_MADE) if not wants_deal(donation) else (Verdict.DELETED, DEAL_DELETED)
        return Step(donation, verdict, why=why)
    contact, why = people.contact(donation)
    deal = adopted.get(donation.key)
    if deal is None:
        return Step(donation, Verdict.NEW, None, form, form, contact, why)
    own_contact = None if deal.contact_id else contact
    return Step(donation, Verdict.ADOPTED, deal, form, changes(_untitled(form), {}, deal), own_contact, why or ADOPTED)


def _change(donation: KnownDonation, deal: Deal, form: Form, people: _People) -> Step:
    """A deal that has a contact keeps it: a person may have chosen another.

    So does one keep its title of which we do not know whether we made it or took it over before we were killed.
    """
    news = changes(form if donation.shown else _untitled(form), donation.shown, deal)
    contact, why = (None, "") if deal.contact_id or donation.contact_id else people.contact(donation)
    verdict = Verdict.CHANGED if news or contact else Verdict.STANDS
    return Step(donation, verdict, deal, form, news, contact, why)


def _untitled(form: Form) -> Form:
    return {word: text for word, text in form.items() if word != "title"}


def _twins(payments: Sequence[Payment], steps: Sequence[Step], facts: Facts, policy: DonationPolicy) -> list[Twin]:
    """The unpaid deals beside each paid donation, without a key of ours or with the very same one."""
    ours = {step.deal.id for step in steps if step.deal}
    standing = {step.donation.key for step in steps if step.verdict not in (Verdict.NONE, Verdict.DELETED)}
    paid = [one for one in payments if one.donation.key in standing and _counts(one.donation)]
    free = [deal for deal in facts.others if deal.id not in ours]
    same = [
        Twin(one.donation.key, deal)
        for one in paid
        for deal in facts.own.get(one.donation.key, ())
        if deal.id not in ours and not deal.won
    ]
    return twins(paid, free, policy.twin_window) + same


def _counts(donation: KnownDonation) -> bool:
    return donation.status == FUNDED and donation.duplicate_of is None
