"""What is to be said of one donation: where site, store and portal differ on it."""

from collections.abc import Iterator
from datetime import timedelta

from backoffice.rules.donation_accounts import Accounts, Entry
from backoffice.rules.donation_deal_checks import DECIDE, TAKE_IN, Look, brief, in_the_deal, no_deal, twin, values
from backoffice.rules.donation_differences import Difference, Kind
from backoffice.rules.donation_facts import DELETED, FUNDED, REBILL, STATUSES, SUBMITTED, TRASH
from backoffice.rules.donation_forms import STATUS_WORDS, form_of, wants_deal
from backoffice.rules.donation_work import Deal, Form, KnownDonation
from backoffice.rules.russian import price

UNFINISHED_AFTER = timedelta(hours=1)
ORPHANED_CHARGE = "CP-7052"
"""Leyka's error for a charge of a subscription that it does not know: it fails there although the money was taken."""


def differences(entry: Entry, look: Look) -> list[Difference]:
    """Everything to be said of a donation; empty when all sides agree."""
    current = entry.current
    if current is None:
        return list(_unknown(entry))
    return [
        *_withdrawn(entry, current),
        *_unfinished(entry, current, look),
        *_of_the_charge(entry, current, look),
        *_of_the_deal(entry, current, look),
        *(_spare(entry, current, deal, look) for deal in entry.spare_deals),
    ]


def _unknown(entry: Entry) -> Iterator[Difference]:
    """Of what we do not know at all: a donation of the site, or deals that say they are of one."""
    if entry.said is None:
        remedy = f"такого пожертвования нет ни на сайте, ни у нас: {DECIDE}"
        yield from (Difference(Kind.ORPHAN, entry.key, deal.id, "", brief(deal), remedy) for deal in entry.deals)
        return
    site = f"{_status(entry.said.status)}, {price(entry.said.amount, entry.said.currency)}"
    yield Difference(Kind.MISSING_HERE, entry.key, entry.deal_id, site, brief(entry.deal), TAKE_IN, True)


def _withdrawn(entry: Entry, current: KnownDonation) -> Iterator[Difference]:
    """The site threw away what still has a deal, or what we do not know to be thrown away."""
    if entry.said is None:
        gone, site = entry.deal is not None or current.status != DELETED, _status(DELETED)
    else:
        gone, site = entry.deal is not None and _is_out(current.status), _status(current.status)
    if gone:
        remedy = "сделка не удаляется: решает человек" if entry.deal else "если удалили нарочно, делать ничего не нужно"
        yield Difference(Kind.WITHDRAWN, entry.key, entry.deal_id, site, brief(entry.deal), remedy)


def _unfinished(entry: Entry, current: KnownDonation, look: Look) -> Iterator[Difference]:
    """The site's first word of a charge is still all there is."""
    if _is_placeholder(current) and look.now - current.created_at > UNFINISHED_AFTER:
        site, remedy = "ни суммы, ни жертвователя", "посмотрите это пожертвование на сайте"
        yield Difference(Kind.UNFINISHED, entry.key, entry.deal_id, site, "", remedy)


def _of_the_charge(entry: Entry, current: KnownDonation, look: Look) -> Iterator[Difference]:
    """What the money itself wants known: taken twice, taken for an unknown subscription, or given after all."""
    if original := current.duplicate_of or look.accounts.repeated_charges.get(entry.key):
        site, remedy = f"тот же платёж, что № {original}", f"считается один раз; {DECIDE}"
        yield Difference(Kind.DOUBLE_CHARGE, entry.key, entry.deal_id, site, brief(entry.deal), remedy)
    if _is_of_unknown_subscription(current, look.accounts):
        site = f"подписка № {current.subscription_id}" if current.subscription_id else "подписка не названа"
        remedy = "деньги могли быть списаны: проверьте в кабинете платёжной системы"
        yield Difference(Kind.UNKNOWN_SUBSCRIPTION, entry.key, entry.deal_id, site, "", remedy)
    if current.superseded_by:
        site, remedy = f"оплачено пожертвованием № {current.superseded_by}", "делать ничего не нужно"
        yield Difference(Kind.SUPERSEDED, entry.key, entry.deal_id, site, "", remedy)


def _of_the_deal(entry: Entry, current: KnownDonation, look: Look) -> Iterator[Difference]:
    """What the deal lacks, or that it is no wonder: we have not worked yet what the site says."""
    wanted = form_of(current, look.directions)
    if news := _news(entry, wanted, look):
        zone, live = look.now.tzinfo, entry.deal.form if entry.deal else {}
        site, portal = values(news, wanted, zone), values(news, live, zone) if entry.deal else brief(None)
        yield Difference(Kind.BEHIND, entry.key, entry.deal_id, site, portal, TAKE_IN, True)
    elif entry.deal is not None:
        yield from in_the_deal(entry, entry.deal, wanted, look)
    elif _wants_deal_now(current, look):
        yield no_deal(entry, current, look.policy)


def _news(entry: Entry, wanted: Form, look: Look) -> list[str]:
    """The words of the form in which the site says something else than we know."""
    ours = form_of(entry.known, look.directions) if entry.known else {}
    return [word for word, text in wanted.items() if ours.get(word, text) != text]


def _spare(entry: Entry, current: KnownDonation, deal: Deal, look: Look) -> Difference:
    """A second deal with the number of the same donation."""
    counts = current.status == FUNDED and not current.duplicate_of
    return twin(entry, deal, look.policy.remove_twins and counts and not deal.won)


def _wants_deal_now(current: KnownDonation, look: Look) -> bool:
    """Not while it may still be paid, nor before the site has told what it is."""
    waits = current.status == SUBMITTED and current.created_at > look.now - look.policy.submitted_wait
    return wants_deal(current) and not waits and not _is_placeholder(current)


def _is_placeholder(current: KnownDonation) -> bool:
    return current.told.is_placeholder if current.told else current.placeholder


def _is_of_unknown_subscription(current: KnownDonation, accounts: Accounts) -> bool:
    if current.told and current.told.error_id == ORPHANED_CHARGE:
        return True
    first = (current.site, current.subscription_id or current.id)
    return current.payment_type == REBILL and first not in accounts.known and first not in accounts.site


def _is_out(status: str) -> bool:
    """The site counts it as nothing any more, or calls it by a word unknown to us."""
    return status in (TRASH, DELETED) or status not in STATUSES


def _status(status: str) -> str:
    return STATUS_WORDS.get(status, status)
