"""crm.activity.todo.{add,update,updateDeadline}. Official sources: crm/timeline/activities/todo/*."""

from datetime import datetime
from typing import Any

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.crm.activities import PROVIDED
from backoffice.sandbox.bitrix24.crm.activity_requests import object_of
from backoffice.sandbox.bitrix24.crm.table import Item
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.moments import moment
from backoffice.sandbox.bitrix24.php import values_of
from backoffice.sandbox.bitrix24.registry import method

_PARAMS = "ownerTypeId ownerId deadline title description responsibleId parentActivityId pingOffsets colorId"
_PROVIDER = {"TYPE_ID": PROVIDED, "PROVIDER_ID": "CRM_TODO", "PROVIDER_TYPE_ID": "TODO"}


@method("crm.activity.todo.add", "add", _PARAMS, scope="crm")
def add(call: Call) -> dict[str, int]:
    """`title` and `description` may be empty; the owner's responsible person is the to-do's, unless named."""
    owner, deadline = _owner(call), _moment(call, "deadline")
    bound = {"OWNER_TYPE_ID": call.integer("ownerTypeId"), "OWNER_ID": owner.id}
    person = {"RESPONSIBLE_ID": owner.values.get("ASSIGNED_BY_ID") or call.user_id}
    texts = {"SUBJECT": "", "DESCRIPTION": ""}
    values = {**_PROVIDER, **bound, **person, **texts, **_timed(deadline), **_told(call)}
    return {"id": call.portal.crm.activities.add(values, call.user_id).id}


@method("crm.activity.todo.update", "update", f"id {_PARAMS}", scope="crm")
def update(call: Call) -> dict[str, int]:
    """What is not sent stays as it is."""
    return _change(call, {**_timed(_moment(call, "deadline")), **_told(call)})


@method("crm.activity.todo.updateDeadline", "update", "id ownerTypeId ownerId value", scope="crm")
def update_deadline(call: Call) -> dict[str, int]:
    return _change(call, _timed(_moment(call, "value")))


def _change(call: Call, values: dict[str, Any]) -> dict[str, int]:
    activities = call.portal.crm.activities
    bound = (call.integer("ownerTypeId"), _owner(call).id)
    found = next((one for one in activities.of(bound) if one.id == call.integer("id")), None)
    if found is None or found.values["PROVIDER_ID"] != _PROVIDER["PROVIDER_ID"]:
        raise Refusal("NOT_FOUND", "Not found.")
    if found.values["COMPLETED"] == "Y":
        raise Refusal("CAN_NOT_UPDATE_COMPLETED_TODO", "Can not update completed todo")  # the real text is unknown
    return {"id": activities.update(found, values, call.user_id).id}


def _owner(call: Call) -> Item:
    """Which of the two codes a portal answers is undocumented."""
    found = object_of(call, (call.integer("ownerTypeId"), call.integer("ownerId")))
    if found is None:
        raise Refusal("OWNER_NOT_FOUND", "Owner was not found.")
    if found[1] is None:
        raise Refusal("NOT_FOUND", "Not found.")
    return found[1]


def _moment(call: Call, name: str) -> datetime:
    try:
        return moment(str(call.required(name))).replace(microsecond=0)
    except ValueError:
        raise Refusal("WRONG_DATETIME_FORMAT", "Wrong datetime format") from None  # the real text is unknown


def _timed(deadline: datetime) -> dict[str, Any]:
    return {"START_TIME": deadline, "END_TIME": deadline, "DEADLINE": deadline}


def _told(call: Call) -> dict[str, Any]:
    params = call.params
    texts = {"SUBJECT": "title", "DESCRIPTION": "description"}
    told: dict[str, Any] = {field: str(params[name]) for field, name in texts.items() if name in params}
    told |= {"RESPONSIBLE_ID": call.integer("responsibleId")} if params.get("responsibleId") else {}
    offsets = [int(minutes) for minutes in values_of(params.get("pingOffsets") or [])]
    return told | ({"SETTINGS": {"PING_OFFSETS": offsets}} if offsets else {})
