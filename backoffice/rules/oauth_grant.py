"""What Bitrix24's authorization server grants an installed application (settings/oauth/index.md, auto-renewal.md)."""

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Grant:
    """A pair of tokens for one portal. The access token lives an hour; the refresh token serves once, for 180 days.

    The addresses are those of the portal's and of the authorization server's REST, both ending in `/rest/`.
    """

    member_id: str
    client_endpoint: str
    server_endpoint: str
    scope: str
    expires_at: datetime
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)

    @property
    def domain(self) -> str:
        """The portal's host with its port. (The answer's own `domain` is the authorization server's.)"""
        return urlsplit(self.client_endpoint).netloc
