"""A wholesaler in the portal: companies and people who buy, and what they have bought.

Its names are those of the `portal.toml` that the project comes with, so that repeat-sale calls find all
they need.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from backoffice.sandbox.bitrix24.config import PORTAL_ZONE
from backoffice.sandbox.inside import ask

if TYPE_CHECKING:  # the portal's world plants its seeds itself
    from backoffice.sandbox.world import World

NO_CALLS = "UF_CRM_BO_NO_CALLS"
Entity = Literal["contact", "company"]
WON, LOST, OPEN = "WON", "LOSE", "NEW"


class Wholesale:
    """What managers do in the portal, by the hand of its methods. A client is named as tasks name it: CO_7, C_5."""

    def __init__(self, world: "World") -> None:
        self._world = world
        for entity in ("contact", "company"):
            if NO_CALLS not in self._ask(f"crm.{entity}.fields"):
                label = "Не звонить с предложениями"
                field = {"FIELD_NAME": NO_CALLS, "USER_TYPE_ID": "boolean", "EDIT_FORM_LABEL": label}
                self._ask(f"crm.{entity}.userfield.add", fields=field)

    def company(self, title: str, *, no_calls: bool = False) -> str:
        """A company that buys."""
        fields = {"TITLE": title, NO_CALLS: "1" if no_calls else "0"}
        return f"CO_{self._ask('crm.company.add', fields=fields)}"

    def person(self, surname: str, name: str, *, no_calls: bool = False) -> str:
        """Somebody who buys for himself, or for a company."""
        fields = {"LAST_NAME": surname, "NAME": name, NO_CALLS: "1" if no_calls else "0"}
        return f"C_{self._ask('crm.contact.add', fields=fields)}"

    def deal(self, *clients: str, stage: str = WON, days_ago: int = 40, **fields: Any) -> int:
        """A deal of the company, the people or both; closed so many days ago unless its stage is open."""
        values: dict[str, Any] = {
            "title": "Поставка",
            "stageId": stage,
            "opportunity": 12500,
            "currencyId": "RUB",
            "assignedById": 2,
            **_links(clients),
            **fields,
        }
        if stage != OPEN:
            closed = self._world.clock.now().astimezone(PORTAL_ZONE).date() - timedelta(days=days_ago)
            values["closedate"] = closed.isoformat()
        return int(self._ask("crm.item.add", entityTypeId=2, fields=values)["item"]["id"])

    def goods(self, deal_id: int, *names: str) -> None:
        """What is bought in the deal, instead of what was."""
        rows = [{"productName": name, "price": 2500, "quantity": 5} for name in names]
        self._ask("crm.item.productrow.set", ownerType="D", ownerId=deal_id, productRows=rows)

    def move(self, deal_id: int, stage: str) -> None:
        """The deal to another stage; a last one closes it today."""
        self.change_deal(deal_id, stageId=stage)

    def change_deal(self, deal_id: int, **fields: Any) -> None:
        """A person edits the deal."""
        self._ask("crm.item.update", entityTypeId=2, id=deal_id, fields=fields)

    def delete_deal(self, deal_id: int) -> None:
        """As a person deletes it."""
        self._ask("crm.item.delete", entityTypeId=2, id=deal_id)

    def delete_client(self, client: str) -> None:
        """As a person deletes the card."""
        kind, _, number = client.partition("_")
        self._ask("crm.company.delete" if kind == "CO" else "crm.contact.delete", id=int(number))

    def refuse_calls(self, client: str) -> None:
        """The client asks not to be called."""
        kind, _, number = client.partition("_")
        entity = "company" if kind == "CO" else "contact"
        self._ask(f"crm.{entity}.update", id=int(number), fields={NO_CALLS: "1"})

    def complete(self, task_id: int) -> None:
        """A manager has called."""
        self._ask("tasks.task.complete", taskId=task_id)

    def _ask(self, method: str, **params: Any) -> Any:
        return ask(self._world.portal, method, **params)


def _links(clients: Sequence[str]) -> dict[str, Any]:
    ids = [client.split("_") for client in clients]
    people = [int(number) for kind, number in ids if kind == "C"]
    companies = [int(number) for kind, number in ids if kind == "CO"]
    return {"companyId": companies[0] if companies else 0, "contactIds": people}
