"""lists.field.update. Official source: lists/fields/lists-field-update.md."""

from dataclasses import replace
from typing import Any

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.methods.lists_fields import KNOWN, option_texts
from backoffice.sandbox.bitrix24.php import map_of
from backoffice.sandbox.bitrix24.registry import method
from backoffice.sandbox.bitrix24.universal_lists.fields import ListField
from backoffice.sandbox.bitrix24.universal_lists.requests import BLOCK, fields, number, required, the_list


@method("lists.field.update", "update", f"{BLOCK} FIELD_ID FIELDS", scope="lists")
def update(call: Call) -> bool:
    """The type must be sent and cannot change; what becomes of settings not sent is undocumented, here they stay."""
    owner, field_id, sent = the_list(call), str(required(call, "FIELD_ID")), fields(call)
    for name in sent.keys() - KNOWN:
        call.refuse_unknown(name)
    field = owner.fields.get(field_id)
    if field is None or sent.get("TYPE") != field.type:
        raise Refusal("ERROR_UPDATE_FIELD", "Error updating the field")
    owner.fields[field_id] = _changed(call, field, sent)
    return True


def _changed(call: Call, field: ListField, sent: dict[str, Any]) -> ListField:
    return replace(
        field,
        name=str(sent["NAME"]),
        code=str(sent.get("CODE") or field.code),
        multiple=sent["MULTIPLE"] == "Y" if "MULTIPLE" in sent else field.multiple,
        required=sent["IS_REQUIRED"] == "Y" if "IS_REQUIRED" in sent else field.required,
        sort=number(sent.get("SORT")) or field.sort,
        default=str(sent.get("DEFAULT_VALUE", field.default)),
        options=_options(call, field, sent),
        settings={**field.settings, **map_of(sent.get("SETTINGS"))},
        user_type_settings={**field.user_type_settings, **map_of(sent.get("USER_TYPE_SETTINGS"))},
    )


def _options(call: Call, field: ListField, sent: dict[str, Any]) -> dict[int, str]:
    """LIST maps ids to options; a key that is no option's id adds one, as does a line of LIST_TEXT_VALUES."""
    listed = map_of(sent.get("LIST"))
    known = {number: text for number, text in field.options.items() if str(number) not in listed}
    changed = {number: option_texts({"LIST": [listed[str(number)]]})[0] for number in field.options.keys() - known}
    new = {key: option for key, option in listed.items() if not key.isdigit() or int(key) not in field.options}
    added = option_texts({"LIST": list(new.values()), "LIST_TEXT_VALUES": sent.get("LIST_TEXT_VALUES")})
    return {**known, **changed, **{call.portal.lists.number("option"): text for text in added}}
