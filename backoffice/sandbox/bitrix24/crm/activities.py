"""Activities: meetings, calls, e-mails and things to do, each bound to one or more objects.

Official sources: crm/timeline/activities/activity-base/crm-activity-{add,fields}.md, crm/deals/crm-deal-delete.md.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from backoffice.sandbox.bitrix24.crm.schema import read_fields
from backoffice.sandbox.bitrix24.crm.table import Item, Table
from backoffice.sandbox.bitrix24.hooks import Hooks
from backoffice.sandbox.clock import Clock

Bound = tuple[int, int]  # the number of a kind of objects, the object's id
NOBODY: Bound = (0, 0)

MEETING, CALL, EMAIL, PROVIDED = 1, 2, 4, 6
INCOMING, OUTGOING = 1, 2
WAITING, DONE = 1, 2

FIELDS = read_fields("""
ID integer ro
OWNER_ID integer
OWNER_TYPE_ID crm_enum_ownertype
TYPE_ID crm_enum_activitytype required
PROVIDER_ID string
PROVIDER_TYPE_ID string
PROVIDER_GROUP_ID string
ASSOCIATED_ENTITY_ID integer ro
SUBJECT string required
CREATED datetime ro
LAST_UPDATED datetime ro
START_TIME datetime
END_TIME datetime
DEADLINE datetime
COMPLETED char
STATUS crm_enum_activitystatus
RESPONSIBLE_ID user required
PRIORITY crm_enum_activitypriority
NOTIFY_TYPE crm_enum_activitynotifytype
NOTIFY_VALUE integer
DESCRIPTION string
DESCRIPTION_TYPE crm_enum_contenttype
DIRECTION crm_enum_activitydirection
LOCATION string
SETTINGS object
ORIGINATOR_ID string
ORIGIN_ID string
AUTHOR_ID user ro
EDITOR_ID user ro
PROVIDER_PARAMS object
PROVIDER_DATA string
RESULT_MARK integer
RESULT_VALUE double
RESULT_SUM double
RESULT_CURRENCY_ID string
RESULT_STATUS integer
RESULT_STREAM integer
RESULT_SOURCE_ID string
AUTOCOMPLETE_RULE integer
ORIGIN_VERSION string
BINDINGS crm_activity_binding multiple ro
COMMUNICATIONS crm_activity_communication multiple required
FILES diskfile multiple
WEBDAV_ELEMENTS diskfile multiple
IS_INCOMING_CHANNEL char ro
""")

_PROVIDERS = {
    MEETING: {"PROVIDER_ID": "CRM_MEETING", "PROVIDER_TYPE_ID": "MEETING"},
    CALL: {"PROVIDER_ID": "VOXIMPLANT_CALL", "PROVIDER_TYPE_ID": "CALL"},
    EMAIL: {"PROVIDER_ID": "CRM_EMAIL", "PROVIDER_TYPE_ID": "EMAIL"},
}
_ZEROS = "ASSOCIATED_ENTITY_ID NOTIFY_TYPE NOTIFY_VALUE DIRECTION RESULT_MARK RESULT_STATUS RESULT_STREAM"


@dataclass(frozen=True)
class Communication:
    """How the client is reached: an address, a number or a name, and whose it is."""

    id: int
    type: str
    value: str
    entity: Bound


class Activities:
    """An activity belongs to its owner and is bound to the objects of its communications as well."""

    def __init__(self, clock: Clock, hooks: Hooks) -> None:
        self._clock, self._hooks = clock, hooks
        self.table = Table(indexed=("ORIGIN_ID", "OWNER_ID"))
        self._of: defaultdict[Bound, dict[int, None]] = defaultdict(dict)

    def of(self, bound: Bound) -> list[Item]:
        """What is bound to the object, by id."""
        return [item for number in sorted(self._of.get(bound, {})) if (item := self.table.get(number))]

    def add(self, values: dict[str, Any], user_id: int) -> Item:
        """A new activity with its defaults and its event."""
        now = self._now()
        values = {**_defaults(values, now), **values, "CREATED": now, "AUTHOR_ID": user_id}
        item = self._put(self.table.next_id(), values, user_id)
        self._hooks.announce("ONCRMACTIVITYADD", {"ID": item.id})
        return item

    def update(self, item: Item, changed: dict[str, Any], user_id: int) -> Item:
        updated = self._put(item.id, {**item.values, **changed}, user_id)
        self._hooks.announce("ONCRMACTIVITYUPDATE", {"ID": item.id})
        return updated

    def delete(self, activity_id: int) -> None:
        self._unbind(activity_id)
        self.table.remove(activity_id)
        self._hooks.announce("ONCRMACTIVITYDELETE", {"ID": activity_id})

    def leave(self, bound: Bound) -> None:
        """The object is gone: what was bound to nothing else goes too, the rest belongs to another of its objects."""
        for item in self.of(bound):
            if item.values["BINDINGS"] == [bound]:
                self.delete(item.id)
            else:
                self._keep(_rebound(item, bound, NOBODY))

    def move(self, old: Bound, new: Bound) -> None:
        """Everything bound to one object is bound to another instead."""
        for item in self.of(old):
            self._keep(_rebound(item, old, new))

    def _put(self, activity_id: int, values: dict[str, Any], user_id: int) -> Item:
        done = values["COMPLETED"] == "Y"
        changed = {"LAST_UPDATED": self._now(), "EDITOR_ID": user_id, "STATUS": DONE if done else WAITING}
        return self._keep(Item(activity_id, {**values, **changed, "BINDINGS": _bindings(values)}))

    def _keep(self, item: Item) -> Item:
        self._unbind(item.id)
        self.table.put(item)
        for bound in item.values["BINDINGS"]:
            self._of[bound][item.id] = None
        return item

    def _unbind(self, activity_id: int) -> None:
        old = self.table.get(activity_id)
        for bound in old.values["BINDINGS"] if old else ():
            self._of[bound].pop(activity_id, None)

    def _now(self) -> datetime:
        return self._clock.now().replace(microsecond=0)


def _rebound(item: Item, old: Bound, new: Bound) -> Item:
    communications = [replace(one, entity=new) if one.entity == old else one for one in item.values["COMMUNICATIONS"]]
    others = [new if one == old else one for one in item.values["BINDINGS"]]
    bindings = list(dict.fromkeys(one for one in others if one != NOBODY))
    owner = (item.values["OWNER_TYPE_ID"], item.values["OWNER_ID"])
    kind, number = owner if owner in bindings else bindings[0]
    changed = {"OWNER_TYPE_ID": kind, "OWNER_ID": number, "BINDINGS": bindings, "COMMUNICATIONS": communications}
    return replace(item, values={**item.values, **changed})


def _bindings(values: dict[str, Any]) -> list[Bound]:
    owner = (values["OWNER_TYPE_ID"], values["OWNER_ID"])
    return list(dict.fromkeys([owner, *(one.entity for one in values["COMMUNICATIONS"] if one.entity != NOBODY)]))


def _defaults(values: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The moments of an activity without any are undocumented: now."""
    start = values.get("START_TIME") or now
    return {
        **dict.fromkeys(_ZEROS.split(), 0),
        **_PROVIDERS.get(values["TYPE_ID"], {}),
        "COMPLETED": "N",
        "PRIORITY": 2,
        "DESCRIPTION": "",
        "DESCRIPTION_TYPE": 1,
        "LOCATION": "",
        "AUTOCOMPLETE_RULE": 0,
        "START_TIME": start,
        "END_TIME": start,
        "DEADLINE": start,
        "IS_INCOMING_CHANNEL": "N",
        "COMMUNICATIONS": [],
    }
