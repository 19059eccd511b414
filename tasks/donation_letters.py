"""Letters to donors, from `templates/donation_reconciliation/`: which are due, how they read, what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup
from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE

from backoffice import connections
from backoffice.bitrix24.links import contact_link, deal_link
from backoffice.letters import BadSubject, EmptyField, card_field, render, render_letter
from backoffice.rules.donation_facts import FUNDED, REBILL, Campaign, Donor
from backoffice.rules.donation_letters import (
    LETTERS_WITHIN,
    PURPOSE,
    DueLetter,
    due_letters,
    is_charge,
    letter_key,
    page_to_donate,
    salutation,
)
from backoffice.rules.donation_policy import DonationPolicy, LetterKind
from backoffice.rules.donation_verdicts import Key
from backoffice.rules.donation_work import KnownDonation
from backoffice.rules.donors import name_parts
from backoffice.rules.russian import counted, money
from backoffice.rules.sending import STATE_WORDS, Draft, Letter, Outgoing, Sent
from backoffice.store import donations, messages

FOLDER = "donation_reconciliation"
ROUBLES = "RUB"
TEXTS_SHOWN = 50
ROWS_SHOWN = 1000
KIND_WORDS: Mapping[LetterKind, str] = {
    "thanks_first": "спасибо за первое",
    "thanks_repeated": "спасибо за повторное",
    "thanks_charge": "спасибо за списание по подписке",
    "failed": "не прошло",
    "refunded": "возвращено",
}


@dataclass(frozen=True)
class WrittenLetters:
    """Letters ready to leave, and why the others could not be written, by their keys."""

    outgoing: list[Outgoing[Letter]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


@task(cache_policy=NO_CACHE)
def read_due_letters(
    policy: DonationPolicy, start_from: datetime, now: datetime, planned: Sequence[KnownDonation] = ()
) -> list[DueLetter]:
    """The letters that may go now and have not gone, of donations whose deals stand as they must.

    For a rehearsal also of those `planned`, whose deals would stand.
    """
    engine, host = connections.store(), connections.portal_host()
    since = max(start_from, now - LETTERS_WITHIN)
    answered = donations.awaiting_letters(engine, host, since) | {one.key: one.status for one in planned}
    left = donations.donations(engine, host, _unsent(answered))
    ready = {one.key for one in planned} | {key for key, one in left.items() if one.worked}
    standing = sorted((left[key] for key in ready & left.keys()), key=lambda one: (one.created_at, one.key))
    return due_letters(standing, policy, start_from, now)


@task(cache_policy=NO_CACHE)
def write_donation_letters(due: Sequence[DueLetter], now: datetime) -> WrittenLetters:
    """Each as it would leave now; an empty field refuses that one letter. TemplateFault stops all."""
    written = WrittenLetters()
    for one in due:
        try:
            written.outgoing.append(Outgoing(_draft(one), _letter(one, letter_values(one.donation, now))))
        except (EmptyField, BadSubject) as fault:
            written.refused[one.key] = str(fault)
    return written


@task(cache_policy=NO_CACHE)
def publish_donation_letters(due: Sequence[DueLetter], written: WrittenLetters, sent: Sequence[Sent]) -> None:
    """A table of the letters that were due and of what became of each, with initials instead of names."""
    if due:
        by_key = {message.draft.key: message for message in sent}
        rows = [_row(one, written, by_key.get(one.key)) for one in due[:ROWS_SHOWN]]
        told = f"{counted(len(due), 'письмо', 'письма', 'писем')} о пожертвованиях"
        create_table_artifact(rows, key="donation-letters", description=told)


@task(cache_policy=NO_CACHE)
def publish_letter_texts(due: Sequence[DueLetter], now: datetime) -> None:
    """Show how the letters that would leave read, with initials instead of names."""
    if due:
        shown = [_shown(one, now) for one in due[:TEXTS_SHOWN]]
        text = render(f"{FOLDER}/letters.md.j2", letters=shown, hidden=len(due) - len(shown))
        create_markdown_artifact(text, key="donation-letters-texts")


def _unsent(answered: Mapping[Key, str]) -> list[Key]:
    """The donations of which no letter has gone; thanks for a charge have gone with those for its double."""
    engine, host = connections.store(), connections.portal_host()
    doubles = donations.doubles_of(engine, host, [key for key, status in answered.items() if status == FUNDED])
    letters = {
        key: [letter_key(one, status) for one in (key, *doubles.get(key, ()))] for key, status in answered.items()
    }
    over = messages.attempted(engine, host, PURPOSE, [letter for keys in letters.values() for letter in keys])
    return [key for key, keys in letters.items() if not over & set(keys)]


def letter_values(donation: KnownDonation, now: datetime) -> dict[str, Any]:
    """What the templates may say; what the site did not tell refuses to be printed, and may be tested."""
    card, (donor, campaign) = f"пожертвования № {donation.id}", _told(donation)
    purpose = " ".join((campaign.payment_title or campaign.title).split())
    return {
        "name": card_field(salutation(donor.name), "Имя", card),
        "sum": money(donation.amount, "₽" if donation.currency == ROUBLES else donation.currency),
        "donated_at": donation.created_at.astimezone(connections.zone()),
        "purpose": card_field(purpose, "Назначение", card),
        "number": donation.id,
        "subscription": donation.payment_type == REBILL,
        "charge": is_charge(donation),
        "link": page_to_donate(donation),
        "sender": _sender(donation.site),
        "now": now,
    }


def _told(donation: KnownDonation) -> tuple[Donor, Campaign]:
    told = donation.told
    return (told.donor, told.campaign) if told else (Donor(), Campaign())


def _sender(site: str) -> str:
    """Who signs: the name that letters come from, else the site's."""
    name = connections.words().messages.mail_from.rpartition("<")[0].strip()
    return name or urlsplit(site).hostname or site


