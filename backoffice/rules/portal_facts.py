"""How a portal behaves where its official documents are silent. portal-probe tries it; the code obeys.

The defaults are what the code assumes of a portal that was never probed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

EmailLookUp = Literal["findbycomm", "filter", "everyone"]
OriginLookUp = Literal["crm.contact.list", "crm.item.list", "everyone"]


@dataclass(frozen=True)
class PortalFacts:
    """The first part changes what the code does; of the second the code takes every form, and it is only recorded."""

    findbycomm_ignores_case: bool = True
    """`crm.duplicate.findbycomm` finds an e-mail written with other capital letters."""
    findbycomm_most: int = 20
    """An answer of so many ids may be a part of the truth."""
    filters_by_email: bool = True
    """`crm.contact.list` obeys the filter EMAIL."""
    email_filter_ignores_case: bool = True
    """That filter finds an e-mail written with other capital letters."""
    contact_list_finds_origins: bool = True
    """`crm.contact.list` obeys the filter ORIGINATOR_ID, ORIGIN_ID."""
    item_list_finds_origins: bool = True
    """`crm.item.list` obeys the filter originatorId, originId."""
    item_add_takes_fm: bool = True
    """`crm.item.add` keeps the e-mail addresses and phones sent as `fm`."""
    section_filter: Literal["IBLOCK_SECTION_ID", "SECTION_ID", ""] = "IBLOCK_SECTION_ID"
    """The name by which `lists.element.get` filters by section; empty if by none."""
    finds_sections_by_code: bool = True
    """`lists.section.get` obeys the filter CODE."""
    list_datetime: str = "%d.%m.%Y %H:%M:%S"
    """How lists show a moment, as strftime has it."""
    naive_shift_minutes: int = 0
    """How much later than written a list shows a moment that was sent without an offset."""

    list_fields_as: Literal["by_field_id", "by_type", "list"] = "by_field_id"
    """How `lists.field.get` answers for all fields."""
    missing_property: Literal["absent", "null", "false", "text", "map"] = "absent"
    """How `lists.element.get` shows a property without a value: `text` is an empty one, `map` one of empty values."""
    section_codes_unique: bool = False
    """The portal refuses a second section with the same code."""
    keeps_order_of_values: bool = True
    """A multiple user field gives its values back in the order written."""
    idle_update_saves: bool = False
    """`crm.item.update` with the values that are there already counts as a change."""
    filters_by_email_list: bool = True
    """The filter EMAIL takes several addresses."""
    wrong_secret_status: int = 401
    """HTTP status for a webhook with a wrong secret."""
    missing_scope_status: int = 401
    """HTTP status for a method outside the webhook's scopes."""
    rest_3: bool = False
    """The portal answers REST 3.0."""
    tells_operating: bool = True
    """Answers tell the operating time spent."""
    operating_window: int = 600
    """In how many seconds spent operating time is given back."""

    @property
    def filter_finds_addresses(self) -> bool:
        """Whether the filter EMAIL finds everybody with an address."""
        return self.filters_by_email and self.email_filter_ignores_case

    @property
    def email_look_up(self) -> EmailLookUp:
        """The cheapest way to everybody with an address."""
        if self.findbycomm_ignores_case:
            return "findbycomm"
        return "filter" if self.filter_finds_addresses else "everyone"

    @property
    def origin_look_up(self) -> OriginLookUp:
        """The cheapest way to the contact with a key of an outside system."""
        if self.contact_list_finds_origins:
            return "crm.contact.list"
        return "crm.item.list" if self.item_list_finds_origins else "everyone"


ASSUMED = PortalFacts()


def differences(facts: PortalFacts) -> list[str]:
    """What is otherwise than assumed, and what follows: a Russian sentence for each fact."""
    changed = [own.name for own in fields(facts) if getattr(facts, own.name) != getattr(ASSUMED, own.name)]
    return [SENTENCES[name](facts) for name in changed]


def _email_look_up(facts: PortalFacts) -> str:
    ways = {
        "findbycomm": "ищем по-прежнему методом findbycomm",
        "filter": "ищем фильтром списка контактов: 50 адресов за запрос вместо 500",
        "everyone": "каждый импорт читает все контакты портала: 50 за запрос",
    }
    return ways[facts.email_look_up]


