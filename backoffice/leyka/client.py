"""Pulling from a fund's site with leyka-bridge: events that were missed, and donations as they are now."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

import httpx

from backoffice.leyka.errors import LeykaRefused, LeykaUnavailable
from backoffice.leyka.signature import SIGNATURE_HEADER, sign
from backoffice.rules.addresses import is_private
from backoffice.rules.donation_events import read_donation, read_event, read_site
from backoffice.rules.donation_facts import Donation, DonationEvent
from backoffice.rules.donation_fields import Fields, Unreadable

ROUTE = "/leyka-bridge/v1"
PAGE = 200
REMEDIES = {
    401: "подпись не принята: LEYKA_SECRET не такой, как LEYKA_BRIDGE_SECRET на сайте, или часы расходятся на 5 минут",
    403: "сайт не пускает к REST API: проверьте его защитные плагины",
    404: "на сайте нет плагина leyka-bridge, или постоянные ссылки выключены",
}
MOVED = "сайт перенаправляет на другой адрес: впишите в LEYKA_SITE_URL тот, что открывается без перенаправления"
STORAGE = "leyka_bridge_storage"
WRONG_STORAGE = "Лейка хранит пожертвования не в записях WordPress: с таким хранилищем плагин не работает"

Row = TypeVar("Row", DonationEvent, Donation)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """A page of rows; `unreadable` are the rows that could not be read, each with its id and the reason.

    The rows are at least as new as the event `newest_seq`. `oldest_seq` is the oldest event that the site still has.
    """

    site: str
    rows: tuple[Row, ...]
    unreadable: tuple[str, ...]
    next_after: int
    more: bool
    oldest_seq: int
    newest_seq: int


class Leyka:
    """The site's donations behind the key shared with its plugin; `http` knows the site's address.

    LeykaRefused for one in clear text: donors' names and addresses come back.
    """

    def __init__(self, http: httpx.Client, secret: str, clock: Callable[[], datetime]) -> None:
        if not is_private(str(http.base_url)):
            raise LeykaRefused("адрес сайта в LEYKA_SITE_URL должен начинаться с https://")
        self._http = http
        self._secret = secret
        self._clock = clock

    def events(self, after: int, size: int = PAGE) -> Iterator[Page[DonationEvent]]:
        """Pages of the events after a number, in their order.

        Where a page's `oldest_seq` is beyond `after` + 1, the site has dropped events: only donations tell then.
        """
        return self._pages("events", read_event, {}, after, size)

    def donations(
        self, since: datetime | None = None, until: datetime | None = None, after: int = 0, size: int = PAGE
    ) -> Iterator[Page[Donation]]:
        """Pages of the donations as they are now, created from `since` on and before `until`, in the order of ids."""
        bounds = {"from": since, "to": until}
        query = {name: _spelled(moment) for name, moment in bounds.items() if moment is not None}
        return self._pages("donations", read_donation, query, after, size)

    def _pages(
        self, what: str, read: Callable[[object], Row], query: Mapping[str, str], after: int, size: int
    ) -> Iterator[Page[Row]]:
        while True:
            body = self._get(what, {**query, "after": str(after), "limit": str(size)})
            page = _read_page(what, body, read, after)
            yield page
            if not page.more:
                return
            after = page.next_after

    def _get(self, what: str, query: Mapping[str, str]) -> Any:
        route = f"{ROUTE}/{what}?{urlencode(sorted(query.items()), quote_via=quote)}"
        signed = sign(f"GET {route}".encode(), self._secret, self._clock())
        try:
            response = self._http.get(f"/wp-json{route}", headers={SIGNATURE_HEADER: signed})
        except httpx.RequestError as error:
            raise LeykaUnavailable(f"Лейка, {what}: нет ответа: {type(error).__name__}") from None
        body = _json(response)
        if response.is_success and isinstance(body, dict):
            return body
        raise _refusal(what, response.status_code, body)


def _read_page(what: str, body: Any, read: Callable[[object], Row], after: int) -> Page[Row]:
    """The page; LeykaUnavailable if it is none, or would lead nowhere."""
    fields = Fields(body)
    try:
        rows, unreadable = _read_rows(fields.each(what), read)
        page = Page(
            read_site(fields.word("site")),
            tuple(rows),
            tuple(f"{what} {row}" for row in unreadable),
            fields.whole("next_after"),
            fields.flag("more") or False,
            fields.whole("oldest_seq"),
            fields.whole("newest_seq"),
        )
    except Unreadable as reason:
        raise LeykaUnavailable(f"Лейка, {what}: непонятный ответ: {reason}") from reason
    if page.more and page.next_after <= after:
        raise LeykaUnavailable(f"Лейка, {what}: следующая страница та же самая")
    return page


def _read_rows(found: Iterable[Fields], read: Callable[[object], Row]) -> tuple[list[Row], list[str]]:
    """What could be read, and the number and the reason of what could not."""
    rows: list[Row] = []
    unreadable: list[str] = []
    for row in found:
        try:
            rows.append(read(row.values))
        except Unreadable as reason:
            known = [str(row.values[name]) for name in ("seq", "id") if isinstance(row.values.get(name), int)]
            unreadable.append(f"{known[0] if known else '—'}: {reason}")
    return rows, unreadable


def _refusal(what: str, status: int, body: Any) -> LeykaRefused | LeykaUnavailable:
    if isinstance(body, dict) and body.get("code") == STORAGE:
        return LeykaRefused(f"Лейка, {what}: {WRONG_STORAGE}")
    if 300 <= status < 400:
        return LeykaRefused(f"Лейка, {what}: {status}: {MOVED}")
    if 400 <= status < 500 and status not in (408, 429):
        return LeykaRefused(f"Лейка, {what}: {status}: {REMEDIES.get(status, 'отказ')}")
    return LeykaUnavailable(f"Лейка, {what}: {status}")


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


def _spelled(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
