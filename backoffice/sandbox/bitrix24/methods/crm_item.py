"""crm.item.{add,update,get,list,delete,fields}. Official sources: crm/universal/crm-item-*.md."""

from typing import Any

from backoffice.sandbox.bitrix24.call import Call, Page
from backoffice.sandbox.bitrix24.crm.descriptions import described
from backoffice.sandbox.bitrix24.crm.stages import STAGE_FIELDS
from backoffice.sandbox.bitrix24.crm.store import Change
from backoffice.sandbox.bitrix24.crm.universal_methods import UniversalFacade
from backoffice.sandbox.bitrix24.errors import missing_parameter
from backoffice.sandbox.bitrix24.registry import method


@method("crm.item.add", "add", "entityTypeId fields useOriginalUfNames", scope="crm")
def add(call: Call) -> dict[str, Any]:
    facade, change = _writing(call)
    facade.refuse_incomplete(change.values)
    if not call.portal.config.item_add_takes_fm:
        change = Change(change.values)
    return {"item": facade.show(call.portal.crm.create(facade.kind.name, change, call.user_id))}


@method("crm.item.update", "update", "entityTypeId id fields useOriginalUfNames", scope="crm")
def update(call: Call) -> dict[str, Any]:
    """Values that are there already are not saved and raise no event."""
    facade, change = _writing(call)
    item, crm = facade.item(), call.portal.crm
    if crm.changes_nothing(item, change) and not call.portal.config.idle_update_saves:
        return {"item": facade.show(item)}
    if _changes_stage(facade, item.values, change):
        facade.refuse_incomplete({**item.values, **change.values})
    _enter_funnel(facade, item.values, change)
    return {"item": facade.show(crm.update(facade.kind.name, item, change, call.user_id))}


@method("crm.item.get", "read", "entityTypeId id useOriginalUfNames", scope="crm")
def get(call: Call) -> dict[str, Any]:
    facade = UniversalFacade.of(call)
    return {"item": facade.show(facade.item())}


@method("crm.item.list", "page", "entityTypeId select filter order start useOriginalUfNames", scope="crm")
def list_(call: Call) -> Page:
    return UniversalFacade.of(call).page()


@method("crm.item.delete", "delete", "entityTypeId id", scope="crm")
def delete(call: Call) -> list[Any]:
    facade = UniversalFacade.of(call)
    call.portal.crm.delete(facade.kind.name, facade.item().id)
    return []


@method("crm.item.fields", "read", "entityTypeId useOriginalUfNames", scope="crm")
def fields(call: Call) -> dict[str, Any]:
    facade = UniversalFacade.of(call)
    shown = {
        facade.name_of(field): described(field) | {"upperName": field.name} for field in facade.kind.fields.values()
    }
    return {"fields": shown}


def _writing(call: Call) -> tuple[UniversalFacade, Change]:
    facade = UniversalFacade.of(call)
    if not isinstance(call.params.get("fields"), dict | list):
        raise missing_parameter("fields")
    return facade, facade.change()


def _changes_stage(facade: UniversalFacade, old: dict[str, Any], change: Change) -> bool:
    stage_field, _ = STAGE_FIELDS.get(facade.kind.name, ("", ""))
    return stage_field in change.values and change.values[stage_field] != old[stage_field]


def _enter_funnel(facade: UniversalFacade, old: dict[str, Any], change: Change) -> None:
    """A deal moved to another funnel without a stage gets the first one there."""
    category = change.values.get("CATEGORY_ID")
    if category not in (None, old.get("CATEGORY_ID")) and "STAGE_ID" not in change.values:
        change.values["STAGE_ID"] = facade.call.portal.crm.directories.first_stage(category)
