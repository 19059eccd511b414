"""Timepad (api.timepad.ru/v1): events and their orders. Read only.

Nothing of the live service was tried when this was written; where the sources are silent every plausible form is
accepted: times with `+0300`, `+03:00` or none (then the portal's zone), numbers as text, answers as a map, a list of
`{field_id, value}` or `[]`, an error in the body of a 200.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

import httpx

from backoffice.rules.attendance_facts import Event, Ticket

EVENT_PAGE = 100
ORDER_PAGE = 250
EVENT_FIELDS = "ends_at,organization,questions,ticket_types,access_status,location"
MODERATION = "featured,shown,hidden,not_moderated"
IDENTITY = ("mail", "surname", "name")
TITLES = {
    "e-mail": "mail",
    "email": "mail",
    "эл. почта": "mail",
    "электронная почта": "mail",
    "фамилия": "surname",
    "имя": "name",
    "телефон": "phone",
    "номер телефона": "phone",
}
ACCESS = "private,draft,link_only,public"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
NO_EVENTS = (
    "у организации {organization} на Таймпаде нет и не было ни одного мероприятия: проверьте номер организации в "
    "TIMEPAD_ORGANIZATION_ID, а если все мероприятия закрытые, право view_private_events у токена"
)


class TimepadError(Exception):
    """Base of what a call to Timepad raises."""


class TimepadUnavailable(TimepadError):
    """No answer, too many requests, or a broken server: worth another try."""


class TimepadRefused(TimepadError):
    """Timepad says no: the token, its rights, or an event that does not exist."""


class NoEvents(TimepadError):
    """The organization has no event at all, past or future: most likely its number is mistyped."""


class Timepad:
    """One organization's events and orders behind a personal token."""

    def __init__(self, http: httpx.Client, organization_id: int, zone: tzinfo) -> None:
        self._http = http
        self._organization_id = organization_id
        self._zone = zone

    def events(self, started_after: datetime) -> Iterator[Event]:
        """Events of any access and moderation status that start after the moment, in the order of their ids."""
        params = {"fields": EVENT_FIELDS, "sort": "+id"} | self._own(started_after)
        for row in self._pages("/v1/events", params, EVENT_PAGE):
            yield read_event(row, self._zone)

    def demand_events(self) -> None:
        """NoEvents, saying which setting to look at, if the organization never had an event."""
        if not self._get("/v1/events", {"limit": "1", "skip": "0"} | self._own(LONG_AGO)).get("values"):
            raise NoEvents(NO_EVENTS.format(organization=self._organization_id))

    def event(self, event_id: int) -> Event:
        """One event; TimepadRefused if there is none."""
        return read_event(self._get(f"/v1/events/{event_id}", {"fields": EVENT_FIELDS}), self._zone)

    def tickets(self, event: Event) -> list[Ticket]:
        """All tickets of all orders, each once, in the order of their ids.

        Orders have no stable order of their own: a new order shifts the pages, so tickets are told apart by their ids.
        """
        tickets: dict[str, Ticket] = {}
        for order in self._pages(f"/v1/events/{event.id}/orders", {}, ORDER_PAGE):
            for ticket in order.get("tickets") or []:
                read = read_ticket(ticket, order, event, self._zone)
                tickets[read.id] = read
        return [tickets[ticket_id] for ticket_id in sorted(tickets, key=_by_number)]

    def _own(self, started_after: datetime) -> dict[str, str]:
        return {
            "organization_ids": str(self._organization_id),
            "starts_at_min": started_after.strftime("%Y-%m-%dT%H:%M:%S"),
            "moderation_statuses": MODERATION,
            "access_statuses": ACCESS,
        }

    def _pages(self, path: str, params: Mapping[str, str], size: int) -> Iterator[dict[str, Any]]:
        skip = 0
        while True:
            page = self._get(path, {**params, "limit": str(size), "skip": str(skip)})
            rows = page.get("values") or []
            yield from rows
            skip += len(rows)
            if not rows or skip >= int(page.get("total") or skip + 1):
                return

    def _get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        try:
            response = self._http.get(path, params=params)
        except httpx.RequestError as error:
            raise TimepadUnavailable(f"Timepad {path}: no answer: {type(error).__name__}") from None
        body = _json(response)
        code = _error_code(response, body)
        if code is None:
            return body
        if code == 429 or code >= 500:
            raise TimepadUnavailable(f"Timepad {path}: {code}")
        raise TimepadRefused(f"Timepad {path}: {code}: {REMEDIES.get(code, 'отказ')}")


