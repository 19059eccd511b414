"""im.notify.personal.add, im.notify.system.add. Official sources: chats/notifications/*."""

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.php import to_json
from backoffice.sandbox.bitrix24.portal import Notification
from backoffice.sandbox.bitrix24.registry import method

LONGEST_ATTACHMENT = 60_000
_PARAMS = "USER_ID MESSAGE MESSAGE_OUT TAG SUB_TAG ATTACH CLIENT_ID"


@method("im.notify.personal.add", "add", _PARAMS, scope="im", case="any")
@method("im.notify.system.add", "add", _PARAMS, scope="im", case="any")
def add(call: Call) -> int | bool:
    """The id, or False for a user there is not. Through a webhook TAG works only together with CLIENT_ID."""
    user, message = str(call.params.get("USER_ID") or ""), str(call.params.get("MESSAGE") or "").strip()
    if not user.isdigit() or int(user) == 0:
        raise Refusal("USER_ID_EMPTY", "User ID can't be empty")
    if not message:
        raise Refusal("MESSAGE_EMPTY", "Message can't be empty")
    if len(_attachment(call)) > LONGEST_ATTACHMENT:
        raise Refusal("ATTACH_OVERSIZE", "You have exceeded the maximum allowable size of attach")
    if int(user) not in call.portal.users:
        return False
    return _put(call, int(user), message).id


def _put(call: Call, user_id: int, message: str) -> Notification:
    kept, sender = call.portal.notifications, _sender(call)
    tag = str(call.params.get("TAG") or "") if sender else ""
    reach = call.portal.config.notification_tags
    for old in [row.id for row in kept.values() if tag and (row.sender, row.tag) == (sender, tag)]:
        if reach == "per_portal" or (reach == "per_person" and kept[old].user_id == user_id):
            del kept[old]
    kind, now = call.method.split(".")[2], call.portal.clock.now()
    number = call.portal.crm.number("notification")
    kept[number] = Notification(number, user_id, kind, message, tag, now, sender)
    return kept[number]


def _sender(call: Call) -> str:
    """A tag is unique within an application; a webhook names one of its own choice."""
    return call.application.client_id if call.application else str(call.params.get("CLIENT_ID") or "")


def _attachment(call: Call) -> str:
    attached = call.params.get("ATTACH") or ""
    return attached if isinstance(attached, str) else to_json(attached).decode()
