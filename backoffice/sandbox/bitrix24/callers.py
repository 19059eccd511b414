"""On whose behalf a request runs.

Official sources: settings/how-to-call-rest-api/authorization.md, general-principles.md (webhook in the path, a token in
the parameter `auth` of query, form or JSON; no header is documented).
"""

from backoffice.sandbox.bitrix24.call import Caller
from backoffice.sandbox.bitrix24.config import WEBHOOK_SECRET, WEBHOOK_USER
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.bitrix24.exchange import Asked
from backoffice.sandbox.bitrix24.portal import Portal


def identify(portal: Portal, asked: Asked) -> Caller:
    """Who asks; raises `Refusal` for nobody."""
    if "secret" in asked.address:
        return _owner(portal, asked.address)
    if "auth" not in asked.params:
        raise Refusal("NO_AUTH_FOUND", "Wrong authorization data", 401)
    with portal.lock:
        ticket = portal.applications.admit(str(asked.params["auth"]))
        if not portal.users[ticket.user_id].active:
            raise Refusal("authorization_error", "Unable to authorize user", 401)
    return Caller(ticket.user_id, ticket.application)


def _owner(portal: Portal, address: dict[str, str]) -> Caller:
    if (address["user"], address["secret"]) != (str(WEBHOOK_USER), WEBHOOK_SECRET):
        raise Refusal("INVALID_CREDENTIALS", "Invalid request credentials", portal.config.wrong_secret_status)
    return Caller(WEBHOOK_USER)
