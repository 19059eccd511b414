"""crm.item.productrow.{list,get,set,add,update,delete,fields}. Official sources: crm/universal/product-rows/*."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from backoffice.sandbox.bitrix24.call import Call, Page
from backoffice.sandbox.bitrix24.catalog.listing import Column, Listing
from backoffice.sandbox.bitrix24.catalog.row_writing import (
    WRITTEN,
    changed_row,
    new_row,
    refuse_unknown,
    replace_rows,
    settle,
    the_owner,
)
from backoffice.sandbox.bitrix24.catalog.rows import OWNERS, ProductRow
from backoffice.sandbox.bitrix24.errors import Refusal, missing_parameter
from backoffice.sandbox.bitrix24.paging import paged
from backoffice.sandbox.bitrix24.php import map_of, values_of
from backoffice.sandbox.bitrix24.registry import method

_NAMES = list(ProductRow(1, ("DEAL", 1), 0, "", Decimal(0)).row())
_TEXTS = {"ownerType", "productName", "taxIncluded", "customized", "measureName", "xmlId"}


@method("crm.item.productrow.list", "page", "filter order start", scope="crm")
def list_(call: Call) -> Page:
    """Of one owner, which the filter must name; there is no `select`."""
    rows = Listing(call, _column, _bad_value).rows(_candidates(call))
    return paged(rows, call.params.get("start"), ProductRow.row, "productRows")


@method("crm.item.productrow.get", "read", "id", scope="crm")
def get(call: Call) -> dict[str, Any]:
    return {"productRow": _the_row(call).row()}


@method("crm.item.productrow.add", "add", "fields", scope="crm")
def add(call: Call) -> dict[str, Any]:
    sent = call.map("fields")
    for name in ("ownerType", "ownerId"):
        if sent.get(name) in ("", None):
            raise missing_parameter(name)
    refuse_unknown(call, sent)
    owner = the_owner(call.portal, sent["ownerType"], sent["ownerId"])
    made = new_row(call.portal, owner, sent)
    call.portal.crm.product_rows.put(made)
    settle(call.portal, owner, call.user_id)
    return {"productRow": made.row()}


@method("crm.item.productrow.set", "update", "ownerType ownerId productRows", scope="crm")
def set_(call: Call) -> dict[str, Any]:
    """All the rows there were are replaced, none of them keeps its id."""
    owner = the_owner(call.portal, call.required("ownerType"), call.required("ownerId"))
    sent = [map_of(row) for row in values_of(call.required("productRows"))]
    for fields in sent:
        refuse_unknown(call, fields)
    made = [new_row(call.portal, owner, fields) for fields in sent]
    replace_rows(call.portal, owner, made)
    settle(call.portal, owner, call.user_id)
    return {"productRows": [row.row() for row in made]}


@method("crm.item.productrow.update", "update", "id fields", scope="crm")
def update(call: Call) -> dict[str, Any]:
    """A field that cannot be changed is an error when no other one is sent."""
    row, sent = _the_row(call), call.map("fields")
    if not sent.keys() & WRITTEN.keys():
        name = next(iter(sent), "")
        raise Refusal("INVALID_ARG_VALUE", f"Field '{name}' not available for update")
    refuse_unknown(call, sent)
    changed = changed_row(call.portal, row, sent)
    call.portal.crm.product_rows.put(changed)
    settle(call.portal, row.owner, call.user_id)
    return {"productRow": changed.row()}


@method("crm.item.productrow.delete", "delete", "id", scope="crm")
def delete(call: Call) -> None:
    row = _the_row(call)
    call.portal.crm.product_rows.remove(row)
    settle(call.portal, row.owner, call.user_id)


@method("crm.item.productrow.fields", "read", scope="crm")
def described_fields(_: Call) -> dict[str, Any]:
    return {"fields": {name: _described(name) for name in _NAMES if name not in ("priceAccount", "xmlId")}}


def _candidates(call: Call) -> Iterable[ProductRow]:
    """An owner that is not there has no rows. `=` is said to take arrays, of owners too or not: a switch."""
    wanted = call.map("filter")
    for name in ("=ownerType", "=ownerId"):
        if wanted.get(name) in ("", None, []):
            raise missing_parameter(name)
    numbers, entity = wanted["=ownerId"], OWNERS.get(str(wanted["=ownerType"]), "")
    if isinstance(numbers, list | dict) and not call.portal.config.rows_of_many_owners:
        raise Refusal("INVALID_ARG_VALUE", "Value for filter key '=ownerId' should be either string or number")
    ids = sorted({int(number) for number in values_of(numbers) if str(number).isdigit()})
    return (row for number in ids for row in call.portal.crm.product_rows.of((entity, number)))


def _the_row(call: Call) -> ProductRow:
    found = call.portal.crm.product_rows.get(call.integer("id"))
    if found is None:
        raise Refusal("NOT_FOUND", "Item not found")
    return found


def _column(name: str) -> Column[ProductRow] | None:
    if name not in _NAMES:
        return None
    return Column(lambda row: [row.row()[name]], str if name in _TEXTS else _number)


def _number(raw: Any) -> float | None:
    return None if raw in ("", None) else float(raw)


def _bad_value(name: str) -> Refusal:
    return Refusal("INVALID_ARG_VALUE", f"Invalid value of field '{name}' in filter")


def _described(name: str) -> dict[str, Any]:
    owner = name in ("ownerId", "ownerType")
    return {
        "type": _type(name),
        "isRequired": owner or name == "productId",
        "isReadOnly": not owner and name not in WRITTEN and name != "customized",
        "isImmutable": owner,
        "isMultiple": False,
        "isDynamic": False,
        "title": name,
    }


def _type(name: str) -> str:
    if name in ("taxIncluded", "customized"):
        return "char"
    if name in _TEXTS:
        return "string"
    whole = name.endswith("Id") or name in ("id", "sort", "type", "measureCode")
    return "integer" if whole else "double"
