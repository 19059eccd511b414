"""What an administrator has to do about refusals that no repair of a request removes.

Sources: settings/oauth/error-codes.md, auto-renewal.md; the codes that live portals gave are in b24pysdk's errors.
"""

_LET_IN = "впустите приложение в портал ещё раз от имени администратора: python -m deployments.let_in"
_INSTALL = "приложение удалено из портала: создайте или установите его снова и впустите: python -m deployments.let_in"
_SCOPES = "отметьте недостающие права в карточке вебхука или приложения на портале"
_CATALOGUE = "у вебхука нет права на каталог: дайте его владельцу права на торговый каталог в правах доступа CRM"

ADVICE = {
    "200040300010": _CATALOGUE,
    "200040300030": _CATALOGUE,
    "200040300040": _CATALOGUE,
    "application_not_found": _INSTALL,
    "bitrix_rest_v3_exception_insufficientscopeexception": _SCOPES,
    "authorization_error": f"сотрудник, впустивший приложение, уволен; {_LET_IN}",
    "error_oauth": _INSTALL,
    "insufficient_scope": _SCOPES,
    "invalid_credentials": "проверьте BITRIX24_WEBHOOK_URL: в адресе опечатка, или вебхук на портале удалён",
    "invalid_client": "проверьте BITRIX24_CLIENT_SECRET и то, что приложение не удалено из портала",
    "invalid_grant": f"код старше 30 секунд, или токен обновления уже использован либо старше 180 дней; {_LET_IN}",
    "invalid_scope": _SCOPES,
    "invalid_token": _LET_IN,
    "not_installed": _INSTALL,
    "payment_required": "оплатите тариф портала или приложение",
    "wrong_client": "проверьте BITRIX24_CLIENT_ID и BITRIX24_OAUTH_HOST (приложение может знать другой сервер)",
}
"""By the code in lower case."""
