"""What any webhook and any application may ask. Official sources: common/system/*, common/users/profile.md."""

from typing import Any

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.moments import in_portal_zone
from backoffice.sandbox.bitrix24.registry import METHODS, method


@method("profile", "read")
def profile(call: Call) -> dict[str, Any]:
    user = call.portal.users[call.user_id]
    name = {"ID": str(user.id), "ADMIN": user.admin, "NAME": user.name, "LAST_NAME": user.last_name}
    return {**name, "PERSONAL_GENDER": "", "TIME_ZONE": user.zone}


@method("server.time", "read")
def server_time(call: Call) -> str:
    return in_portal_zone(call.portal.clock.now())


@method("scope", "read", "full")
def scope(call: Call) -> list[str]:
    """`full` would add every scope there is; the sandbox knows only its own."""
    return sorted(call.scopes)


@method("method.get", "read", "name")
def method_get(call: Call) -> dict[str, bool]:
    """Method names only in lower case, as documented."""
    found = METHODS.get(str(call.required("name")))
    available = (
        found is not None and found.scope in ("", *call.scopes) and (not found.app_only or bool(call.application))
    )
    return {"isExisting": found is not None, "isAvailable": available}


@method("methods", "read")
def methods(_: Call) -> list[str]:
    return sorted(METHODS)


@method("feature.get", "read", "CODE")
def feature_get(call: Call) -> dict[str, str]:
    call.required("CODE")
    return {"value": "Y"}
