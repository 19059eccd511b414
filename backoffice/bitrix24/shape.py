"""A portal's own state of what portal.toml names, read in one request, or two where funnels are named."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from backoffice.bitrix24.batch import Command, Outcome
from backoffice.bitrix24.catalogues import read_catalogues
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.errors import AccessDenied, NotFound, RequestRefused
from backoffice.bitrix24.funnels import DEAL, read_funnels, read_stages
from backoffice.bitrix24.list_fields import read_list_fields
from backoffice.bitrix24.values import read_moment
from backoffice.bitrix24.wire import as_map
from backoffice.rules.portal_shape import CrmMode, PortalCatalogue, PortalList, PortalShape, PortalUserField
from backoffice.rules.portal_words import Entity, PortalWords

MODES: dict[str, CrmMode] = {"1": "classic", "2": "simple"}
# There may be no such list yet, and an old box portal may not know its mode.
MAY_BE_ABSENT = ("lists.get", "lists.field.get", "crm.settings.mode.get")
Question = tuple[str, str]
Answers = Mapping[Question, Any]


def read_shape(portal: Portal, words: PortalWords) -> PortalShape:
    """What the portal has of the words.

    One `batch` of 4 commands + 2 per list + 1 per kind of card + 1 if fields of products are named and 1 per such
    field + 1 if funnels are named; in that last case a second `batch`, of a command per funnel. What the webhook has
    no scope for, or no right to in the catalogue, stays None or absent.
    """
    answers = _ask(portal, words)
    scopes = frozenset(answers["scope", ""])
    shape = PortalShape(
        scopes=scopes,
        owner_is_admin=answers["profile", ""].get("ADMIN") in (True, "Y", 1, "1"),
        server_time=read_server_time(answers["time", ""]),
        crm_mode=MODES.get(str(answers["mode", ""])),
        lists=_lists(answers) if "lists" in scopes else None,
        user_fields=_user_fields(answers) if "crm" in scopes else {},
        catalogues=_catalogues(answers),
    )
    if answers.get(("funnels", "")) is None:
        return shape
    return _with_funnels(portal, words, shape, answers["funnels", ""])


def read_server_time(text: str) -> datetime:
    """The answer of `server.time`: aware, in the portal's own offset."""
    moment = read_moment(text, UTC)
    if moment is None:
        raise ValueError("the portal gave no time")
    return moment


def _ask(portal: Portal, words: PortalWords) -> Answers:
    outcomes = portal.batch(_questions(words)).outcomes
    scopes = next((own.answer.result for own in outcomes if own.item == ("scope", "") and own.answer), ())
    return {outcome.item: _answer(outcome, scopes) for outcome in outcomes}


def _questions(words: PortalWords) -> Iterator[Command[Question]]:
    processes = words.processes.values()
    yield Command("profile", {}, ("profile", ""))
    yield Command("scope", {}, ("scope", ""))
    yield Command("server.time", {}, ("time", ""))
    yield Command("crm.settings.mode.get", {}, ("mode", ""))
    for code in sorted({wanted.code for process in processes for wanted in process.lists.values()}):
        by_code = {"IBLOCK_TYPE_ID": "lists", "IBLOCK_CODE": code}
        yield Command("lists.get", by_code, ("list", code))
        yield Command("lists.field.get", by_code, ("fields", code))
    for entity in sorted({card for process in processes for card in process.cards}):
        yield Command(f"crm.{entity}.fields", {}, ("card", entity))
    if codes := sorted({field.code for process in processes for field in process.product_fields.values()}):
        yield Command("catalog.catalog.list", {}, ("catalogues", ""))
        for code in codes:
            yield Command("catalog.productProperty.list", {"filter": {"code": code}}, ("product field", code))
    if any(process.funnels or process.sales for process in processes):
        yield Command("crm.category.list", {"entityTypeId": DEAL}, ("funnels", ""))


def _answer(outcome: Outcome[Question], scopes: Any) -> Any:
    """The answer; None where the portal has no such thing, or where the scope is not granted."""
    if outcome.answer is not None:
        return outcome.answer.result
    method = outcome.command.method
    if method in MAY_BE_ABSENT and isinstance(outcome.error, NotFound):
        return None
    scope = method.partition(".")[0]
    if scope in ("crm", "lists", "catalog") and scope not in scopes and isinstance(outcome.error, RequestRefused):
        return None
    if scope == "catalog" and isinstance(outcome.error, AccessDenied):
        return None
    raise cast(Exception, outcome.error)


def _lists(answers: Answers) -> dict[str, PortalList]:
    return {
        code: PortalList(int(row["ID"]), code, row["NAME"], read_list_fields(answers["fields", code]))
        for (kind, code), rows in answers.items()
        for row in (rows or () if kind == "list" else ())
    }


def _catalogues(answers: Answers) -> tuple[PortalCatalogue, ...] | None:
    listed = answers.get(("catalogues", ""))
    fields = [answer for (kind, _), answer in answers.items() if kind == "product field"]
    return None if listed is None or None in fields else read_catalogues(listed, fields)


def _user_fields(answers: Answers) -> dict[Entity, tuple[PortalUserField, ...]]:
    cards = {cast(Entity, name): as_map(answer) for (kind, name), answer in answers.items() if kind == "card"}
    return {
        entity: tuple(_user_field(code, own) for code, own in fields.items() if code.startswith("UF_"))
        for entity, fields in cards.items()
    }


def _user_field(code: str, own: Mapping[str, Any]) -> PortalUserField:
    name = own.get("formLabel") or own.get("listLabel") or own.get("title") or code
    return PortalUserField(code, name, own["type"], bool(own["isMultiple"]), bool(own["isRequired"]))


def _with_funnels(portal: Portal, words: PortalWords, shape: PortalShape, answer: Any) -> PortalShape:
    """The shape with all funnels, and with the stages of those whose stages portal.toml names."""
    named = replace(shape, funnels=read_funnels(answer))
    names = {funnel.name for process in words.processes.values() for funnel in process.funnels.values()}
    undoing = [own.sales for own in words.processes.values() if own.sales and own.sales.undone_stages]
    names |= {name for sales in undoing for name in sales.funnels or [own.name for own in named.funnels or ()]}
    ours = tuple(dict.fromkeys(own for name in sorted(names) if (own := named.funnel(name))))
    others = tuple(own for own in named.funnels or () if own not in ours)
    return replace(named, funnels=others + read_stages(portal, ours))
