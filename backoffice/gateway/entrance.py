"""Who may open the page: a person whom our own portal knows by the token that came with the frame."""

import logging
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool

from backoffice.bitrix24.errors import AccessDenied, PortalError
from backoffice.bitrix24.visitor import Visitor, read_visitor
from backoffice.gateway.allowance import Allowance
from backoffice.gateway.frame import Turned

TOKEN = re.compile(r"[A-Za-z0-9._-]{10,512}")

logger = logging.getLogger(__name__)


class Entrance:
    """`origin` is the portal of our settings, the only host that is ever asked; `application` our client id there."""

    def __init__(self, origin: str, application: str | None) -> None:
        self._origin = origin
        self._application = application
        self._openings = Allowance(30, 1)

    async def admit(self, domains: Sequence[str], form: Mapping[str, Sequence[str]]) -> Visitor:
        """The person behind the frame's AUTH_ID; Turned with the reason. The token is kept nowhere."""
        self._demand_our_portal([*domains, *form.get("DOMAIN", [])])
        token = form.get("AUTH_ID", [""])[0]
        if not TOKEN.fullmatch(token):
            raise Turned(403, "Портал не назвал того, кто открыл страницу. Откройте её из меню приложений.")
        if not self._openings.take():
            raise Turned(429, "Страницу открывают слишком часто. Подождите минуту и обновите её.")
        try:
            return await run_in_threadpool(read_visitor, self._origin, token, self._application)
        except AccessDenied:
            reason = "Портал не подтвердил вход. Обновите страницу портала и откройте приложение снова."
            raise Turned(403, reason) from None
        except PortalError as outage:
            logger.warning("nobody could be let in: %s", type(outage).__name__)
            raise Turned(503, "Портал не сказал, кто открыл страницу. Повторите через минуту.") from None

    def _demand_our_portal(self, domains: Sequence[str]) -> None:
        """Nobody is asked about a token of another portal, whatever it calls itself."""
        ours = urlsplit(self._origin)
        if any(domain.strip().lower() not in {ours.netloc.lower(), ours.hostname} for domain in domains):
            raise Turned(403, "Страница работает только в том портале, который указан в настройках.")
