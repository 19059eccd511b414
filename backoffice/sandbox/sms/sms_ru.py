"""SMS.RU: sms/send, sms/cost, sms/status and my/balance with json=1.

Source: the provider's pages sms.ru/api/send, /api/cost and /api/status (shapes, codes and their texts). They leave some
things open, which are guesses here: which of 200 and 301 a wrong key gets; that a number is answered under its digits;
that lack of money and a missing text are told of each number; the shape of my/balance. Without json=1 the provider
answers with lines of text, the sandbox not at all. The limits of equal messages (231, 232) are settings of an account
and not kept here.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from backoffice.sandbox.sms.call import Call, Method, Unknown, e164, is_mobile
from backoffice.sandbox.sms.outbox import PRICE, NoMoney, segments

API_ID = "sandbox-sms-ru-api-id"
AT_ONCE = 100
LONGEST = 8
SHARED = frozenset({"api_id", "json"})
SENDING = SHARED | {"to", "msg", "from", "ip", "time", "ttl", "daytime", "translit", "test", "partner_id"}

TEXTS = {
    -1: "Сообщение не найдено",
    100: "Запрос выполнен или сообщение находится в нашей очереди",
    103: "Сообщение доставлено",
    107: "Не может быть доставлено: неизвестная причина",
    200: "Неправильный api_id",
    201: "Не хватает средств на лицевом счету",
    202: "Неправильно указан номер телефона получателя, либо на него нет маршрута",
    203: "Нет текста сообщения",
    205: "Сообщение слишком длинное (превышает 8 СМС)",
    207: "На этот номер (или один из номеров) нельзя отправлять сообщения, "
    "либо указано более 100 номеров в списке получателей",
    220: "Сервис временно недоступен, попробуйте чуть позже",
    301: "Неправильный api_id, либо логин/пароль",
}
STATUS_CODES = {"queued": 100, "delivered": 103, "undelivered": 107}

Body = dict[str, Any]


class Refused(Exception):
    """Carries the code for the whole request."""


def texts(params: Mapping[str, str]) -> dict[str, str]:
    """Text by phone in E.164: of `to` and `msg`, or of `to[number]` for each number."""
    each = {found[1]: text for name, text in params.items() if (found := re.fullmatch(r"to\[(.*)\]", name))}
    listed = {number: params.get("msg", "") for number in params.get("to", "").split(",") if number.strip()}
    return {e164(number): text for number, text in (each or listed).items()}


def send(call: Call) -> Body:
    """`test=1` answers like the rest, and neither keeps nor costs anything."""
    wanted = texts(call.params)
    if call.outbox.whole_request_without_money and _without_money(call, wanted):
        raise Refused(201)
    sent = {phone[1:]: _sent(call, phone, text) for phone, text in wanted.items()}
    return _ok(sms=sent, balance=float(call.outbox.balance))


def cost(call: Call) -> Body:
    """What sending the same would cost."""
    wanted = texts(call.params)
    codes = {phone: _wrong(call, phone, text) for phone, text in wanted.items()}
    quotes = {phone: _quote(text) for phone, text in wanted.items() if not codes[phone]}
    sms = {phone[1:]: _failed(codes[phone]) if codes[phone] else _ok(**quotes[phone]) for phone in wanted}
    total = {f"total_{name}": sum(quote[name] for quote in quotes.values()) for name in ("cost", "sms")}
    return _ok(sms=sms, **total)


def status(call: Call) -> Body:
    """By the ids that `send` gave."""
    names = [name for name in call.params.get("sms_id", "").split(",") if name]
    return _ok(sms={name: _standing(call, name) for name in names}, balance=float(call.outbox.balance))


def balance(call: Call) -> Body:
    """In roubles."""
    return _ok(balance=float(call.outbox.balance))


def _sent(call: Call, phone: str, text: str) -> Body:
    if code := _wrong(call, phone, text):
        return _failed(code)
    if call.params.get("test") == "1":
        return _ok(sms_id="000000-00000000")
    try:
        taken = call.outbox.take("sms.ru", phone, text, sender=call.params.get("from", ""))
    except NoMoney:
        return _failed(201)
    return _ok(sms_id=taken.provider_id)


def _wrong(call: Call, phone: str, text: str) -> int:
    """The code of what is wrong with a number or its text, 0 if nothing."""
    failures = {
        201: call.meets("sms_no_money", phone),
        202: len(phone) != 12,
        203: not text,
        205: segments(text) > LONGEST,
        207: call.meets("sms_refuse", phone) or not is_mobile(phone) or len(texts(call.params)) > AT_ONCE,
    }
    return next((code for code, failed in failures.items() if failed), 0)


def _without_money(call: Call, wanted: Mapping[str, str]) -> bool:
    total = sum((segments(text) * PRICE for text in wanted.values()), Decimal())
    return total > call.outbox.balance or any(call.meets("sms_no_money", phone) for phone in wanted)


def _quote(text: str) -> Body:
    return {"cost": float(segments(text) * PRICE), "sms": segments(text)}


def _standing(call: Call, name: str) -> Body:
    sms = call.outbox.find("sms.ru", name)
    if sms is None:
        return _failed(-1)
    code = STATUS_CODES[sms.status]
    return {"status": "OK", "status_code": code, "cost": float(sms.cost), "status_text": TEXTS[code]}


def _ok(**body: Any) -> Body:
    return {"status": "OK", "status_code": 100, **body}


def _failed(code: int) -> Body:
    return {"status": "ERROR", "status_code": code, "status_text": TEXTS[code]}


def _method(path: str, answer: Any, names: frozenset[str] = SHARED, *, sends: bool = False) -> Method:
    def admitted(call: Call) -> Body:
        call.know(names)
        if call.params.get("json") != "1":
            raise Unknown("the sandbox's SMS.RU answers only with json=1")
        if (key := call.params.get("api_id")) != API_ID:
            return _failed(200 if key else 301)
        if call.trouble == "sms_later":
            return _failed(220)
        try:
            return dict(answer(call))
        except Refused as refused:
            return _failed(int(refused.args[0]))

    return Method("sms.ru", path, admitted, texts if sends else None)


METHODS = (
    _method("sms/send", send, SENDING, sends=True),
    _method("sms/cost", cost, SHARED | {"to", "msg", "from", "translit"}),
    _method("sms/status", status, SHARED | {"sms_id"}),
    _method("my/balance", balance),
)
