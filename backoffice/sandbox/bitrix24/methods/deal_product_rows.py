"""crm.{deal,lead}.productrows.{get,set}, halted and still there.

Official sources: crm/deals/crm-deal-productrows-{get,set}.md: ids are text, what they point to and prices are numbers.
"""

from typing import Any

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.catalog.row_writing import WRITTEN, new_row, replace_rows, settle
from backoffice.sandbox.bitrix24.catalog.rows import LETTERS, Owner, ProductRow
from backoffice.sandbox.bitrix24.crm.schema import camel_case
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.php import map_of, values_of
from backoffice.sandbox.bitrix24.registry import method

# Computed from the others, or kept for stock: accepted and without effect here.
_IGNORED = {
    "id",
    "ownerId",
    "ownerType",
    "priceExclusive",
    "priceNetto",
    "priceBrutto",
    "customized",
    "storeId",
    "type",
}


def get(call: Call) -> list[dict[str, Any]]:
    return [_shown(call, row) for row in call.portal.crm.product_rows.of(_owner(call))]


def set_(call: Call) -> bool:
    """Rows that are not sent are removed."""
    owner = _owner(call)
    sent = [_camel(call, map_of(row)) for row in values_of(call.params.get("ROWS") or [])]
    made = [new_row(call.portal, owner, row) for row in sent]
    replace_rows(call.portal, owner, made)
    settle(call.portal, owner, call.user_id)
    return True


def _owner(call: Call) -> Owner:
    raw, entity = str(call.params.get("ID") or ""), call.method.split(".")[1].upper()
    if not raw.isdigit():
        raise Refusal("", "The parameter id is invalid or not defined.")
    if int(raw) not in call.portal.crm.tables[entity]:
        raise Refusal("", "Not found")
    return entity, int(raw)


def _camel(call: Call, sent: dict[str, Any]) -> dict[str, Any]:
    named = {camel_case(name): raw for name, raw in sent.items()}
    for name in named.keys() - WRITTEN.keys() - _IGNORED:
        call.refuse_unknown(name)
    return named


def _shown(call: Call, row: ProductRow) -> dict[str, Any]:
    product = call.portal.catalog.products.get(row.product_id)
    shown = {_upper(name): value for name, value in row.row().items()}
    texts = {"ID": str(row.id), "OWNER_ID": str(row.owner[1]), "PRICE_ACCOUNT": f"{row.price:.2f}"}
    name = product.name if product else row.name
    description = product.fields.get("detailText") if product else None
    return {**shown, **texts, "ORIGINAL_PRODUCT_NAME": name, "PRODUCT_DESCRIPTION": description, "STORE_ID": 0}


def _upper(name: str) -> str:
    return "".join(f"_{letter}" if letter.isupper() else letter for letter in name).upper()


for _entity in LETTERS:
    _prefix = f"crm.{_entity.lower()}.productrows"
    method(f"{_prefix}.get", "read", "id", scope="crm", case="any")(get)
    method(f"{_prefix}.set", "update", "id rows", scope="crm", case="any")(set_)
