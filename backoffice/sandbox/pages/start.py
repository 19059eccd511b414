"""The first page: what there is, in numbers."""

from typing import Any

from starlette.requests import Request

from backoffice.sandbox.bitrix24.catalog.store import PRODUCTS_IBLOCK
from backoffice.sandbox.world import World


def start(world: World, _: Request) -> tuple[str, dict[str, Any]]:
    crm, lists, events = world.portal.crm, world.portal.lists.by_id.values(), world.timepad.events.values()
    return "start.html", {
        "numbers": [
            ("Контакты", len(crm.tables["CONTACT"]), "/contacts"),
            ("Сделки", len(crm.tables["DEAL"]), "/deals"),
            ("Задачи", len(world.portal.tasks), "/tasks"),
            ("Товары", sum(1 for _ in world.portal.catalog.in_block(PRODUCTS_IBLOCK)), "/products"),
            ("Элементы списков", sum(1 for each in lists for _ in each.elements()), "/company/lists/"),
            ("Мероприятия Таймпада", len(events), "/events"),
            ("Письма", len(world.mailbox.all()), "/mail"),
            ("SMS", len(world.sms.all()), "/sms"),
            ("Пожертвования", len(world.leyka.donations), "/leyka"),
        ],
        "lists": list(lists),
        "events": sorted(events, key=lambda event: event.starts_at),
        "counters": world.log.counters(),
    }
