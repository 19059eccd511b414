"""Methods only applications may call; a webhook is refused.

Official sources: events/event-bind.md, event-get.md, event-unbind.md, common/system/app-info.md; the codes of the
refusals were seen by b24pysdk on a live portal.
"""

from typing import Any

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.registry import method


@method("app.info", "read", app_only="ACCESS_DENIED")
def app_info(call: Call) -> dict[str, Any]:
    application = call.application
    if application is None:
        raise Refusal("ACCESS_DENIED", "Access denied! Application context required", 403)
    return {
        "ID": 1,
        "CODE": application.client_id,
        "VERSION": 1,
        "STATUS": application.status,
        "INSTALLED": application.installed,
        "PAYMENT_EXPIRED": "N",
        "DAYS": None,
        "LANGUAGE_ID": "ru",
        "LICENSE": "ru_std",
        "LICENSE_TYPE": "std",
        "LICENSE_FAMILY": "std",
    }


@method("event.bind", "add", "event handler auth_type event_type auth_connector options", app_only="WRONG_AUTH_TYPE")
def event_bind(call: Call) -> bool:
    """The events of an outgoing webhook, told in the same way; offline events are not played."""
    if str(call.params.get("event_type", "online")) != "online":
        raise Refusal("SANDBOX_STRICT", "event.bind: the sandbox has no offline events")
    call.portal.hooks.configure(str(call.required("handler")), frozenset({str(call.required("event"))}))
    return True


@method("event.get", "read", app_only="WRONG_AUTH_TYPE")
def event_get(call: Call) -> list[dict[str, str]]:
    bound = [(event, hook.url) for hook in call.portal.hooks.configured for event in sorted(hook.events)]
    return [{"event": event, "handler": url, "auth_type": "0", "offline": "0"} for event, url in bound]


@method("event.unbind", "delete", "event handler auth_type event_type", app_only="WRONG_AUTH_TYPE")
def event_unbind(call: Call) -> dict[str, int]:
    """How many were unbound."""
    unwanted = str(call.required("handler")), frozenset({str(call.required("event")).upper()})
    hooks = call.portal.hooks.configured
    found = [hook for hook in hooks if (hook.url, hook.events) == unwanted]
    hooks[:] = [hook for hook in hooks if hook not in found]
    return {"count": len(found)}


@method("event.offline.get", "read", "filter order limit clear process_id", app_only="WRONG_AUTH_TYPE")
@method("placement.bind", "add", "PLACEMENT HANDLER TITLE", app_only="WRONG_AUTH_TYPE")
@method("app.option.get", "read", "option", app_only="ACCESS_DENIED")
@method("bizproc.robot.add", "add", "CODE HANDLER NAME", app_only="ACCESS_DENIED")
def not_played(call: Call) -> None:
    """Refused to a webhook as a real portal does; the sandbox does not play them for an application."""
    raise Refusal("SANDBOX_STRICT", f"{call.method}: the sandbox knows of it only that webhooks may not call it")
