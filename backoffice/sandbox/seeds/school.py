"""A school in the portal: courses with the dates of their lessons, and deals of those who attend them.

Its names are those of the `portal.toml` that the project comes with, so that lesson reminders find everything in place.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from backoffice.sandbox.bitrix24.config import PORTAL_ZONE
from backoffice.sandbox.inside import ask

if TYPE_CHECKING:  # the portal's world plants its seeds itself
    from backoffice.sandbox.world import World

FUNNEL, STAGE, NEXT_STAGE = "Обучение", "BO_STUDYING", "BO_STUDIED"
DATES, OPT_OUT = "BO_LESSON_DATES", "UF_CRM_BO_NO_REMINDERS"


class School:
    """What a manager does in the portal, by the hand of its methods."""

    def __init__(self, world: "World") -> None:
        self._portal = world.portal
        catalogs = self._ask("catalog.catalog.list", select=["iblockId", "productIblockId"])["catalogs"]
        self.iblock_id = next(one["iblockId"] for one in catalogs if not one["productIblockId"])
        self.property = f"property{self._dates_property()}"
        self.funnel_id = self._funnel()
        self.stage_id = f"C{self.funnel_id}:{STAGE}"
        self.next_stage_id = f"C{self.funnel_id}:{NEXT_STAGE}"

    def course(self, name: str, dates: Sequence[datetime | str] = ()) -> int:
        """A product whose card holds the dates; text goes in as it is."""
        fields = {"iblockId": self.iblock_id, "name": name, self.property: self._values(dates)}
        return int(self._ask("catalog.product.add", fields=fields)["element"]["id"])

    def reschedule(self, course_id: int, dates: Iterable[datetime | str]) -> None:
        """These dates instead of those in the card."""
        self._ask("catalog.product.update", id=course_id, fields={self.property: self._values(dates)})

    def contact(self, surname: str, name: str, email: str = "", phone: str = "", *, opted_out: bool = False) -> int:
        """A participant."""
        fields: dict[str, Any] = {"LAST_NAME": surname, "NAME": name, OPT_OUT: "1" if opted_out else "0"}
        fields["EMAIL"] = [{"VALUE": email, "VALUE_TYPE": "WORK"}] if email else []
        fields["PHONE"] = [{"VALUE": phone, "VALUE_TYPE": "MOBILE"}] if phone else []
        return int(self._ask("crm.contact.add", fields=fields))

    def deal(self, contact_ids: Sequence[int], product_ids: Sequence[int], *, responsible_id: int = 1) -> int:
        """A deal on the stage of those who attend."""
        fields = {
            "title": "Обучение",
            "categoryId": self.funnel_id,
            "stageId": self.stage_id,
            "contactIds": list(contact_ids),
            "assignedById": responsible_id,
        }
        deal_id = int(self._ask("crm.item.add", entityTypeId=2, fields=fields)["item"]["id"])
        self.set_products(deal_id, product_ids)
        return deal_id

    def set_products(self, deal_id: int, product_ids: Sequence[int]) -> None:
        """These products instead of those in the deal; it leaves no trace in the deal itself."""
        rows = [{"productId": one, "price": 9000, "quantity": 1} for one in product_ids]
        self._ask("crm.item.productrow.set", ownerType="D", ownerId=deal_id, productRows=rows)

    def move(self, deal_id: int, stage_id: str) -> None:
        """The deal to another stage of the funnel."""
        self._ask("crm.item.update", entityTypeId=2, id=deal_id, fields={"stageId": stage_id})

    def delete_deal(self, deal_id: int) -> None:
        """As a person deletes it."""
        self._ask("crm.item.delete", entityTypeId=2, id=deal_id)

    def change_contact(self, contact_id: int, **fields: Any) -> None:
        """A person edits the card."""
        self._ask("crm.contact.update", id=contact_id, fields=fields)

    def _dates_property(self) -> int:
        wanted = {"iblockId": self.iblock_id, "code": DATES}
        found = self._ask("catalog.productProperty.list", filter=wanted)["productProperties"]
        if found:
            return int(found[0]["id"])
        fields = {
            "iblockId": self.iblock_id,
            "name": "Даты занятий",
            "code": DATES,
            "propertyType": "S",
            "userType": "DateTime",
            "multiple": "Y",
        }
        return int(self._ask("catalog.productProperty.add", fields=fields)["productProperty"]["id"])

    def _funnel(self) -> int:
        categories = self._ask("crm.category.list", entityTypeId=2)["categories"]
        found = next((int(one["id"]) for one in categories if one["name"] == FUNNEL), None)
        funnel_id = found or int(
            self._ask("crm.category.add", entityTypeId=2, fields={"name": FUNNEL})["category"]["id"]
        )
        self._stages(funnel_id)
        if OPT_OUT not in self._ask("crm.contact.fields"):
            field = {"FIELD_NAME": OPT_OUT, "USER_TYPE_ID": "boolean", "EDIT_FORM_LABEL": "Не присылать напоминания"}
            self._ask("crm.contact.userfield.add", fields=field)
        return funnel_id

    def _stages(self, funnel_id: int) -> None:
        entity = f"DEAL_STAGE_{funnel_id}"
        known = {row["STATUS_ID"] for row in self._ask("crm.status.list", filter={"ENTITY_ID": entity})}
        for code, name in ((STAGE, "Ходит на занятия"), (NEXT_STAGE, "Закончил")):
            if f"C{funnel_id}:{code}" not in known:
                fields = {"ENTITY_ID": entity, "STATUS_ID": code, "NAME": name, "SORT": 20}
                self._ask("crm.status.add", fields=fields)

    def _values(self, dates: Iterable[datetime | str]) -> list[dict[str, str]]:
        texts = (one if isinstance(one, str) else one.astimezone(PORTAL_ZONE).isoformat() for one in dates)
        return [{"value": text} for text in texts]

    def _ask(self, method: str, **params: Any) -> Any:
        return ask(self._portal, method, **params)
