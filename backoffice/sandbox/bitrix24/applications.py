"""Applications installed in the portal, and the tokens they were given.

Official sources: settings/oauth/index.md (code and tokens), auto-renewal.md (refresh), simple-way.md (opening the
application in the portal), error-codes.md. Texts and statuses of the errors were seen by b24pysdk on live portals.
"""

import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from backoffice.sandbox.bitrix24.config import APPLICATION_ID, APPLICATION_SECRET, PortalConfig
from backoffice.sandbox.bitrix24.errors import Refusal
from backoffice.sandbox.clock import Clock

CODE_LIFE = timedelta(seconds=30)
ACCESS_LIFE = timedelta(hours=1)
REFRESH_LIFE = timedelta(days=180)

WRONG_CLIENT = ("WRONG_CLIENT", "", 200)
INVALID_CLIENT = ("invalid_client", "", 400)
INVALID_GRANT = ("invalid_grant", "", 400)
NOT_INSTALLED = ("NOT_INSTALLED", "Application not installed", 401)
PAYMENT_REQUIRED = ("PAYMENT_REQUIRED", "Payment required", 401)  # of the status the documents say nothing
EXPIRED = ("expired_token", "The access token provided has expired.", 401)
UNKNOWN = ("invalid_token", "Unable to get application by token", 401)
GONE = ("APPLICATION_NOT_FOUND", "Application not found", 401)


@dataclass
class Application:
    """A local application as its card in the portal has it; `paid` turns false when a subscription ends."""

    client_id: str
    client_secret: str
    scopes: tuple[str, ...]
    status: str = "L"
    installed: bool = True
    paid: bool = True


@dataclass(frozen=True)
class Ticket:
    """What a code or a token stands for."""

    application: Application
    user_id: int
    ends_at: datetime


@dataclass(frozen=True)
class Pair:
    """Tokens for one person's work with the application."""

    access_token: str
    refresh_token: str
    access: Ticket


class Applications:
    """`counts` has the exchanges, the refreshes and the refusals of the authorization server."""

    def __init__(self, clock: Clock, config: PortalConfig) -> None:
        self._clock, self._config = clock, config
        self._codes: dict[str, Ticket] = {}
        self._access: dict[str, Ticket] = {}
        self._refresh: dict[str, tuple[Ticket, str]] = {}  # with the access token of the same pair
        self.known: dict[str, Application] = {}
        self.counts: Counter[str] = Counter()

    def install(
        self,
        client_id: str = APPLICATION_ID,
        client_secret: str = APPLICATION_SECRET,
        scopes: tuple[str, ...] | None = None,
    ) -> Application:
        """Add the application to the portal, or install it anew; its scopes are the portal's unless named."""
        application = Application(client_id, client_secret, self._config.scopes if scopes is None else scopes)
        self.known[client_id] = application
        return application

    def authorize(self, application: Application, user_id: int) -> str:
        """The code that the person's browser brings to the application."""
        code = secrets.token_hex(16)
        self._codes[code] = Ticket(application, user_id, self._clock.now() + CODE_LIFE)
        return code

    def open(self, application: Application, user_id: int) -> Pair:
        """What the portal posts to the application's page when the person opens it (AUTH_ID, REFRESH_ID)."""
        now = self._clock.now()
        pair = Pair(secrets.token_hex(35), secrets.token_hex(35), Ticket(application, user_id, now + ACCESS_LIFE))
        self._access[pair.access_token] = pair.access
        self._refresh[pair.refresh_token] = (Ticket(application, user_id, now + REFRESH_LIFE), pair.access_token)
        return pair

    def exchange(self, application: Application, code: str) -> Pair:
        """Tokens for a code, which serves once."""
        return self.open(application, self._fresh(self._codes.pop(code, None), application).user_id)

    def refresh(self, application: Application, refresh_token: str) -> Pair:
        """A new pair. Whether the old one lives on is not documented: two switches of the configuration decide."""
        ticket, access_token = self._refresh.get(refresh_token, (None, ""))
        pair = self.open(application, self._fresh(ticket, application).user_id)
        if self._config.refresh_token_serves_once:
            del self._refresh[refresh_token]
        if self._config.refresh_ends_access_token:
            self._access.pop(access_token, None)
        return pair

    def admit(self, access_token: str) -> Ticket:
        """Whose token it is, on a call of the portal."""
        ticket = self._access.get(access_token)
        if ticket is None:
            raise Refusal(*UNKNOWN)
        if ticket.ends_at <= self._clock.now():
            raise Refusal(*EXPIRED)
        if self.known.get(ticket.application.client_id) is not ticket.application or not ticket.application.installed:
            raise Refusal(*GONE)
        if not ticket.application.paid:
            raise Refusal(*PAYMENT_REQUIRED)
        return ticket

    def client(self, client_id: str, client_secret: str) -> Application:
        """Which application asks the authorization server."""
        application = self.known.get(client_id)
        if application is None:
            raise Refusal(*WRONG_CLIENT)
        if application.client_secret != client_secret:
            raise Refusal(*INVALID_CLIENT)
        if not application.installed:
            raise Refusal(*NOT_INSTALLED)
        if not application.paid:
            raise Refusal(*PAYMENT_REQUIRED)
        return application

    def _fresh(self, ticket: Ticket | None, application: Application) -> Ticket:
        if ticket is None or ticket.application is not application or ticket.ends_at <= self._clock.now():
            raise Refusal(*INVALID_GRANT)
        return ticket
