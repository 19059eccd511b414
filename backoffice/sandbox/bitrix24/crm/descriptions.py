"""How `crm.*.fields` and `crm.item.fields` describe a field. Shape: captured on crm.lead.fields."""

from typing import Any

from backoffice.sandbox.bitrix24.crm.schema import Field


def described(field: Field) -> dict[str, Any]:
    """Type and flags; a user field has its labels, an enumeration its items."""
    row: dict[str, Any] = {
        "type": field.type,
        "isRequired": field.required,
        "isReadOnly": field.read_only,
        "isImmutable": False,
        "isMultiple": field.multiple,
        "isDynamic": field.dynamic,
        "title": field.name if field.dynamic else field.title,
    }
    if field.status_type:
        row["statusType"] = field.status_type
    if field.options:
        row["items"] = [{"ID": str(number), "VALUE": value} for number, value in field.options]
    if field.dynamic:
        row |= {"listLabel": field.title, "formLabel": field.title, "filterLabel": field.title}
        row["settings"] = field.settings
    return row
