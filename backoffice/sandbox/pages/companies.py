"""The card of a company."""

from typing import Any

from starlette.requests import Request

from backoffice.sandbox.pages.deals import deal_row
from backoffice.sandbox.pages.render import NoSuchPage
from backoffice.sandbox.pages.tasks import tasks_of
from backoffice.sandbox.pages.timeline import person, timeline
from backoffice.sandbox.pages.wording import texts
from backoffice.sandbox.world import World


def company_card(world: World, request: Request) -> tuple[str, dict[str, Any]]:
    """Fields, deals, tasks, comments and activities."""
    company_id, crm = int(request.path_params["company_id"]), world.portal.crm
    item = crm.tables["COMPANY"].get(company_id)
    if item is None:
        raise NoSuchPage(f"Компании {company_id} нет: её удалили или объединили с другой.")
    own = [field for field in crm.types["COMPANY"].fields.values() if field.dynamic]
    return "company.html", {
        "company": {"id": item.id, "title": item.values["TITLE"], "created": item.values["DATE_CREATE"]},
        "responsible": person(world, item.values.get("ASSIGNED_BY_ID")),
        "own_fields": [(field.title, texts(item.values.get(field.name))) for field in own],
        "deals": [deal_row(world, deal) for deal in crm.tables["DEAL"] if deal.values.get("COMPANY_ID") == company_id],
        "tasks": tasks_of(world, f"CO_{company_id}"),
        "timeline": timeline(world, "COMPANY", company_id),
    }
