"""What stands on the portal under our code, but made differently. The program never changes it: people use it."""

from collections.abc import Iterator

from backoffice.rules.portal_actions import CARDS, SEMANTICS
from backoffice.rules.portal_shape import (
    PortalListField,
    PortalProductField,
    PortalShape,
    PortalUserField,
    find_stage,
)
from backoffice.rules.portal_words import (
    ListFieldWords,
    PortalWords,
    ProcessWords,
    ProductFieldWords,
    SalesWords,
    UserFieldWords,
    folded,
)

Wanted = ListFieldWords | UserFieldWords | ProductFieldWords
Own = PortalListField | PortalUserField | PortalProductField

TYPES = {
    "S": "Строка",
    "N": "Число",
    "S:Date": "Дата",
    "S:DateTime": "Дата/время",
    "S:HTML": "HTML/текст",
    "S:ECrm": "Привязка к элементам CRM",
    "S:Money": "Деньги",
    "S:DiskFile": "Файл (Диск)",
    "S:employee": "Привязка к сотруднику",
    "string": "строка",
    "integer": "целое число",
    "double": "число",
    "boolean": "да/нет",
    "date": "дата",
    "datetime": "дата со временем",
    "money": "деньги",
    "url": "ссылка",
    "file": "файл",
}
SALES = "раздел [repeat_sale_calls.sales] файла portal.toml: там названия, как они стоят на портале"
RECREATE = "переименуйте его код или удалите поле вручную, затем запустите portal-setup"


def mismatches(words: PortalWords, shape: PortalShape) -> tuple[str, ...]:
    """One Russian sentence for each field or stage of a wrong kind."""
    found = (text for process in words.processes.values() for text in _of_process(process, shape))
    return tuple(dict.fromkeys(found))


def _of_process(process: ProcessWords, shape: PortalShape) -> Iterator[str]:
    for wanted in process.lists.values():
        own = (shape.lists or {}).get(wanted.code)
        for field in wanted.fields.values() if own else ():
            yield from _of_list_field(wanted.name, field, own.field(field.code) if own else None)
    for entity, user_field in process.user_fields():
        place = f"в карточке {CARDS[entity]} поле"
        yield from _of_field(place, user_field, shape.user_field(entity, user_field.code))
    for product_field in process.product_fields.values():
        yield from _of_product_field(product_field, shape)
    yield from _of_stages(process, shape)
    if process.sales:
        yield from _of_sales(process.sales, shape)


def _of_list_field(list_name: str, wanted: ListFieldWords, own: PortalListField | None) -> Iterator[str]:
    place = f"в списке «{list_name}» поле"
    yield from _of_field(place, wanted, own)
    if own is None or own.type != wanted.type:
        return
    if own.binds is not None and own.binds != wanted.binds:
        allowed = ", ".join(CARDS[entity] for entity in sorted(wanted.binds))
        yield f"{place} «{own.name}» ({own.code}) должно привязываться только к карточке {allowed}: исправьте вручную"
    if own.shown_in_card is False:
        yield f"{place} «{own.name}» ({own.code}) не показывается в карточке CRM: включите показ вручную"


def _of_product_field(wanted: ProductFieldWords, shape: PortalShape) -> Iterator[str]:
    catalogue = shape.catalogue(wanted.code)
    if catalogue is None:
        yield from _of_catalogues(wanted, shape)
        return
    own = catalogue.field(wanted.code)
    yield from _of_field("в карточке товара поле", wanted, own)
    if own and not own.active:
        yield f"в карточке товара поле «{own.name}» ({own.code}) выключено: включите его в настройках каталога"


def _of_catalogues(wanted: ProductFieldWords, shape: PortalShape) -> Iterator[str]:
    """Why there is no telling which catalogue the field belongs to; nothing if the catalogues could not be read."""
    if shape.catalogues is None:
        return
    if not shape.catalogues:
        yield "в CRM нет каталога товаров: заведите его на портале"
        return
    with_field = [own for own in shape.catalogues if own.field(wanted.code)]
    listed = ", ".join(f"«{own.name}»" for own in with_field or shape.catalogues)
    if with_field:
        yield f"поле {wanted.code} есть в нескольких каталогах товаров ({listed}): оставьте его в одном"
    else:
        yield (
            f"на портале несколько каталогов товаров ({listed}): заведите поле «{wanted.name}» "
            f"с кодом {wanted.code} вручную в том, где лежат курсы"
        )


def _of_field(place: str, wanted: Wanted, own: Own | None) -> Iterator[str]:
    if own is None:
        return
    named = f"{place} «{own.name}» ({own.code})"
    if own.type != wanted.type:
        yield f"{named} — {_type(own.type)}, а нужно: {_type(wanted.type)}. Тип не меняется: {RECREATE}"
    if own.multiple != wanted.multiple:
        yield f"{named} {_plural(own.multiple)}, а нужно {_plural(wanted.multiple)}: {RECREATE}"


def _of_stages(process: ProcessWords, shape: PortalShape) -> Iterator[str]:
    for funnel in process.funnels.values():
        own = shape.funnel(funnel.name)
        for stage in funnel.stages.values() if own else ():
            found = find_stage(own, stage) if own else None
            if found and found.semantic != stage.semantic:
                yield (
                    f"стадия «{found.name}» воронки «{funnel.name}» относится к группе «{SEMANTICS[found.semantic]}», "
                    f"а нужна «{SEMANTICS[stage.semantic]}»: исправьте вручную"
                )


def _of_sales(wanted: SalesWords, shape: PortalShape) -> Iterator[str]:
    """What tells sales apart stands on the portal already or nowhere: nothing of it is ever created."""
    named = [own for name in wanted.funnels if (own := shape.funnel(name))]
    for name in wanted.funnels if shape.funnels is not None else ():
        if shape.funnel(name) is None:
            yield f"в CRM нет воронки сделок «{name}»: исправьте funnels, {SALES}"
    funnels = named if wanted.funnels else shape.funnels or ()
    there = {folded(stage.name) for own in funnels for stage in own.stages}
    for name in wanted.undone_stages if shape.funnels is not None else ():
        if folded(name) not in there:
            yield f"в воронках сделок нет стадии «{name}»: исправьте undone_stages, {SALES}"
    if wanted.undone_field and "deal" in shape.user_fields and not shape.user_field("deal", wanted.undone_field):
        yield f"в карточке сделки нет поля {wanted.undone_field}: исправьте undone_field, {SALES}"


def _type(code: str) -> str:
    return f"«{TYPES.get(code, code)}»"


def _plural(multiple: bool) -> str:
    return "множественное" if multiple else "не множественное"