def _letter(due: DueLetter, values: Mapping[str, Any]) -> Letter:
    donor, _ = _told(due.donation)
    return Letter(donor.email, salutation(donor.name), *render_letter(f"{FOLDER}/{due.kind}", values))


def _draft(due: DueLetter) -> Draft:
    donation = due.donation
    return Draft("email", PURPOSE, due.key, due.about, donation.deal_id, donation.contact_id, due.expires_at)


def _shown(due: DueLetter, now: datetime) -> dict[str, Any]:
    """The letter to one donor, or why it cannot be written."""
    values, named = letter_values(due.donation, now), _initials(due.donation)
    shown = {"initials": named, "about": due.about, "links": _links(due.donation)}
    try:
        letter = _letter(due, values | ({"name": named} if values["name"] else {}))
        page = Markup(letter.html).striptags()  # noqa: S704 - only its words are shown, as text
        return shown | {"letter": letter, "page": page}
    except (EmptyField, BadSubject) as fault:
        return shown | {"refused": str(fault)}


def _row(due: DueLetter, written: WrittenLetters, message: Sent | None) -> dict[str, Any]:
    links, refused = dict(_links(due.donation)), written.refused.get(due.key, "")
    state = STATE_WORDS[message.state] if message else "не написано" if refused else "к отправке"
    return {
        "Пожертвование": due.donation.id,
        "Письмо": KIND_WORDS[due.kind],
        "Жертвователь": _initials(due.donation),
        "Контакт": links.get("контакт", "—"),
        "Сделка": links.get("сделка", "—"),
        "Состояние": state,
        "Номер": message.message_id if message else "—",
        "Почему": refused or (message.reason if message else ""),
    }


def _links(donation: KnownDonation) -> list[tuple[str, str]]:
    """What the portal has of the donation, by what it is."""
    origin, links = connections.portal_origin(), []
    if donation.contact_id:
        links.append(("контакт", contact_link(origin, donation.contact_id)))
    if donation.deal_id:
        links.append(("сделка", deal_link(origin, donation.deal_id)))
    return links


def _initials(donation: KnownDonation) -> str:
    donor, _ = _told(donation)
    return name_parts(donor.name).initials if salutation(donor.name) else "—"
