"""Cards of clients, of companies and people alike. A client is named as tasks name it: `CO_77`, `C_5`."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from backoffice.bitrix24.attendees import YES
from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.client import Row
from backoffice.bitrix24.listing import rows_of
from backoffice.bitrix24.names import ProcessNames
from backoffice.rules.chunks import chunked
from backoffice.rules.people import initials
from backoffice.rules.repeat_sales import Client

COMPANY, CONTACT = "CO_", "C_"
LISTS = {COMPANY: "crm.company.list", CONTACT: "crm.contact.list"}
NAMED_BY = {COMPANY: ("TITLE",), CONTACT: ("LAST_NAME", "NAME", "SECOND_NAME")}
SEEN = "LAST_ACTIVITY_TIME"
IDS_A_COMMAND = 50
KEY = re.compile(r"(CO|C)_([1-9]\d*)", re.IGNORECASE)
LINK = re.compile(r"(.*)/crm/(company|contact)/details/([1-9]\d*)(?:[/?#].*)?")
KINDS = {"company": COMPANY, "contact": CONTACT}


def read_client_key(text: str, origin: str) -> str:
    """A client's key from itself or from the address of the card in the portal at `origin`. ValueError for others."""
    if named := KEY.fullmatch(text.strip()):
        return named[0].upper()
    if linked := LINK.fullmatch(text.strip()):
        if linked[1] and urlsplit(linked[1]).netloc != urlsplit(origin).netloc:
            raise ValueError(f"client: карточка {text.strip()} — другого портала, а этот — {origin}")
        return f"{KINDS[linked[2]]}{linked[3]}"
    hint = "укажите CO_77 (компания 77), C_5 (контакт 5) или ссылку на карточку клиента"
    raise ValueError(f"client: «{text.strip()}» — не клиент; {hint}")


def card_commands(keys: Iterable[str], names: ProcessNames) -> list[Command[str]]:
    """Asks for the cards, 50 a command; the item tells the kind."""
    wanted = sorted(set(keys))
    return [
        Command(LISTS[kind], _listing(kind, some, names), kind)
        for kind in LISTS
        for some in chunked([int(key.removeprefix(kind)) for key in wanted if key.startswith(kind)], IDS_A_COMMAND)
    ]


def cards_in(commands: Iterable[Command[str]], results: Iterable[Any]) -> dict[str, Row]:
    """Client -> its card, out of the answers to those; without cards that are not there, or hidden from us."""
    asked = zip(commands, results, strict=True)
    return {f"{one.item}{row['ID']}": row for one, result in asked for row in rows_of(one.method, result)}


def client_of(key: str, card: Row | None, names: ProcessNames) -> Client:
    """The client by its card; one without does not live."""
    if card is None:
        return Client(key, living=False)
    kind = _kind(key)
    name = " ".join(" ".join(str(card.get(part) or "") for part in NAMED_BY[kind]).split())
    person = initials(str(card.get("LAST_NAME") or ""), str(card.get("NAME") or ""))
    label = person if kind == CONTACT else name or "—"
    return Client(key, name, label, no_calls=str(card.get(_refusal(kind, names))).casefold() in YES)


def _listing(kind: str, ids: list[int], names: ProcessNames) -> dict[str, Any]:
    select = ["ID", *NAMED_BY[kind], SEEN, _refusal(kind, names)]
    return {"filter": {"@ID": ids}, "select": select, "order": {"ID": "ASC"}, "start": -1}


def _kind(key: str) -> str:
    return COMPANY if key.startswith(COMPANY) else CONTACT


def _refusal(kind: str, names: ProcessNames) -> str:
    """The field by which a client says that it wants no calls."""
    fields: Mapping[str, str] = names.company_fields if kind == COMPANY else names.contact_fields
    return fields["no_calls"]
