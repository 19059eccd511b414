"""A fund in the portal: the funnel of donations with its fields, its donors, and deals whoever made them.

Its names are those of the `portal.toml` that the project comes with, so that donation reconciliation finds them all.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from backoffice.sandbox.bitrix24.config import WEBHOOK_USER
from backoffice.sandbox.bitrix24.crm.multifields import MultifieldChange
from backoffice.sandbox.bitrix24.crm.store import Change
from backoffice.sandbox.inside import ask
from backoffice.sandbox.leyka.donations import CAMPAIGNS
from backoffice.sandbox.leyka.state import SITE

if TYPE_CHECKING:  # the portal's world plants its seeds itself
    from backoffice.sandbox.world import World

FUNNEL = "Пожертвования"
DIRECTIONS = {6: "Образование", 7: "Помощь семьям", 8: "Уставная деятельность"}
# Code, name, semantics, place; besides the success stage that every funnel is born with.
STAGES = (
    ("BO_SUBMITTED", "Попытка", "", 10),
    ("BO_FAILED", "Платёж не прошёл", "", 20),
    ("BO_REFUNDED", "Возвращено", "F", 40),
    ("BO_CANCELLED", "Не состоялось", "F", 50),
)
# Code, type, name.
DEAL_FIELDS = (
    ("UF_CRM_BO_DONATED_AT", "datetime", "Когда пожертвовано"),
    ("UF_CRM_BO_DIRECTION", "string", "Направление"),
    ("UF_CRM_BO_CAMPAIGN", "string", "Кампания на сайте"),
    ("UF_CRM_BO_GIFT_KIND", "string", "Вид пожертвования"),
    ("UF_CRM_BO_GIFT_ORDER", "string", "Первое или повторное"),
    ("UF_CRM_BO_GIFT_METHOD", "string", "Способ оплаты"),
    ("UF_CRM_BO_GIFT_ERROR", "string", "Ошибка платежа"),
    ("UF_CRM_BO_GIFT_STATUS", "string", "Статус на сайте"),
    ("UF_CRM_BO_SUPERSEDED", "string", "Оплачено пожертвованием №"),
)
CONTACT_FIELDS = (
    ("UF_CRM_BO_DONOR_KIND", "string", "Жертвователь"),
    ("UF_CRM_BO_CALL_BACK", "boolean", "Платёж не прошёл: связаться"),
    ("UF_CRM_BO_DIRECTIONS", "string", "Направления пожертвований"),
)
MULTIPLE = frozenset({"UF_CRM_BO_DIRECTIONS"})


@dataclass(frozen=True)
class Gift:
    """A sum for a campaign at a moment, of which deals tell."""

    amount: Decimal
    at: datetime
    campaign_id: int = 6


class Fund:
    """Prepared by the hand of the portal's methods; people and deals are put in without them, by thousands a second."""

    def __init__(self, world: "World") -> None:
        self._portal = world.portal
        self.funnel_id = self._funnel()
        self._stages()
        self._fields("deal", DEAL_FIELDS)
        self._fields("contact", CONTACT_FIELDS)

    def stage_id(self, code: str) -> str:
        """`failed` or `BO_FAILED`, as the portal has it; `funded` is the funnel's one success stage."""
        bare = code.upper().removeprefix("BO_")
        return f"C{self.funnel_id}:{'WON' if bare == 'FUNDED' else f'BO_{bare}'}"

    def contact(self, surname: str, name: str, email: str = "", phone: str = "", **values: Any) -> int:
        """A donor; `values` by the names of the old methods."""
        sent = (MultifieldChange("EMAIL", email, "WORK"), MultifieldChange("PHONE", phone, "MOBILE"))
        change = Change({"LAST_NAME": surname, "NAME": name, **values}, tuple(one for one in sent if one.value))
        return self._portal.crm.create("CONTACT", change, WEBHOOK_USER).id

    def deal(self, gift: Gift, stage: str, contact_id: int, **values: Any) -> int:
        """A deal made by a form or an older integration; `values` by the names of the old methods."""
        title = CAMPAIGNS.get(gift.campaign_id, "")
        filled = {
            "TITLE": f"Пожертвование: {title}",
            "CATEGORY_ID": self.funnel_id,
            "STAGE_ID": self.stage_id(stage),
            "CONTACT_IDS": [contact_id],
            "OPPORTUNITY": gift.amount,
            "IS_MANUAL_OPPORTUNITY": "Y",
            "DATE_CREATE": gift.at.replace(microsecond=0),
            "UF_CRM_BO_DIRECTION": DIRECTIONS.get(gift.campaign_id, ""),
            "UF_CRM_BO_CAMPAIGN": title,
        }
        return self._portal.crm.create("DEAL", Change({**filled, **values}), WEBHOOK_USER).id

    def own_deal(self, gift: Gift, stage: str, contact_id: int, donation_id: int) -> int:
        """A deal that says which donation of the site it is of."""
        origin = {"ORIGINATOR_ID": SITE, "ORIGIN_ID": str(donation_id)}
        moment = {"UF_CRM_BO_DONATED_AT": gift.at.replace(microsecond=0)}
        return self.deal(gift, stage, contact_id, TITLE=f"Пожертвование № {donation_id}", **origin, **moment)

    def comment(self, deal_id: int, text: str) -> None:
        """A manager writes into the deal's timeline."""
        self._portal.crm.comment("deal", deal_id, text, WEBHOOK_USER)

    def _funnel(self) -> int:
        categories = self._ask("crm.category.list", entityTypeId=2)["categories"]
        found = next((int(one["id"]) for one in categories if one["name"] == FUNNEL), None)
        return found or int(self._ask("crm.category.add", entityTypeId=2, fields={"name": FUNNEL})["category"]["id"])

    def _stages(self) -> None:
        entity = f"DEAL_STAGE_{self.funnel_id}"
        known = {row["STATUS_ID"] for row in self._ask("crm.status.list", filter={"ENTITY_ID": entity})}
        for code, name, semantics, place in STAGES:
            if self.stage_id(code) not in known:
                fields = {"ENTITY_ID": entity, "STATUS_ID": code, "NAME": name, "SORT": place, "SEMANTICS": semantics}
                self._ask("crm.status.add", fields=fields)

    def _fields(self, card: str, wanted: tuple[tuple[str, str, str], ...]) -> None:
        known = self._ask(f"crm.{card}.fields")
        for code, kind, name in wanted:
            if code not in known:
                many = "Y" if code in MULTIPLE else "N"
                fields = {"FIELD_NAME": code, "USER_TYPE_ID": kind, "EDIT_FORM_LABEL": name, "MULTIPLE": many}
                self._ask(f"crm.{card}.userfield.add", fields=fields)

    def _ask(self, method: str, **params: Any) -> Any:
        return ask(self._portal, method, **params)
