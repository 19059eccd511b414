"""Which letters donors are to get: what the store knows of their donations in, letters out."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from backoffice.rules.donation_facts import ANONYMOUS, FAILED, FUNDED, REBILL, REFUNDED
from backoffice.rules.donation_policy import DonationPolicy, LetterKind
from backoffice.rules.donation_verdicts import Key
from backoffice.rules.donation_work import KnownDonation

PURPOSE = "donation_reconciliation"
LETTERS_WITHIN = timedelta(days=14)
"""A letter about something older would only puzzle its reader."""
MONEY_TAKEN = "CP-7052"
"""Leyka's error where CloudPayments has charged a subscription that the site does not know: failed, and yet paid."""
LONGEST_NAME = 60
IN_NAMES = frozenset(" -–—'’.,«»\"()&")
WEB_ADDRESS = re.compile(r"[^\W\d_]{2,}\.[^\W\d_]{2,}")
ABOUT: Mapping[LetterKind, str] = {
    "thanks_first": "благодарность за пожертвование",
    "thanks_repeated": "благодарность за повторное пожертвование",
    "thanks_charge": "благодарность за списание по подписке, пожертвование",
    "failed": "сообщение о том, что не прошло пожертвование",
    "refunded": "сообщение о возврате пожертвования",
}


@dataclass(frozen=True)
class DueLetter:
    """A letter whose time has come."""

    kind: LetterKind
    donation: KnownDonation

    @property
    def key(self) -> str:
        """The natural key."""
        return letter_key(self.donation.key, self.donation.status)

    @property
    def about(self) -> str:
        """What it is about, for the deal's timeline and the reports: «благодарность за пожертвование № 47»."""
        return f"{ABOUT[self.kind]} № {self.donation.id}"

    @property
    def expires_at(self) -> datetime:
        """From when on it is not to be sent."""
        return self.donation.status_at + LETTERS_WITHIN


def letter_key(donation: Key, status: str) -> str:
    """Of the letter that a donation's status asks for: a donation is thanked for once, in whatever words."""
    return f"{'thanks' if status == FUNDED else status} {donation[0]} {donation[1]}"


def due_letters(
    donations: Iterable[KnownDonation], policy: DonationPolicy, start_from: datetime, now: datetime
) -> list[DueLetter]:
    """The letters that may go now, sent before or not, in the order of the donations.

    What happened before `start_from` is history, and so is what happened longer ago than LETTERS_WITHIN.
    """
    since = max(start_from, now - LETTERS_WITHIN)
    found = [
        DueLetter(kind, donation)
        for donation in donations
        if donation.status_at >= since and _may_be_written(donation) and (kind := _kind(donation))
    ]
    return [one for one in found if one.kind in policy.letters and _ripe(one.donation, policy, now)]


def is_charge(donation: KnownDonation) -> bool:
    """A later charge of a subscription that the site knows, not the donation with which it began."""
    return donation.payment_type == REBILL and donation.subscription_id not in (None, donation.id)


def salutation(name: str) -> str:
    """The name as the donor wrote it, in one line; empty where nobody is named so.

    Anybody may write anything beside anybody's address in a form, and we would send it: text that is long, or has a
    web address or figures in it, is no name.
    """
    written = " ".join(unicodedata.normalize("NFC", name).split())
    if written.casefold() in ANONYMOUS or len(written) > LONGEST_NAME or WEB_ADDRESS.search(written):
        return ""
    letters = any(letter.isalpha() for letter in written)
    return written if letters and all(one in IN_NAMES or _in_words(one) for one in written) else ""


def page_to_donate(donation: KnownDonation) -> str:
    """Where to try again: the campaign's page, by the short address that WordPress leads on from, or the site."""
    return f"{donation.site}/?p={donation.campaign_id}" if donation.campaign_id else f"{donation.site}/"


def _in_words(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LM"


def _may_be_written(donation: KnownDonation) -> bool:
    told = donation.told
    return told is not None and bool(told.donor.email) and donation.amount > 0 and donation.duplicate_of is None


def _kind(donation: KnownDonation) -> LetterKind | None:
    """Which letter the donation's status asks for; None for none."""
    if donation.status == FUNDED:
        return _thanks(donation)
    if donation.status == REFUNDED:
        return "refunded"
    return "failed" if donation.status == FAILED and not _paid_after_all(donation) else None


def _thanks(donation: KnownDonation) -> LetterKind:
    if is_charge(donation):
        return "thanks_charge"
    return "thanks_repeated" if donation.repeated else "thanks_first"


def _paid_after_all(donation: KnownDonation) -> bool:
    return donation.superseded_by is not None or (donation.told is not None and donation.told.error_id == MONEY_TAKEN)


def _ripe(donation: KnownDonation, policy: DonationPolicy, now: datetime) -> bool:
    """A failure waits: its donor may pay in a moment."""
    return donation.status != FAILED or donation.status_at + policy.failure_hold <= now
