"""SMSC (smsc.ru/api/http: send.php, status.php with fmt=3): messages carry an id of ours, by which they are asked for.

Nothing of the live service was tried when this was written. The id is a text of up to 40 Latin letters and digits; the
service does not keep it unique, it serves looking up only.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from backoffice.rules.sending import Sms, State
from backoffice.sms.errors import SmsDoubtful, SmsError, SmsLater, SmsMisconfigured, SmsRefused
from backoffice.sms.gateway import Fate, Price
from backoffice.sms.wire import Wire, number

ADDRESS = "https://smsc.ru"
ABSENT = -3
NOT_FOUND = 3
"""Of a status asked for alone; at sending the same code means money."""
ON_THE_WAY = frozenset({-1, 0})
DELIVERED = frozenset({1, 2, 4})
BAD_LOGIN = 2
LATER = {
    3: "на счёте не хватает денег",
    4: "адрес этого сервера временно заблокирован",
    9: "слишком много одинаковых или одновременных запросов",
}
REFUSED = {
    1: "ошибка в параметрах",
    5: "неверная дата",
    6: "сообщение запрещено по тексту или имени отправителя",
    7: "неверный номер",
    8: "на этот номер доставить нельзя",
}
UNDELIVERED = {
    -2: "остановлено",
    3: "не доставлено вовремя",
    20: "доставить невозможно",
    22: "неверный номер",
    23: "запрещено",
    24: "на счёте не хватило денег",
    25: "номер недоступен",
}


class Smsc:
    """An account at SMSC."""

    name = "smsc"
    knows_our_ids = True

    def __init__(self, wire: Wire, login: str, password: str, sender: str = "") -> None:
        self._wire = wire
        self._form = {"login": login, "psw": password, "fmt": "3", "charset": "utf-8"}
        self._sender = {"sender": sender} if sender else {}

    def send(self, sms: Sms, our_id: str) -> str:
        """The id under which the gateway has taken the message: ours."""
        answer = self._wire.send("sys/send.php", {**self._form, **self._message(sms), "id": our_id})
        _check(answer)
        if "id" not in answer:
            raise SmsDoubtful("smsc: в ответе нет номера сообщения")
        return our_id

    def status(self, sms_id: str, phone: str) -> Fate | None:
        """What has become of the message with our id to this number."""
        answer = self._wire.ask("sys/status.php", {**self._form, "id": sms_id, "phone": phone.removeprefix("+")})
        if number(answer.get("error_code")) == NOT_FOUND:
            return None
        _check(answer)
        if "status" not in answer:
            raise SmsLater("smsc: непонятный ответ о состоянии")
        code = number(answer["status"])
        if code == ABSENT:
            return None
        if code in ON_THE_WAY:
            return Fate(State.ACCEPTED)
        return Fate(State.DELIVERED) if code in DELIVERED else Fate(State.FAILED, _undelivered(code))

    def cost(self, sms: Sms) -> Price:
        """The price, by this account's tariff."""
        answer = self._wire.ask("sys/send.php", {**self._form, **self._message(sms), "cost": "1"})
        _check(answer)
        try:
            return Price(Decimal(str(answer["cost"])), number(answer.get("cnt"), 1))
        except (KeyError, InvalidOperation):
            raise SmsLater("smsc: в ответе нет цены") from None

    def _message(self, sms: Sms) -> dict[str, str]:
        return {"phones": sms.phone.removeprefix("+"), "mes": sms.text, **self._sender}


def _check(answer: Mapping[str, Any]) -> None:
    if "error_code" in answer or "error" in answer:
        raise _error(number(answer.get("error_code")))


def _error(code: int) -> SmsError:
    if code == BAD_LOGIN:
        return SmsMisconfigured("smsc: неверный логин или пароль: проверьте SMSC_LOGIN и SMSC_PASSWORD")
    if code in LATER:
        return SmsLater(f"smsc: {LATER[code]}")
    return SmsRefused(f"smsc: {REFUSED.get(code, f'отказ, код {code}')}")


def _undelivered(code: int) -> str:
    return UNDELIVERED.get(code, f"не доставлено, код {code}")