REMEDIES = {
    401: "токен не действует: проверьте TIMEPAD_TOKEN",
    403: "у токена нет права view_visitors (для закрытых мероприятий ещё view_private_events)",
    404: "такого мероприятия у организации нет",
}


def read_event(row: Mapping[str, Any], zone: tzinfo) -> Event:
    """An event of the API; `questions` maps a field id to its title."""
    starts_at = read_time(row["starts_at"], zone)
    if starts_at is None:
        raise TimepadError(f"event {row.get('id')}: starts_at is empty")
    questions = {str(question["field_id"]): str(question.get("name", "")) for question in row.get("questions") or []}
    attended = sum(int(kind.get("attended") or 0) for kind in row.get("ticket_types") or [])
    return Event(
        id=int(row["id"]),
        title=str(row["name"]).strip(),
        starts_at=starts_at,
        ends_at=read_time(row.get("ends_at"), zone),
        questions=questions,
        counts_check_ins=attended > 0,
    )


def read_ticket(ticket: Mapping[str, Any], order: Mapping[str, Any], event: Event, zone: tzinfo) -> Ticket:
    """A ticket with the answers of its own participant (see `participant`)."""
    answers = participant(ticket, order, event)
    status = ticket.get("status_raw_name") or (order.get("status") or {}).get("name") or ""
    return Ticket(
        id=str(ticket["id"]),
        event_id=event.id,
        order_id=str(order["id"]),
        status=str(status),
        email=answers.get("mail", ""),
        last_name=answers.get("surname", ""),
        first_name=answers.get("name", ""),
        phone=answers.get("phone", ""),
        came_at=read_time((ticket.get("attendance") or {}).get("starts_at"), zone),
    )


def participant(ticket: Mapping[str, Any], order: Mapping[str, Any], event: Event) -> dict[str, str]:
    """Who holds the ticket: its own answers; the order's only where they are the same person's.

    The order's e-mail is the first participant's when everyone fills in a form, and the customer's when the customer
    has a form of its own. Lending it to another participant would give a contact somebody else's address; so a ticket
    left blank beside tickets that were filled in stays blank.
    """
    own, ordered = _filled(ticket, event), _filled(order, event)
    tickets = order.get("tickets") or [ticket]
    if _identity(own):
        same = _names(own) == _names(ordered) or (len(tickets) == 1 and not ordered)
    else:
        same = not any(_identity(_filled(other, event)) for other in tickets)
    return {"mail": str(order.get("mail") or ""), **ordered, **own} if same else own


def answers_of(source: Mapping[str, Any], event: Event) -> dict[str, str]:
    """The answers of a ticket or an order by field: `mail`, `surname`, `name`, `phone`, and the form's own ids.

    They arrive as a map, as an old list of `{field_id, value}`, or as `[]`. A field without a standard key is known by
    its question's title.
    """
    raw = source.get("answers") or {}
    if not isinstance(raw, Mapping):
        raw = {str(answer.get("field_id", answer.get("id"))): answer.get("value") for answer in raw}
    answers = {str(field): str(value or "").strip() for field, value in raw.items()}
    for field, title in event.questions.items():
        standard = TITLES.get(title.strip().casefold())
        if standard and answers.get(field):
            answers.setdefault(standard, answers[field])
    return answers


def read_time(text: str | None, zone: tzinfo) -> datetime | None:
    """A time of the API in the portal's zone; a naive one is taken to be in that zone already."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)


def _filled(source: Mapping[str, Any], event: Event) -> dict[str, str]:
    return {field: value for field, value in answers_of(source, event).items() if value}


def _identity(answers: Mapping[str, str]) -> bool:
    return any(field in answers for field in IDENTITY)


def _names(answers: Mapping[str, str]) -> tuple[str, str]:
    return answers.get("surname", "").casefold(), answers.get("name", "").casefold()


def _by_number(ticket_id: str) -> tuple[int, str]:
    return (int(ticket_id) if ticket_id.isdigit() else 0, ticket_id)


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _error_code(response: httpx.Response, body: Mapping[str, Any]) -> int | None:
    """The error's code: in the body even of a 200, else the HTTP status; None for success."""
    status = body.get("response_status")
    code = str(status.get("error_code") or "") if isinstance(status, dict) else ""
    if response.is_success and not code:
        return None if body else 502
    return int(code) if code.isdigit() else response.status_code
