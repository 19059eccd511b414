"""Where the portal keeps lessons and their participants."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from types import MappingProxyType
from typing import Any

from backoffice.bitrix24.funnels import DEAL
from backoffice.bitrix24.names import ProcessNames, ProductField
from backoffice.bitrix24.values import SITE_FORMATS
from backoffice.rules.portal_facts import ASSUMED, PortalFacts

NOTHING: Mapping[str, Any] = MappingProxyType({})
DEAL_FIELDS = ("id", "assignedById", "contactId", "contactIds", "movedTime", "createdTime")


@dataclass(frozen=True)
class LessonSource:
    """The field of the products, the stage of the deals and the field of the contacts.

    `zone` is the portal's, `site` the form in which products show moments that are not in ISO, as strftime has it, and
    `shift` how much later than they are. `edits_show`: an edit of the dates shows in the time of the product's change.
    """

    dates: ProductField
    funnel_id: int
    stage_id: str
    opted_out: str
    zone: tzinfo
    site: str = SITE_FORMATS[0]
    shift: timedelta = timedelta(0)
    edits_show: bool = True

    @property
    def name(self) -> str:
        """What the cursors are of: another stage or another field has to be read from its beginning."""
        return f"{self.stage_id} {self.dates.key}"

    def courses(self, condition: Mapping[str, Any] = NOTHING) -> dict[str, Any]:
        """The parameters of a listing of products; `condition` is a filter besides the catalogue."""
        return {
            "select": ["id", "iblockId", "name", self.dates.key],
            "filter": {"iblockId": self.dates.iblock_id, **condition},
            "order": {"id": "ASC"},
        }

    def deals(self, condition: Mapping[str, Any] = NOTHING) -> dict[str, Any]:
        """The parameters of a listing of the deals on the stage, one page without counting."""
        return {
            "entityTypeId": DEAL,
            "select": list(DEAL_FIELDS),
            "filter": {"categoryId": self.funnel_id, "stageId": self.stage_id, **condition},
            "order": {"id": "ASC"},
            "start": -1,
        }

    def entries(self, condition: Mapping[str, Any] = NOTHING, order: str = "ASC") -> dict[str, Any]:
        """The parameters of a listing of the entries into the stage, one page without counting."""
        return {
            "entityTypeId": DEAL,
            "select": ["ID", "OWNER_ID"],
            "filter": {"STAGE_ID": self.stage_id, **condition},
            "order": {"ID": order},
            "start": -1,
        }


def lesson_source(names: ProcessNames, zone: tzinfo, facts: PortalFacts = ASSUMED) -> LessonSource:
    """The source by the words of `[lesson_reminders]` in portal.toml."""
    learning = names.funnels["learning"]
    return LessonSource(
        dates=names.product_fields["lesson_dates"],
        funnel_id=learning.id,
        stage_id=learning.stages["studying"],
        opted_out=names.contact_fields["opted_out"],
        zone=zone,
        site=facts.course_datetime,
        shift=timedelta(minutes=facts.catalog_shift_minutes),
        edits_show=facts.product_edits_move_timestamp,
    )
