"""Which contact a donor is. An address may be shared by a household, so the name has to fit as well."""

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from backoffice.rules.donation_facts import ANONYMOUS, Donor
from backoffice.rules.donation_verdicts import Key
from backoffice.rules.donation_work import DonorCard
from backoffice.rules.people import initials, normal_name

UNNAMED = "Жертвователь"
"""The name of a contact whose donor left none; it fits every name."""
WORD = re.compile(r"\w+(?:['’-]\w+)*")
NOBODY = ANONYMOUS | {normal_name(UNNAMED)}
PATRONYMIC = re.compile(r"(?:ович|евич|ич|овна|евна|ична|инична)$")
SURNAME = re.compile(r"(?:ов|ев|ин|ын|ова|ева|ина|ына|ий|ая|ко|ук|юк|чук|ых|их|ян|швили|дзе)$")


@dataclass(frozen=True)
class NameParts:
    """A name as a contact's card keeps it."""

    last: str = field(default="", repr=False)
    first: str = field(default="", repr=False)
    second: str = field(default="", repr=False)

    @property
    def initials(self) -> str:
        return initials(self.last, self.first)


def name_parts(name: str) -> NameParts:
    """The parts of a name written in one line, in either order: a guess where the words do not tell."""
    words = name.split()
    if " ".join(words).casefold() in ANONYMOUS:
        return NameParts(first=UNNAMED)
    if len(words) == 2:
        last, first = words if _is_surname(words[0]) and not _is_surname(words[1]) else words[::-1]
        return NameParts(last, first)
    if len(words) == 3 and PATRONYMIC.search(words[2].lower()):
        return NameParts(*words)
    if len(words) == 3 and PATRONYMIC.search(words[1].lower()):
        return NameParts(words[2], words[0], words[1])
    return NameParts(first=" ".join(words))


def same_name(one: str, other: str) -> bool:
    """Both are named, and by the same words in any order."""
    return bool(_words(one)) and _words(one) == _words(other)


def fitting_names(one: str, other: str) -> bool:
    """They may name one person: the words of one are among those of the other, an initial standing for its word."""
    first, second = _words(one), _words(other)
    pairs = ((first, second), (second, first))
    return all(_are_among(fewer, more) for fewer, more in pairs if len(fewer) <= len(more))


def person_key(donor: Donor, donation: Key) -> str:
    """The natural key of the donor's contact: address (or phone) and name; who left neither is known by the donation.

    A hash, because it is kept in our database and personal data is not.
    """
    known = donor.email or donor.phone or " ".join(map(str, donation))
    return hashlib.sha256("\n".join((known, *sorted(_words(donor.name)))).encode()).hexdigest()


def cards_of(donor: Donor, cards: Collection[DonorCard]) -> list[DonorCard]:
    """The contacts that may be the donor, the likeliest first: by address, and only if there is none by phone.

    The same name goes before one that only fits, then the older contact.
    """
    by_email = [card for card in cards if donor.email and donor.email in card.emails]
    by_phone = [card for card in cards if donor.phone and donor.phone in card.phones]
    fitting = _fitting(donor, by_email) or _fitting(donor, by_phone)
    return sorted(fitting, key=lambda card: (not same_name(donor.name, card.name), card.id))


def holders_of(donor: Donor, cards: Iterable[DonorCard]) -> list[DonorCard]:
    """The contacts with the donor's address, whatever their names, the oldest first.

    Into one of them people have merged the contact that we once made, if it is not there any more.
    """
    return sorted((card for card in cards if donor.email and donor.email in card.emails), key=lambda card: card.id)


def duplicates_of(own: DonorCard, cards: Sequence[DonorCard]) -> list[DonorCard]:
    """The other contacts with an address of this one and with its name: a household has one address and two names."""
    return [card for card in cards if card.id != own.id and card.emails & own.emails and same_name(card.name, own.name)]


def _fitting(donor: Donor, cards: Iterable[DonorCard]) -> list[DonorCard]:
    return [card for card in cards if fitting_names(donor.name, card.name)]


def _words(name: str) -> frozenset[str]:
    normal = normal_name(name)
    return frozenset() if normal in NOBODY else frozenset(WORD.findall(normal))


def _are_among(fewer: Collection[str], more: Collection[str]) -> bool:
    return all(any(_agree(word, other) for other in more) for word in fewer)


def _agree(one: str, other: str) -> bool:
    """Equal, or one is the initial of the other."""
    return one == other or (1 in (len(one), len(other)) and one[0] == other[0])


def _is_surname(word: str) -> bool:
    return bool(SURNAME.search(word.lower()))
