"""SMS.RU (sms.ru/api/send, /api/status, /api/cost): one message a request, answers in JSON.

Nothing of the live service was tried when this was written. It knows no id of ours: what became of a request without
an answer only its web pages tell.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from backoffice.rules.sending import Sms, State
from backoffice.sms.errors import SmsDoubtful, SmsError, SmsLater, SmsMisconfigured, SmsRefused
from backoffice.sms.gateway import Fate, Price
from backoffice.sms.wire import Wire, number

ADDRESS = "https://sms.ru"
OK = 100
BROKEN = 500
ABSENT = -1
ON_THE_WAY = frozenset({100, 101, 102})
DELIVERED = frozenset({103, 110})
MISCONFIGURED = {
    200: "неверный api_id: проверьте SMS_RU_API_ID",
    204: "имя отправителя не согласовано: проверьте messages.sms_sender",
    210: "шлюз не принимает POST",
    211: "у шлюза нет такого метода: проверьте SMS_API_URL",
    300: "неверный токен",
    301: "неверный пароль",
    302: "учётная запись не подтверждена",
}
LATER = {
    201: "на счёте не хватает денег",
    206: "исчерпан дневной лимит",
    220: "сервис временно недоступен",
    230: "на этот номер сегодня больше нельзя",
    231: "такое же сообщение на этот номер уже было минуту назад",
    232: "такое же сообщение на этот номер сегодня уже было",
}
REFUSED = {
    202: "неверный номер",
    203: "пустой текст",
    205: "слишком длинный текст",
    207: "на этот номер отправлять нельзя",
    209: "номер в стоп-листе",
}
UNDELIVERED = {
    104: "не доставлено вовремя",
    105: "удалено оператором",
    106: "сбой в телефоне",
    107: "не доставлено, причина неизвестна",
    108: "отклонено",
    150: "номер в чёрном списке",
}


class SmsRu:
    """An account at SMS.RU."""

    name = "sms.ru"
    knows_our_ids = False

    def __init__(self, wire: Wire, api_id: str, sender: str = "") -> None:
        self._wire = wire
        self._form = {"api_id": api_id, "json": "1"}
        self._sender = {"from": sender} if sender else {}

    def send(self, sms: Sms, our_id: str) -> str:  # noqa: ARG002 - SMS.RU takes no id of ours
        """The gateway's id of the message."""
        sent = _only(self._wire.send("sms/send", self._form | self._message(sms)))
        if not sent.get("sms_id"):
            raise SmsDoubtful(f"{self.name}: в ответе нет номера сообщения")
        return str(sent["sms_id"])

    def status(self, sms_id: str, phone: str) -> Fate | None:  # noqa: ARG002 - the id is enough here
        """What has become of the message with the gateway's id."""
        answer = self._wire.ask("sms/status", {**self._form, "sms_id": sms_id})
        _check(answer)
        code = number(_first(answer).get("status_code"))
        if code == ABSENT:
            return None
        if code in ON_THE_WAY:
            return Fate(State.ACCEPTED)
        return Fate(State.DELIVERED) if code in DELIVERED else Fate(State.FAILED, _undelivered(code))

    def cost(self, sms: Sms) -> Price:
        """The price, by this account's tariff."""
        priced = _only(self._wire.ask("sms/cost", self._form | self._message(sms)))
        try:
            return Price(Decimal(str(priced["cost"])), number(priced.get("sms"), 1))
        except (KeyError, InvalidOperation):
            raise SmsLater(f"{self.name}: в ответе нет цены") from None

    def _message(self, sms: Sms) -> dict[str, str]:
        return {"to": sms.phone.removeprefix("+"), "msg": sms.text, **self._sender}


def _only(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the answer says of its one message, if neither the request nor the message was refused."""
    _check(answer)
    message = _first(answer)
    _check(message)
    return message


def _first(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    messages = answer.get("sms")
    found = list(messages.values()) if isinstance(messages, Mapping) else []
    if not found or not isinstance(found[0], Mapping):
        raise SmsDoubtful("sms.ru: непонятный ответ")
    return found[0]


def _check(answer: Mapping[str, Any]) -> None:
    code = number(answer.get("status_code"))
    if code != OK:
        raise _error(code)


def _error(code: int) -> SmsError:
    if code in MISCONFIGURED:
        return SmsMisconfigured(f"sms.ru: {MISCONFIGURED[code]}")
    if code in LATER:
        return SmsLater(f"sms.ru: {LATER[code]}")
    if code in (0, BROKEN):
        return SmsDoubtful("sms.ru: сбой шлюза")
    return SmsRefused(f"sms.ru: {REFUSED.get(code, f'отказ, код {code}')}")


def _undelivered(code: int) -> str:
    return UNDELIVERED.get(code, f"не доставлено, код {code}")
