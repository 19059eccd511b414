"""Who is the same person: one normal form for each of names, e-mail addresses and phones."""

import hashlib
import re
import unicodedata

import phonenumbers

YO = re.compile("е\u0308+")
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def normal_name(text: str) -> str:
    """A name for comparison: Unicode forms, letter case, spaces, invisible characters and ё/е do not matter.

    Folded as caseless matching is defined (Unicode Standard, D146): folding alone can undo the normal form.
    """
    folded = unicodedata.normalize("NFD", _visible(text)).casefold()
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", folded).casefold())
    return " ".join(unicodedata.normalize("NFKC", YO.sub("е", folded)).split())


def normal_email(text: str) -> str:
    """An address for comparison and for writing: trimmed, in lower case; empty if it is not one address."""
    lowered = unicodedata.normalize("NFKC", _visible(text)).lower()
    address = unicodedata.normalize("NFKC", lowered).strip()
    return address if ADDRESS.fullmatch(address) else ""


def normal_phone(text: str, region: str = "RU") -> str:
    """A phone in E.164, `+79990001122`; empty if it is no possible number of the region."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def person_key(email: str, last_name: str, first_name: str) -> str:
    """One key for equal e-mail, last name and first name; empty when any of the three is missing.

    A hash, because it is kept in our database and personal data is not.
    """
    parts = (normal_email(email), normal_name(last_name), normal_name(first_name))
    if not all(parts):
        return ""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def initials(last_name: str, first_name: str) -> str:
    """How a person appears in logs and reports: «И. А.», or a dash."""
    letters = [name.strip()[0].upper() for name in (last_name, first_name) if name.strip()]
    return " ".join(f"{letter}." for letter in letters) or "—"


def _visible(text: str) -> str:
    """Without the characters that only steer the layout: they come along when text is copied from a page."""
    return "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
