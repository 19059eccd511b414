"""The fields of a task and what is shown of those that nobody set. Official source: tasks/tasks-task-get-fields.md."""

from typing import Any

_YES_NO = {"Y": "Да", "N": "Нет"}
_VALUES: dict[str, Any] = {
    "MARK": {"N": "Отрицательная", "P": "Положительная"},
    "PRIORITY": {"2": "Высокий", "1": "Средний", "0": "Низкий"},
    "STATUS": {
        "2": "Ждет выполнения",
        "3": "Выполняется",
        "4": "Ожидает контроля",
        "5": "Завершена",
        "6": "Отложена",
    },
    "DURATION_TYPE": ["secs", "mins", "hours", "days", "weeks", "months", "years"],
}

# Name, type, what stands in a new task (`-`: nothing); enumerations without values of their own are yes or no.
_TABLE = """
ID integer -
PARENT_ID integer -
TITLE string -
DESCRIPTION string -
MARK enum -
PRIORITY enum 1
MULTITASK enum N
NOT_VIEWED enum N
REPLICATE enum N
STAGE_ID integer 0
SPRINT_ID integer -
BACKLOG_ID integer -
CREATED_BY integer -
CREATED_DATE datetime -
RESPONSIBLE_ID integer -
CHANGED_BY integer -
CHANGED_DATE datetime -
STATUS_CHANGED_BY integer -
CLOSED_BY integer -
CLOSED_DATE datetime -
ACTIVITY_DATE datetime -
DATE_START datetime -
DEADLINE datetime -
START_DATE_PLAN datetime -
END_DATE_PLAN datetime -
GUID string -
XML_ID string -
COMMENTS_COUNT integer -
SERVICE_COMMENTS_COUNT integer -
ALLOW_CHANGE_DEADLINE enum N
ALLOW_TIME_TRACKING enum N
TASK_CONTROL enum N
ADD_IN_REPORT enum N
FORKED_BY_TEMPLATE_ID integer -
TIME_ESTIMATE integer 0
TIME_SPENT_IN_LOGS integer -
MATCH_WORK_TIME enum N
FORUM_TOPIC_ID integer -
FORUM_ID integer -
SITE_ID string s1
SUBORDINATE enum N
EXCHANGE_MODIFIED datetime -
EXCHANGE_ID integer -
OUTLOOK_VERSION integer 1
VIEWED_DATE datetime -
SORTING double -
DURATION_FACT integer -
IS_MUTED enum N
IS_PINNED enum N
IS_PINNED_IN_GROUP enum N
FLOW_ID integer -
DESCRIPTION_IN_BBCODE enum Y
STATUS enum 2
STATUS_CHANGED_DATE datetime -
DURATION_PLAN integer -
DURATION_TYPE enum days
FAVORITE enum N
GROUP_ID integer 0
AUDITORS array -
ACCOMPLICES array -
CHECKLIST array -
UF_CRM_TASK crm -
UF_TASK_WEBDAV_FILES disk_file -
UF_MAIL_MESSAGE mail_message -
"""
_ROWS = [row.split() for row in _TABLE.split("\n") if row]

BY_SELECTION = ("UF_CRM_TASK", "UF_TASK_WEBDAV_FILES", "UF_MAIL_MESSAGE")
"""Returned only when one of them is selected, and then all three."""
UNSET: dict[str, Any] = {name: None if default == "-" else default for name, _, default in _ROWS}
UNSET |= {"AUDITORS": (), "ACCOMPLICES": (), "CHECKLIST": ()}
STORED = tuple(name for name in UNSET if name not in BY_SELECTION)
"""In the order of an answer."""
KNOWN = {*UNSET, "CHAT_ID", "TAGS"}


def described() -> dict[str, Any]:
    """As tasks.task.getFields answers; the titles on a portal in Russian are unknown, so most are the names."""
    return {name: _described(name, kind) for name, kind, _ in _ROWS if name != "DESCRIPTION_IN_BBCODE"}


def _described(name: str, kind: str) -> dict[str, Any]:
    told: dict[str, Any] = {"title": name, "type": kind}
    if kind == "enum":
        told["values"] = _VALUES.get(name, _YES_NO)
    if name in ("TITLE", "CREATED_BY", "RESPONSIBLE_ID"):
        told["required"] = True
    return told | ({"primary": True} if name == "ID" else {"default": UNSET[name]} if UNSET[name] else {})
