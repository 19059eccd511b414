"""What is otherwise on a portal than assumed, told to its administrator."""

from collections.abc import Callable, Mapping
from dataclasses import fields

from backoffice.rules.portal_facts import ASSUMED, PortalFacts


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
    "catalog_datetime": lambda facts: (
        f"Товары показывают время в виде {facts.catalog_datetime}: так и читаем даты занятий."
    ),
    "catalog_shift_minutes": lambda facts: (
        f"Время товары показывают со сдвигом {facts.catalog_shift_minutes:+} мин: даты занятий читаем со встречной "
        "поправкой. Сверьте одно письмо в preview-letter с карточкой курса."
    ),
    "product_edits_move_timestamp": lambda _: (
        "По времени изменения правку дат товара не найти: каждый обход читает заново курсы всех известных сделок, "
        "лишний запрос на 500 курсов."
    ),
    "comments_keep_marks": lambda _: (
        "Запись в ленте не найти по нашей отметке: ту, на которую портал не ответил, второй раз не пишем."
    ),
    "activities_keep_origins": lambda _: (
        "Дело не найти по внешнему ключу (ORIGIN_ID): о письме портала, на которое он не ответил, решает человек."
    ),
    "activity_html_type": lambda facts: (
        f"HTML в письмах портала обозначаем числом {facts.activity_html_type}: так вписано в portal.facts.json."
    ),
    "notes_replace_by_tag": lambda _: (
        "Уведомления не заменяют друг друга, так вписано в portal.facts.json: о том, на которое портал не ответил, "
        "решает человек."
    ),
    "rest_3": lambda _: (
        "Портал принимает задачи по REST 3.0: ставим их так, каждую отдельным запросом с ключом от повторов."
    ),
    "task_comments_keep_marks": lambda _: (
        "Комментарий задачи не найти по нашей отметке: тот, на который портал не ответил, второй раз не пишем."
    ),
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
    "tells_operating": lambda _: (
        "Ответы не говорят, сколько времени работы потрачено: о пределе узнаём из отказа и ждём."
    ),
    "operating_window": lambda facts: f"Время работы методов возвращается за {facts.operating_window} с, а не за 600.",
    "product_list_sees_every_type": lambda _: (
        "catalog.product.list даёт только простые товары. Остальные виды спрашиваем и так: ничего не меняется."
    ),
    "missing_products_left_out": lambda _: (
        "Список товаров по номерам отказывает, когда одного из них уже нет: удалив курс, уберите его и из сделок, "
        "иначе напоминания остановятся до ночного чтения."
    ),
}
