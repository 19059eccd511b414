"""The portal of a training centre whose managers have copied visitors by hand so far."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from backoffice.sandbox.bitrix24.config import WEBHOOK_USER
from backoffice.sandbox.inside import ask

if TYPE_CHECKING:  # the portal's world plants its seeds itself
    from backoffice.sandbox.bitrix24.portal import Portal

# Surname, name, e-mails, phone.
Entry = tuple[str, str, tuple[str, ...], str]

# Мария Соколова was entered twice; Иван Смирнов has a namesake among the visitors;
# Пётр Королёв will register without «ё» and in other letters; Елена Лебедева, with her second e-mail.
CONTACTS: tuple[Entry, ...] = (
    ("Кузнецова", "Анна", ("anna.kuznetsova@example.org",), "+7 999 000 01 01"),
    ("Королёв", "Пётр", ("Petr.Korolev@Example.org",), "+7 999 000 01 02"),
    ("Соколова", "Мария", ("maria.sokolova@example.org",), "+7 999 000 01 03"),
    ("Соколова", "Мария", ("maria.sokolova@example.org",), ""),
    ("Смирнов", "Иван", ("ivan.smirnov@example.org",), "+7 999 000 01 05"),
    ("Белова", "Ольга", ("olga.belova@example.org",), "+7 999 000 01 06"),
    ("Орлов", "Дмитрий", ("dmitry.orlov@example.org",), "+7 999 000 01 07"),
    ("Лебедева", "Елена", ("elena@example.org", "elena.lebedeva@example.org"), "+7 999 000 01 08"),
    ("Волков", "Сергей", ("sergey.volkov@example.org",), "+7 999 000 01 09"),
    ("Зайцева", "Наталья", ("natalia.zaytseva@example.org",), "+7 999 000 01 10"),
    ("Новиков", "Алексей", (), "+7 999 000 01 11"),
    ("Морозова", "Татьяна", ("tatiana.morozova@example.org",), "+7 999 000 01 12"),
)


def furnish(portal: "Portal") -> list[int]:
    """One company, twelve contacts, two deals, a note in a card; gives the contacts' ids."""
    company = ask(portal, "crm.company.add", fields={"TITLE": "ООО «Ромашка и партнёры»"})
    known_since = [portal.clock.now() - timedelta(days=300 - 20 * place) for place in range(len(CONTACTS))]
    contacts = [_contact(portal, entry, since) for entry, since in zip(CONTACTS, known_since, strict=True)]
    anna, olga = contacts[0], contacts[5]
    ask(portal, "crm.contact.update", id=olga, fields={"COMPANY_ID": company, "POST": "Главный бухгалтер"})
    _deal(portal, TITLE="Корпоративное обучение", COMPANY_ID=company, CONTACT_ID=olga, OPPORTUNITY=180000)
    _deal(portal, TITLE="Абонемент на семинары", CONTACT_ID=anna, OPPORTUNITY=24000, STAGE_ID="EXECUTING")
    portal.crm.comment("contact", anna, "Просила присылать программу семинаров заранее.", WEBHOOK_USER)
    return contacts


def _contact(portal: "Portal", entry: Entry, since: datetime) -> int:
    surname, name, mails, phone = entry
    fields: dict[str, Any] = {
        "LAST_NAME": surname,
        "NAME": name,
        "DATE_CREATE": since.isoformat(),
        "EMAIL": [{"VALUE": mail, "VALUE_TYPE": "WORK"} for mail in mails],
        "PHONE": [{"VALUE": phone, "VALUE_TYPE": "MOBILE"}] if phone else [],
    }
    return int(ask(portal, "crm.contact.add", fields=fields))


def _deal(portal: "Portal", **fields: Any) -> None:
    ask(portal, "crm.deal.add", fields=fields)
