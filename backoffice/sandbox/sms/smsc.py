"""SMSC: sys/send.php, sys/status.php and sys/balance.php with fmt=3.

Source: the provider's pages smsc.ru/api/http (parameters, shapes, codes 1-9, statuses), answers captured by users of it
(`{"id": 14, "cnt": 1, "cost": "4.1", "balance": "83.6"}`). Guesses here: the words of the errors; that one wrong number
refuses a whole list; that a message asked for alone and not found is error 3, among others status -3. The provider
refuses an equal request within a minute (error 9); the sandbox does not, so that whoever sends twice is seen. Without
charset=utf-8 a text is read as windows-1251, as there.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from backoffice.sandbox.bitrix24.config import PORTAL_ZONE
from backoffice.sandbox.sms.call import Call, Method, Unknown, e164, is_mobile
from backoffice.sandbox.sms.outbox import PRICE, NoMoney, Sms, segments

LOGIN = "sandbox"
PASSWORD = "sandbox-smsc-password"  # noqa: S105 -- opens nothing but the sandbox
API_KEY = "sandbox-smsc-api-key"
LONGEST = 1000
SHARED = frozenset({"login", "psw", "apikey", "fmt", "charset"})
SENDING = SHARED | {"phones", "mes", "sender", "id", "cost", "time", "tz", "translit", "tinyurl", "valid", "maxsms"}

ERRORS = {
    1: "parameters error",
    2: "authorise error",
    3: "no money",
    6: "message is denied",
    7: "invalid number",
    8: "message can not be delivered",
    9: "too many requests",
}
NOT_FOUND = -3
STATUSES = {"queued": 0, "delivered": 1, "undelivered": 20}

Body = dict[str, Any]


class Refused(Exception):
    """Carries the error's code."""


def phones(params: Mapping[str, str]) -> list[str]:
    """In E.164; separated by commas or semicolons."""
    return [e164(one) for one in params.get("phones", "").replace(";", ",").split(",") if one.strip()]


def send(call: Call) -> Body:
    """`cost` 1 only quotes, 2 and 3 send and tell the price, 3 the balance too."""
    wanted, text = phones(call.params), _text(call)
    _check(call, wanted, text)
    parts, manner = len(wanted) * segments(text), call.params.get("cost", "0")
    price = {"cost": str(parts * PRICE)}
    if manner == "1":
        return price | {"cnt": parts}
    sent = _taken(call, wanted, text)
    told = price if manner in ("2", "3") else {}
    rest = {"balance": str(call.outbox.balance)} if manner == "3" else {}
    return {"id": _number(sent[0].provider_id), "cnt": parts, **told, **rest}


def status(call: Call) -> Body | list[Body]:
    """By phone and id, which may be lists of equal length; a comma at their ends makes a list of one."""
    ids, numbers = (call.params.get(name, "").split(",") for name in ("id", "phone"))
    found = [call.outbox.find("smsc", name, e164(phone)) for name, phone in zip(ids, numbers, strict=False) if name]
    if len(ids) > 1:
        return [_standing(sms) if sms else {"status": NOT_FOUND} for sms in found]
    if not found or found[0] is None:
        return {"error": "message not found", "error_code": 3}
    return _standing(found[0])


def balance(call: Call) -> Body:
    """In roubles, as text."""
    return {"balance": str(call.outbox.balance)}


def _text(call: Call) -> str:
    text = call.params.get("mes", "")
    return text if call.params.get("charset") == "utf-8" else text.encode().decode("cp1251", errors="replace")


def _check(call: Call, wanted: list[str], text: str) -> None:
    """Refused for the first thing that is wrong."""
    failures = {
        1: not wanted or not text or len(text) > LONGEST,
        7: not all(map(is_mobile, wanted)),
        8: any(call.meets("sms_refuse", phone) for phone in wanted),
        3: any(call.meets("sms_no_money", phone) for phone in wanted) or _too_dear(call, wanted, text),
    }
    if code := next((code for code, failed in failures.items() if failed), 0):
        raise Refused(code)


def _too_dear(call: Call, wanted: list[str], text: str) -> bool:
    price = len(wanted) * segments(text) * PRICE
    return call.params.get("cost") != "1" and Decimal(price) > call.outbox.balance


def _taken(call: Call, wanted: list[str], text: str) -> list[Sms]:
    name, sender = call.params.get("id", ""), call.params.get("sender", "")
    try:
        return [call.outbox.take("smsc", phone, text, sender=sender, client_id=name) for phone in wanted]
    except NoMoney:
        raise Refused(3) from None


def _number(name: str) -> int | str:
    return int(name) if name.isdecimal() else name


def _standing(sms: Sms) -> Body:
    changed = sms.changed_at
    body: Body = {
        "status": STATUSES[sms.status],
        "last_date": changed.astimezone(PORTAL_ZONE).strftime("%d.%m.%Y %H:%M:%S"),
        "last_timestamp": int(changed.timestamp()),
    }
    return body | ({"err": 1} if sms.status == "undelivered" else {})


def _method(path: str, answer: Any, names: frozenset[str] = SHARED, *, sends: bool = False) -> Method:
    def admitted(call: Call) -> Any:
        call.know(names)
        if call.params.get("fmt") != "3":
            raise Unknown("the sandbox's SMSC answers only with fmt=3")
        try:
            _admit(call)
            return answer(call)
        except Refused as refused:
            return {"error": ERRORS[int(refused.args[0])], "error_code": int(refused.args[0])}

    return Method("smsc", path, admitted, phones if sends else None)


def _admit(call: Call) -> None:
    key, login, password = (call.params.get(name) for name in ("apikey", "login", "psw"))
    if key != API_KEY and (login, password) != (LOGIN, PASSWORD):
        raise Refused(2)
    if call.trouble == "sms_later":
        raise Refused(9)


METHODS = (
    _method("sys/send.php", send, SENDING, sends=True),
    _method("sys/status.php", status, SHARED | {"phone", "id", "all"}),
    _method("sys/balance.php", balance, SHARED | {"cur"}),
)