def _origin_look_up(facts: PortalFacts) -> str:
    ways = {
        "crm.contact.list": "ищем по-прежнему через crm.contact.list",
        "crm.item.list": "ищем через crm.item.list, столько же запросов",
        "everyone": "для этого читаем все контакты портала: 50 за запрос",
    }
    return ways[facts.origin_look_up]


def _section_filter(facts: PortalFacts) -> str:
    if facts.section_filter:
        return f"Элементы раздела фильтруются по {facts.section_filter}: так и спрашиваем."
    return "Элементы по разделу не фильтруются: читаем список целиком и отбираем по коду элемента."


def _shift(facts: PortalFacts) -> str:
    minutes = facts.naive_shift_minutes
    return f"Время без смещения список сдвигает на {minutes:+} мин: пишем со встречной поправкой."


SENTENCES: Mapping[str, Callable[[PortalFacts], str]] = {
    "findbycomm_ignores_case": lambda facts: (
        f"Поиск дублей различает заглавные и строчные буквы в адресе: {_email_look_up(facts)}."
    ),
    "findbycomm_most": lambda facts: (
        f"Поиск дублей даёт не 20, а {facts.findbycomm_most} контактов за раз: столько и считаем возможным обрывом."
    ),
    "filters_by_email": lambda facts: (
        f"Фильтр контактов по EMAIL не действует: {_email_look_up(facts)}; "
        "если у адреса больше контактов, чем даёт поиск дублей, читаем все контакты."
    ),
    "email_filter_ignores_case": lambda facts: (
        f"Фильтр контактов по EMAIL различает заглавные и строчные буквы: {_email_look_up(facts)}."
    ),
    "contact_list_finds_origins": lambda facts: (
        f"crm.contact.list не фильтрует по внешнему ключу (ORIGIN_ID): {_origin_look_up(facts)}."
    ),
    "item_list_finds_origins": lambda facts: (
        f"crm.item.list не фильтрует по внешнему ключу (originId): {_origin_look_up(facts)}."
    ),
    "item_add_takes_fm": lambda _: (
        "crm.item.add теряет адреса и телефоны: контакты создаём прежним методом crm.contact.add."
    ),
    "section_filter": _section_filter,
    "finds_sections_by_code": lambda _: (
        "Разделы не фильтруются по коду: читаем все разделы списка и сравниваем коды сами."
    ),
    "list_datetime": lambda facts: f"Списки показывают время в виде {facts.list_datetime}: так его и читаем.",
    "naive_shift_minutes": _shift,
    "list_fields_as": lambda facts: (
        f"lists.field.get отдаёт все поля в другом виде ({facts.list_fields_as}). Читаем любой вид: ничего не меняется."
    ),
    "missing_property": lambda facts: (
        f"Пустое свойство элемента приходит как {facts.missing_property}. Читаем любой вид: ничего не меняется."
    ),
    "section_codes_unique": lambda _: "Код раздела уникален: двух разделов одного мероприятия не будет и без нас.",
    "keeps_order_of_values": lambda _: (
        "Множественное поле не хранит порядок значений: мероприятия на карточке стоят не по датам. "
        "Сравниваем без порядка, лишней записи не будет."
    ),
    "idle_update_saves": lambda _: (
        "crm.item.update сохраняет карточку и без изменений: мы таких записей не делаем, роботов они бы задели."
    ),
    "filters_by_email_list": lambda _: "Фильтр EMAIL не берёт несколько адресов сразу: мы и спрашиваем по одному.",
    "wrong_secret_status": lambda facts: (
        f"Неверный секрет вебхука — HTTP {facts.wrong_secret_status}. Смотрим на код ошибки: ничего не меняется."
    ),
    "missing_scope_status": lambda facts: (
        f"Нехватка права вебхука — HTTP {facts.missing_scope_status}. Смотрим на код ошибки: ничего не меняется."
    ),
    "rest_3": lambda _: "Портал отвечает по REST 3.0: процессы им пока не пользуются.",
    "tells_operating": lambda _: (
        "Ответы не говорят, сколько времени работы потрачено: о пределе узнаём из отказа и ждём."
    ),
    "operating_window": lambda facts: f"Время работы методов возвращается за {facts.operating_window} с, а не за 600.",
}


def as_facts(found: Mapping[str, Any]) -> PortalFacts:
    """What was found out, and the defaults for the rest."""
    return PortalFacts(**found)
