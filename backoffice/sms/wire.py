"""Requests to a gateway: a form in, JSON out, over TLS; the key travels in the body, where no log shows it."""

from collections.abc import Mapping
from typing import Any

import httpx

from backoffice.rules.addresses import is_private
from backoffice.sms.errors import SmsDoubtful, SmsLater, SmsMisconfigured

TIMEOUT = httpx.Timeout(30.0, connect=5.0)
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Wire:
    """One gateway's address; safe to use from many threads. SmsMisconfigured for one in clear text."""

    def __init__(self, name: str, base_url: str) -> None:
        if not is_private(base_url):
            raise SmsMisconfigured(f"{name}: адрес шлюза должен начинаться с https://")
        self._name = name
        self._base_url = base_url

    def ask(self, path: str, form: Mapping[str, str]) -> dict[str, Any]:
        """The answer to a question; whatever goes wrong, nothing was sent: SmsLater."""
        try:
            return self.send(path, form)
        except SmsDoubtful as error:
            raise SmsLater(str(error)) from None

    def send(self, path: str, form: Mapping[str, str]) -> dict[str, Any]:
        """The answer to a request that sends; without one that can be read, SmsDoubtful."""
        try:
            with httpx.Client(base_url=self._base_url, timeout=TIMEOUT, follow_redirects=False) as http:
                response = http.post(path, data=dict(form))
        except UNSENT:
            raise SmsLater(f"{self._name}: нет связи") from None
        except httpx.RequestError as error:
            raise SmsDoubtful(f"{self._name}: нет ответа ({type(error).__name__})") from None
        if 300 <= response.status_code < 500:
            raise SmsMisconfigured(f"{self._name}: ответ HTTP {response.status_code}, верен ли адрес шлюза?")
        return self._read(response)

    def _read(self, response: httpx.Response) -> dict[str, Any]:
        try:
            body = response.json() if response.is_success else None
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise SmsDoubtful(f"{self._name}: непонятный ответ, HTTP {response.status_code}")
        return body


def number(value: Any, default: int = 0) -> int:
    """A whole number of an answer, which may arrive as text; the default where there is none."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return default
