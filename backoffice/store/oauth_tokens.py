"""The tokens of the application installed in our portal: sealed, refreshed by one at a time.

The refresh token serves once. Whoever refreshes therefore holds the turn from before the authorization server is asked
until its answer is committed; those who waited find fresh tokens and ask nobody. What is left of the danger is in
docs/decisions/0007-a-refresh-cut-off.md.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Engine, delete
from sqlalchemy.exc import OperationalError
from sqlmodel import Field, Session, SQLModel, select

from backoffice.rules.oauth_grant import Grant
from backoffice.store.engine import reading, writing
from backoffice.store.moments import Moment
from backoffice.store.sealing import Seal
from backoffice.store.statements import insert_into

TURN = "oauth tokens"
_QUEUE = threading.Lock()
"""Threads queue here, so that one of them, not all, holds a connection while the authorization server works."""


class OAuthTokens(SQLModel, table=True):
    """`domain` is the portal's host when the application was first installed, and stays when the portal is renamed:
    it is the name under which this store keeps what belongs to the portal.
    """

    __tablename__ = "oauth_tokens"

    member_id: str = Field(primary_key=True)
    domain: str
    client_endpoint: str
    server_endpoint: str
    scope: str
    expires_at: datetime = Field(sa_type=Moment)
    access_token: str = Field(repr=False)
    refresh_token: str = Field(repr=False)


@dataclass(frozen=True)
class InstalledPortal:
    """A portal with our application in it: the store's name for it, and where it and its authorization server are."""

    member_id: str
    domain: str
    client_endpoint: str
    server_endpoint: str


class ForeignPortal(Exception):
    """Tokens of a portal other than the one that this store is about."""


class NotInstalled(Exception):
    """The application was uninstalled here while somebody still worked with it."""


Refresh = Callable[[str], Grant]
"""Asks the authorization server for new tokens, by the refresh token."""


def install(engine: Engine, seal: Seal, grant: Grant) -> None:
    """Keep the tokens of the portal, over those it had; the portal keeps the name it first had.

    ForeignPortal for any other portal than the one that is installed.
    """
    row = {"member_id": grant.member_id, "domain": grant.domain, **_sealed(seal, grant)}
    with writing(engine, turn=TURN) as session:
        _refuse_others(session, grant)
        added = insert_into(session, OAuthTokens).values(row)
        kept = {name: value for name, value in row.items() if name not in ("member_id", "domain")}
        session.exec(added.on_conflict_do_update(index_elements=["member_id"], set_=kept))


def uninstall(engine: Engine) -> None:
    """Forget the portal's tokens."""
    with writing(engine, turn=TURN) as session:
        session.exec(delete(OAuthTokens))


def installed(engine: Engine) -> InstalledPortal | None:
    """The portal with our application, if any; no tokens."""
    with reading(engine) as session:
        row = session.exec(select(OAuthTokens)).one_or_none()
    if row is None:
        return None
    return InstalledPortal(row.member_id, row.domain, row.client_endpoint, row.server_endpoint)


class StoredTokens:
    """The tokens of one portal for every thread and process that shares the store."""

    def __init__(self, engine: Engine, seal: Seal, member_id: str, refresh: Refresh) -> None:
        self._engine = engine
        self._seal = seal
        self._member_id = member_id
        self._refresh = refresh

    def current(self) -> str:
        """The access token to use now."""
        with reading(self._engine) as session:
            return self._seal.open(self._row(session).access_token)

    def refreshed(self, used: str) -> str:
        """An access token newer than the one `used`: what another has already got, else what a refresh gives."""
        # The refresh token has served once the server answered: should our transaction fail, the next gets that answer.
        ask = cache(self._refresh)
        with _QUEUE:
            try:
                return self._renewed(used, ask)
            except OperationalError:
                return self._renewed(used, ask)

    def _renewed(self, used: str, ask: Refresh) -> str:
        with writing(self._engine, turn=TURN) as session:
            row = self._row(session)
            token = self._seal.open(row.access_token)
            if token != used:
                return token
            grant = ask(self._seal.open(row.refresh_token))
            row.sqlmodel_update(_sealed(self._seal, grant))
        return grant.access_token

    def _row(self, session: Session) -> OAuthTokens:
        row = session.get(OAuthTokens, self._member_id)
        if row is None:
            raise NotInstalled("приложение больше не впущено в портал: python -m deployments.let_in")
        return row


def _refuse_others(session: Session, grant: Grant) -> None:
    for other in session.exec(select(OAuthTokens).where(OAuthTokens.member_id != grant.member_id)):
        raise ForeignPortal(f"приложение работает в {other.domain}, а {grant.domain} — другой портал")


def _sealed(seal: Seal, grant: Grant) -> dict[str, Any]:
    """The columns that a grant renews."""
    return {
        "client_endpoint": grant.client_endpoint,
        "server_endpoint": grant.server_endpoint,
        "scope": grant.scope,
        "expires_at": grant.expires_at,
        "access_token": seal.close(grant.access_token),
        "refresh_token": seal.close(grant.refresh_token),
    }
