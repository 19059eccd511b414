"""Creating what a portal lacks: lists, their fields, user fields, fields of products, funnels, stages."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from backoffice.bitrix24.batch import BatchResult, Command
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.errors import AlreadyExists, BatchFailed
from backoffice.bitrix24.funnels import DEAL, stage_directory
from backoffice.bitrix24.list_fields import ENTITIES
from backoffice.rules.portal_actions import (
    Create,
    CreateFunnel,
    CreateList,
    CreateListField,
    CreateProductField,
    CreateStage,
    CreateUserField,
)

LETTERS = {"process": "", "success": "S", "failure": "F"}


def create(portal: Portal, actions: Iterable[Create]) -> None:
    """Create everything, parents first, in one batch; the stages of funnels just created need a second one.

    What exists already counts as done. BatchFailed lists what could not be created; the rest is.
    """
    todo = list(actions)
    orphans = [action for action in todo if isinstance(action, CreateStage) and action.funnel_id is None]
    created = portal.batch(_command(action) for action in todo if action not in orphans)
    ids = {own.name: int(answer["category"]["id"]) for own, answer in created.done if isinstance(own, CreateFunnel)}
    housed = [replace(action, funnel_id=ids[action.funnel]) for action in orphans if action.funnel in ids]
    _demand_done(created, portal.batch(_command(action) for action in housed))


def _demand_done(*results: BatchResult[Create]) -> None:
    outcomes = [outcome for result in results for outcome in result.outcomes]
    failures = [
        (outcome.item.title, outcome.error)
        for outcome in outcomes
        if outcome.error is not None and not isinstance(outcome.error, AlreadyExists)
    ]
    if failures:
        raise BatchFailed("portal-setup", failures, len(outcomes))


def _command(action: Create) -> Command[Create]:
    method, params = _call(action)
    return Command(method, params, action)


def _call(action: Create) -> tuple[str, dict[str, Any]]:
    match action:
        case CreateList(code, name):
            return "lists.add", _list_params(code, {"NAME": name})
        case CreateListField():
            return "lists.field.add", _list_params(action.list.code, _list_field(action))
        case CreateUserField(entity):
            return f"crm.{entity}.userfield.add", {"fields": _user_field(action)}
        case CreateProductField():
            return "catalog.productProperty.add", {"fields": _product_field(action)}
        case CreateFunnel(name, sort):
            return "crm.category.add", {"entityTypeId": DEAL, "fields": {"name": name, "sort": sort}}
        case CreateStage():
            return "crm.status.add", {"fields": _stage(action)}


def _list_params(code: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {"IBLOCK_TYPE_ID": "lists", "IBLOCK_CODE": code, "FIELDS": fields}


def _list_field(action: CreateListField) -> dict[str, Any]:
    """A CRM binding names every kind of card, so the portal defaults have no say; VISIBLE shows the tab in the card."""
    field = action.field
    fields = {
        "NAME": field.name,
        "TYPE": field.type,
        "CODE": field.code,
        "MULTIPLE": _letter(field.multiple),
        "IS_REQUIRED": "N",
    }
    if not field.binds:
        return fields
    allowed = {entity.upper(): _letter(entity in field.binds) for entity in ENTITIES}
    return fields | {"USER_TYPE_SETTINGS": {"VISIBLE": "Y", **allowed}}


def _user_field(action: CreateUserField) -> dict[str, Any]:
    """LABEL names the field in the card, the list and the filter alike; SHOW_FILTER lets people filter by it."""
    field = action.field
    return {
        "FIELD_NAME": field.code,
        "USER_TYPE_ID": field.type,
        "LABEL": field.name,
        "MULTIPLE": _letter(field.multiple),
        "MANDATORY": "N",
        "SHOW_FILTER": "Y",
    }


def _product_field(action: CreateProductField) -> dict[str, Any]:
    """Source: catalog/product-property/catalog-product-property-add.md."""
    field = action.field
    kind, _, user_type = field.type.partition(":")
    fields = {
        "iblockId": action.catalogue_id,
        "name": field.name,
        "code": field.code,
        "propertyType": kind,
        "multiple": _letter(field.multiple),
        "isRequired": "N",
        "active": "Y",
    }
    return fields | ({"userType": user_type} if user_type else {})


def _stage(action: CreateStage) -> dict[str, Any]:
    return {
        "ENTITY_ID": stage_directory(action.funnel_id or 0),
        "STATUS_ID": action.stage.code,
        "NAME": action.stage.name,
        "SORT": action.stage.sort,
        "SEMANTICS": LETTERS[action.stage.semantic],
    }


def _letter(yes: bool) -> str:
    return "Y" if yes else "N"
