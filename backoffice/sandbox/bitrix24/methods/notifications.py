"""im.notify.personal.add, im.notify.system.add. Official sources: chats/notifications/*."""

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.portal import Notification
from backoffice.sandbox.bitrix24.registry import method

_PARAMS = "USER_ID MESSAGE MESSAGE_OUT TAG SUB_TAG ATTACH CLIENT_ID"


@method("im.notify.personal.add", "add", _PARAMS, scope="im", case="any")
@method("im.notify.system.add", "add", _PARAMS, scope="im", case="any")
def add(call: Call) -> int | bool:
    """The id, or False for a user there is not. Through a webhook TAG works only together with CLIENT_ID."""
    user = str(call.params.get("USER_ID") or "")
    if not user.isdigit() or int(user) == 0:
        raise Refusal("USER_ID_EMPTY", "User ID can't be empty")
    if not call.params.get("MESSAGE"):
        raise Refusal("MESSAGE_EMPTY", "Message can't be empty")
    if int(user) not in call.portal.users:
        return False
    tag = str(call.params.get("TAG") or "") if call.params.get("CLIENT_ID") else ""
    return _put(call, int(user), tag).id


def _put(call: Call, user_id: int, tag: str) -> Notification:
    kept = call.portal.notifications
    for old in [row.id for row in kept.values() if tag and (row.user_id, row.tag) == (user_id, tag)]:
        del kept[old]
    kind, now = call.method.split(".")[2], call.portal.clock.now()
    number = call.portal.crm.number("notification")
    kept[number] = Notification(number, user_id, kind, str(call.params["MESSAGE"]), tag, now)
    return kept[number]
