"""What an administrator has to do about refusals that no repair of a request removes.

Sources: settings/oauth/error-codes.md, auto-renewal.md; the codes that live portals gave are in b24pysdk's errors.
"""

_OPEN_AGAIN = "open the application in the portal once more as an administrator, which hands it new tokens"
_INSTALL = "install the application in the portal again"
_SCOPES = "add the missing permissions on the card of the application (or of the webhook) in the portal"

ADVICE = {
    "application_not_found": _INSTALL,
    "authorization_error": "the employee who let the application in was dismissed: " + _OPEN_AGAIN,
    "error_oauth": _INSTALL,
    "insufficient_scope": _SCOPES,
    "invalid_client": "check BITRIX24_CLIENT_SECRET, and that the application is still installed in the portal",
    "invalid_grant": "the code is older than 30 s, or the refresh token has served or is older than 180 days: "
    + _OPEN_AGAIN,
    "invalid_scope": _SCOPES,
    "invalid_token": _OPEN_AGAIN,
    "not_installed": _INSTALL,
    "payment_required": "pay for the portal's plan or for the application",
    "wrong_client": "check BITRIX24_CLIENT_ID, and BITRIX24_OAUTH_HOST: the application may be known to another server",
}
"""By the code in lower case."""
