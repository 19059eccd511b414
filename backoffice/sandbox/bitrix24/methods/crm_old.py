"""crm.{contact,company,lead,deal}.{add,update,get,list,delete,fields}.

Official sources: crm/contacts/crm-contact-*.md and their likes for companies, leads and deals.
"""

from typing import Any

from backoffice.sandbox.bitrix24.call import Call, Page
from backoffice.sandbox.bitrix24.crm.descriptions import described
from backoffice.sandbox.bitrix24.crm.entities import entity_types
from backoffice.sandbox.bitrix24.crm.old_methods import OldFacade
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.registry import method


def _facade(call: Call) -> OldFacade:
    return OldFacade(call, call.portal.crm.types[call.method.split(".")[1].upper()])


def add(call: Call) -> int:
    facade = _facade(call)
    change = facade.change()
    if facade.kind.name == "CONTACT" and not (change.values.get("NAME") or change.values.get("LAST_NAME")):
        raise Refusal("", "One of the fields 'NAME' and 'LAST_NAME' must be filled.")  # the real text is unknown
    if facade.kind.name == "COMPANY" and not change.values.get("TITLE"):
        raise Refusal("", "The field 'TITLE' is required.")  # the real text is unknown
    return call.portal.crm.create(facade.kind.name, change, call.user_id).id


def update(call: Call) -> bool:
    """A deal's funnel cannot be changed this way: CATEGORY_ID is ignored."""
    facade = _facade(call)
    item, change = facade.item(f"{facade.kind.name.capitalize()} is not found"), facade.change()
    change.values.pop("CATEGORY_ID", None)
    call.portal.crm.update(facade.kind.name, item, change, call.user_id)
    return True


def get(call: Call) -> dict[str, Any]:
    facade = _facade(call)
    return facade.card(facade.item())


def list_(call: Call) -> Page:
    return _facade(call).page()


def delete(call: Call) -> bool:
    facade = _facade(call)
    item = facade.item("Element not found", "ERROR_CORE")
    call.portal.crm.delete(facade.kind.name, item.id)
    return True


def fields(call: Call) -> dict[str, Any]:
    return {field.name: described(field) for field in _facade(call).kind.fields.values()}


for _kind in entity_types().values():
    _prefix = _kind.prefix
    method(f"{_prefix}.add", "add", "fields params", scope="crm", case="any")(add)
    method(f"{_prefix}.update", "update", "id fields params", scope="crm", case="any")(update)
    method(f"{_prefix}.get", "read", "id", scope="crm", case="any")(get)
    method(f"{_prefix}.list", "page", "select filter order start", scope="crm", case="any")(list_)
    method(f"{_prefix}.delete", "delete", "id", scope="crm", case="any")(delete)
    method(f"{_prefix}.fields", "read", scope="crm", case="any")(fields)
