"""What may differ between a fund's site, our store and the portal, in the words of the reconciliation report."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from enum import StrEnum

from backoffice.rules.donation_verdicts import Key
from backoffice.rules.donation_work import Form
from backoffice.rules.russian import price

EMPTY = "пусто"
MOMENT = "donated_at"
LABELS = {
    "stage": "стадия",
    "amount": "сумма",
    "currency": "валюта",
    "donated_at": "когда пожертвовано",
    "direction": "направление",
    "campaign": "кампания",
    "kind": "вид",
    "order": "первое или повторное",
    "method": "способ оплаты",
    "error": "ошибка платежа",
    "status": "статус на сайте",
    "superseded_by": "чем оплачено потом",
}
STAGES = {
    "submitted": "Попытка",
    "failed": "Платёж не прошёл",
    "funded": "Получено",
    "refunded": "Возвращено",
    "cancelled": "Не состоялось",
}


class Kind(StrEnum):
    """The kinds of differences, those first that concern money or ask for a person."""

    MISSING_DEAL = "нет сделки"
    WRONG_SUM = "не та сумма"
    WRONG_STAGE = "не та стадия"
    WRONG_DIRECTION = "не то направление"
    WRONG_FIELD = "не то в других полях"
    MISSING_HERE = "нет в нашей базе"
    BEHIND = "портал ещё не догнал сайт"
    TWIN = "сделка-двойник"
    DOUBLE_CHARGE = "двойное списание"
    ORPHAN = "сделка без пожертвования"
    WITHDRAWN = "на сайте больше нет"
    UNKNOWN_SUBSCRIPTION = "неизвестная подписка"
    DELETED = "сделки нет: удалили или перенесли люди"
    EDITED = "изменено людьми"
    UNFINISHED = "пустая заготовка списания"
    SUPERSEDED = "оплачено другим пожертвованием"


@dataclass(frozen=True)
class Difference:
    """Something that is not as it should be, or that people should know of a donation or a deal.

    `site` and `portal`: what each of them says, empty where that is not the point. `safe_to_fix`: the process can put
    it right by itself. `remedy`: what it will do, or what a person has to.
    """

    kind: Kind
    key: Key | None
    deal_id: int | None = None
    site: str = ""
    portal: str = ""
    remedy: str = ""
    safe_to_fix: bool = False


def value(word: str, form: Form, zone: tzinfo | None) -> str:
    """A value of a form with its name; moments in the zone."""
    text = form.get(word, "")
    if word == MOMENT and text:
        text = f"{datetime.fromisoformat(text).astimezone(zone):%d.%m.%Y %H:%M}"
    return f"{LABELS.get(word, word)}: {shown(word, text, form.get('currency', ''))}"


def shown(word: str, text: str, currency: str = "") -> str:
    """A value of a form as people read it."""
    if not text:
        return EMPTY
    if word == "amount":
        return price(Decimal(text), currency)
    return STAGES.get(text, text) if word == "stage" else text
