"""Methods only applications may call; a webhook is refused.

Official sources: events/event-bind.md, common/system/app-info.md; the codes were seen by b24pysdk on a live portal.
"""

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.registry import method


@method("event.bind", "add", "event handler auth_type event_type auth_connector options", app_only="WRONG_AUTH_TYPE")
@method("event.unbind", "delete", "event handler auth_type event_type", app_only="WRONG_AUTH_TYPE")
@method("event.get", "read", app_only="WRONG_AUTH_TYPE")
@method("event.offline.get", "read", "filter order limit clear process_id", app_only="WRONG_AUTH_TYPE")
@method("placement.bind", "add", "PLACEMENT HANDLER TITLE", app_only="WRONG_AUTH_TYPE")
@method("app.info", "read", app_only="ACCESS_DENIED")
@method("app.option.get", "read", "option", app_only="ACCESS_DENIED")
@method("bizproc.robot.add", "add", "CODE HANDLER NAME", app_only="ACCESS_DENIED")
def refused(_: Call) -> None:
    """Never reached by a webhook, and the sandbox has no applications."""
