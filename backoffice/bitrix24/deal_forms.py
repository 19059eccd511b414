"""Donations' deals between the portal's rows and our forms (crm/universal/object-fields.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from functools import cached_property
from typing import Any

from backoffice.bitrix24.client import Row
from backoffice.bitrix24.funnels import DEAL
from backoffice.bitrix24.names import FunnelNames, ProcessNames
from backoffice.bitrix24.values import SITE_FORMATS, read_moment
from backoffice.rules.donation_verdicts import Key
from backoffice.rules.donation_work import Deal, Form

FUNNEL = "donations"
DONATED_AT = "donated_at"
WON = "S"
PLAIN = {"title": "title", "currency": "currencyId"}
SELECTED = (
    *("id", "title", "createdTime", "stageId", "stageSemanticId", "opportunity", "currencyId", "contactId"),
    *("originatorId", "originId"),
)


@dataclass(frozen=True)
class DealForms:
    """Reads deals as forms and writes forms into deals.

    `zone` is the portal's, `site` the form in which it shows moments that are not in ISO, as strftime has it.
    """

    names: ProcessNames
    zone: tzinfo
    site: str = SITE_FORMATS[0]

    @property
    def funnel(self) -> FunnelNames:
        """The funnel of the donations."""
        return self.names.funnels[FUNNEL]

    @property
    def selected(self) -> list[str]:
        """The fields that a form is read from."""
        return [*SELECTED, *self.names.deal_fields.values()]

    def listing(self, condition: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters of `crm.item.list` for the deals that fit the condition: one page without counting."""
        return {
            "entityTypeId": DEAL,
            "useOriginalUfNames": "Y",
            "select": self.selected,
            "filter": dict(condition),
            "order": {"id": "ASC"},
            "start": -1,
        }

    def read(self, row: Row) -> Deal:
        """A row of such a listing. A stage that is none of ours keeps the portal's id for a word."""
        amount, currency = Decimal(str(row["opportunity"] or 0)), str(row["currencyId"] or "")
        stage = self._stages.get(str(row["stageId"]), str(row["stageId"]))
        form = {
            "title": str(row["title"] or ""),
            "stage": stage,
            "amount": f"{amount:.2f}",
            "currency": currency,
            **{word: self._text(word, row.get(code)) for word, code in self.names.deal_fields.items()},
        }
        return Deal(
            id=int(row["id"]),
            stage=stage,
            won=row.get("stageSemanticId") == WON,
            amount=amount.quantize(Decimal("0.01")),
            currency=currency,
            created_at=self._created_at(row),
            contact_id=int(row.get("contactId") or 0) or None,
            site=str(row.get("originatorId") or ""),
            origin=str(row.get("originId") or ""),
            form=form,
        )

    def fields(self, form: Form, contact_id: int | None = None, key: Key | None = None) -> dict[str, Any]:
        """The words of the form, the contact and the donation's key as `fields` of `crm.item.add` and `.update`.

        What is left out stays as it is. A stage brings the deal into our funnel.
        """
        fields: dict[str, Any] = {PLAIN[word]: form[word] for word in PLAIN if word in form}
        if stage := form.get("stage"):
            fields |= {"categoryId": self.funnel.id, "stageId": self.funnel.stages.get(stage, stage)}
        if "amount" in form:
            fields |= {"opportunity": form["amount"], "isManualOpportunity": "Y"}
        fields |= {code: form[word] for word, code in self.names.deal_fields.items() if word in form}
        fields |= self._moments(form.get(DONATED_AT, ""))
        if contact_id is not None:
            fields["contactIds"] = [contact_id]
        if key is not None:
            fields |= {"originatorId": key[0], "originId": str(key[1])}
        return fields

    def _moments(self, text: str) -> dict[str, Any]:
        """The moment of the donation; the deal begins and closes on that day, not in a week."""
        if not text:
            return {}
        moment = datetime.fromisoformat(text).astimezone(self.zone)
        return {self.names.deal_fields[DONATED_AT]: moment, "begindate": moment.date(), "closedate": moment.date()}

    def _text(self, word: str, value: Any) -> str:
        if value in (None, False, ""):
            return ""
        moment = read_moment(str(value), self.zone, self.site) if word == DONATED_AT else None
        return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else str(value).strip()

    def _created_at(self, row: Row) -> datetime:
        moment = read_moment(row.get("createdTime"), self.zone, self.site)
        if moment is None:
            raise ValueError(f"deal {row['id']} was never created")
        return moment

    @cached_property
    def _stages(self) -> dict[str, str]:
        return {stage_id: word for word, stage_id in self.funnel.stages.items()}
