"""What would be lost with a deal that goes because another one shows the same payment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from backoffice.bitrix24.batch import Command
from backoffice.bitrix24.card_fields import AUDIT, CardField, card_fields, fields_command
from backoffice.bitrix24.client import Portal, Row
from backoffice.bitrix24.deal_forms import DealForms
from backoffice.bitrix24.deal_insides import deal_insides
from backoffice.bitrix24.donation_deals import LIST, id_chunks
from backoffice.bitrix24.funnels import DEAL, stage_directory
from backoffice.bitrix24.listing import rows_of
from backoffice.rules.donation_work import Deal

DIRECTORIES = ("SOURCE", "DEAL_TYPE")
STATUSES = "crm.status.list"
NOT_KEPT = AUDIT | {
    *("title", "stageId", "stageSemanticId", "previousStageId", "categoryId", "closed", "isNew", "probability"),
    *("opportunity", "isManualOpportunity", "currencyId", "taxValue", "begindate", "closedate", "opened"),
    *("originatorId", "originId", "contactId", "companyId", "isRecurring", "isReturnCustomer", "isRepeatedApproach"),
}
"""What the deal that stays knows better, and what means nothing outside the deal."""


@dataclass(frozen=True)
class Remains:
    """A deal as it stands right now, and a text that keeps what only it has."""

    deal: Deal
    text: str = field(repr=False)


@dataclass(frozen=True)
class _Known:
    """Deals with all their fields, and the portal's words for the fields and for the stages."""

    rows: Mapping[int, Row]
    fields: Mapping[str, CardField]
    stages: Mapping[str, str]


def twin_remains(portal: Portal, forms: DealForms, kept: Mapping[int, int]) -> dict[int, Remains]:
    """What is left of the deals that are to go (-> the deal that stays); 16 a request. Those that are gone already are
    left out.
    """
    if not kept:
        return {}
    known = _read(portal, forms, {*kept, *kept.values()})
    going = [deal_id for deal_id in kept if deal_id in known.rows]
    insides = deal_insides(portal, going, forms.zone)
    return {own: _remains(forms, known, own, [*_only_in(forms, known, own, kept[own]), *insides[own]]) for own in going}


def _remains(forms: DealForms, known: _Known, going: int, lines: list[str]) -> Remains:
    row = known.rows[going]
    deal = forms.read(row)
    made = f"{deal.created_at.astimezone(forms.zone):%d.%m.%Y %H:%M}"
    stage = known.stages.get(str(row["stageId"]), deal.stage)
    header = f"Сделка создана {made}, этап «{stage}»."
    return Remains(deal, "\n".join([header, "Что было только в ней:", *lines] if lines else [header]))


def _only_in(forms: DealForms, known: _Known, going: int, staying: int) -> list[str]:
    """A line for each field with values that the deal that stays has not."""
    lines = []
    for own in known.fields.values():
        there = own.texts(known.rows.get(staying, {}).get(own.name), forms.zone)
        lost = [text for text in own.texts(known.rows[going].get(own.name), forms.zone) if text not in there]
        if lost and own.name not in NOT_KEPT:
            lines.append(f"{own.label}: {', '.join(lost)}")
    return lines


def _read(portal: Portal, forms: DealForms, ids: Iterable[int]) -> _Known:
    stages = stage_directory(forms.funnel.id)
    commands = [
        fields_command(DEAL),
        *(Command(STATUSES, {"filter": {"ENTITY_ID": own}}, own) for own in (*DIRECTORIES, stages)),
        *(Command(LIST, {**forms.listing({"@id": some}), "select": ["*"]}, LIST) for some in id_chunks(ids)),
    ]
    answers = portal.batch(commands).values()
    described, pages = answers[0], zip(commands[1:], answers[1:], strict=True)
    rows = [(command.item, row) for command, page in pages for row in rows_of(command.method, page)]
    return _Known(
        rows={int(row["id"]): row for item, row in rows if item == LIST},
        fields=card_fields(described, (row for item, row in rows if item in DIRECTORIES)),
        stages={str(row["STATUS_ID"]): str(row["NAME"]) for item, row in rows if item == stages},
    )
