"""What is to be said of a donation's deal: what it shows otherwise than it should, that it is not there, or twice."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from backoffice.rules.donation_accounts import Accounts, Entry
from backoffice.rules.donation_differences import Difference, Kind, shown, value
from backoffice.rules.donation_forms import STATUS_WORDS
from backoffice.rules.donation_policy import DonationPolicy
from backoffice.rules.donation_work import Deal, Form, KnownDonation
from backoffice.rules.portal_words import DirectionWords
from backoffice.rules.russian import price

KINDS: Mapping[str, Kind] = {
    "amount": Kind.WRONG_SUM,
    "currency": Kind.WRONG_SUM,
    "stage": Kind.WRONG_STAGE,
    "direction": Kind.WRONG_DIRECTION,
}
PEOPLE_S = ("title",)
"""What people name as they like."""
TAKE_IN = "возьмём с сайта"
WRITE = "запишем в сделку"
RESPECTED = "оставляем, как поправили люди"
DECIDE = "решает человек"


@dataclass(frozen=True)
class Look:
    """What a donation is looked at with; `now` in the portal's zone."""

    accounts: Accounts
    directions: DirectionWords
    now: datetime
    policy: DonationPolicy


def in_the_deal(entry: Entry, deal: Deal, wanted: Form, look: Look) -> Iterator[Difference]:
    """Where the deal shows something else than it should, one difference for each kind of field.

    What we wrote as it should be and stands there otherwise, people have edited.
    """
    written: Form = entry.known.shown if entry.known else {}
    wrong: dict[Kind, list[str]] = {}
    for word, text in wanted.items():
        if word not in PEOPLE_S and deal.form.get(word, "") != text:
            kind = Kind.EDITED if written.get(word) == text else KINDS.get(word, Kind.WRONG_FIELD)
            wrong.setdefault(kind, []).append(word)
    for kind, words in wrong.items():
        site, portal = (_said(kind, words, form, look.now.tzinfo) for form in (wanted, deal.form))
        edited = kind is Kind.EDITED
        yield Difference(kind, entry.key, deal.id, site, portal, RESPECTED if edited else WRITE, not edited)


def no_deal(entry: Entry, current: KnownDonation, policy: DonationPolicy) -> Difference:
    """There is no deal of the donation: it was not made yet, or people have deleted it."""
    site = f"{STATUS_WORDS.get(current.status, current.status)}, {price(current.amount, current.currency)}"
    if not (current.gone or current.deal_id):
        return Difference(Kind.MISSING_DEAL, entry.key, None, site, brief(None), "создадим сделку", True)
    again = policy.recreate_deleted
    remedy = "создадим заново" if again else "заново не создаётся, пока не включено policy.recreate_deleted"
    return Difference(Kind.DELETED, entry.key, current.deal_id, site, brief(None), remedy, again)


def twin(entry: Entry, deal: Deal, removed: bool) -> Difference:
    """A deal of the same payment beside the donation's own; `removed`: the process deletes such."""
    site = f"основная сделка — {entry.deal.id}" if entry.deal else ""
    remedy = "удалим, её данные сохраним в комментарии основной" if removed else DECIDE
    return Difference(Kind.TWIN, entry.key, deal.id, site, brief(deal), remedy, removed)


def values(words: Iterable[str], form: Form, zone: tzinfo | None) -> str:
    """Some values of a form in one text, each with its name."""
    return "; ".join(value(word, form, zone) for word in words)


def brief(deal: Deal | None) -> str:
    """A deal in a few words."""
    return f"{shown('stage', deal.stage)}, {price(deal.amount, deal.currency)}" if deal else "сделки нет"


def _said(kind: Kind, words: list[str], form: Form, zone: tzinfo | None) -> str:
    """What a form says where a difference is; the kind itself names the field where there is only one."""
    if kind is Kind.WRONG_SUM:
        return shown("amount", form.get("amount", ""), form.get("currency", ""))
    if kind in (Kind.WRONG_STAGE, Kind.WRONG_DIRECTION):
        return shown(words[0], form.get(words[0], ""))
    return values(words, form, zone)
