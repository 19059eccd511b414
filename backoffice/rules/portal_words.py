"""The words of portal.toml: what the company calls its funnels, stages, fields and lists.

Ids are never among them: `backoffice.bitrix24.names` looks those up on the portal.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)
from pydantic_core import PydanticCustomError

Entity = Literal["contact", "deal", "company", "lead"]
Semantic = Literal["process", "success", "failure"]
ListFieldType = Literal[
    "S", "N", "S:Date", "S:DateTime", "S:HTML", "S:ECrm", "S:Money", "S:DiskFile", "S:employee"
]  # fmt: skip
ProductFieldType = Literal["S", "N", "S:Date", "S:DateTime"]
UserFieldType = Literal["string", "integer", "double", "boolean", "date", "datetime", "money", "url", "file"]
Name = Annotated[str, Field(min_length=1, max_length=255)]
MAILBOX = re.compile(r"|[^@<>\r\n]*<[^@<>\s]+@[^@<>\s]+>|[^@<>\s]+@[^@<>\s]+")


def _with_address(mailbox: str) -> str:
    if not MAILBOX.fullmatch(mailbox):
        raise PydanticCustomError("mailbox", "впишите адрес или «Имя <адрес>»")
    return mailbox


Mailbox = Annotated[str, AfterValidator(_with_address)]


class Words(BaseModel):
    """A table of portal.toml: an unknown key is refused, because it is a misspelt one."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ListFieldWords(Words):
    """A field of a universal list; `code` is its natural key inside the list."""

    code: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")
    name: Name
    type: ListFieldType = "S"
    multiple: bool = False
    binds: frozenset[Entity] = frozenset()

    @model_validator(mode="after")
    def _bindings_belong_to_crm_fields(self) -> Self:
        if bool(self.binds) != (self.type == "S:ECrm"):
            raise ValueError("binds задаётся для поля типа S:ECrm и только для него")
        return self


class ListWords(Words):
    """A universal list; `code` is its natural key on the portal."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: Name
    fields: Mapping[str, ListFieldWords] = {}


class UserFieldWords(Words):
    """A user field of a CRM card; `code` is its natural key among the fields of that kind of card."""

    code: str = Field(pattern=r"^UF_CRM_BO_[A-Z0-9_]+$", max_length=50)
    name: Name
    type: UserFieldType
    multiple: bool = False


class ProductFieldWords(Words):
    """A field of the product cards; `code` is its natural key in the catalogue."""

    code: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=50)
    name: Name
    type: ProductFieldType
    multiple: bool = False


class StageWords(Words):
    """A stage of a funnel: found by its code, or by its name where a human made it. A funnel has one success stage."""

    code: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=15)
    name: Name
    semantic: Semantic = "process"
    sort: PositiveInt = 10


class FunnelWords(Words):
    """A funnel of deals, found by its name."""

    name: Name
    sort: PositiveInt = 500
    stages: Mapping[str, StageWords] = {}


class DirectionWords(Words):
    """What donations are for: campaign id of the site -> direction; `default` for campaigns that are not named."""

    default: Name
    campaigns: Mapping[int, Name] = {}

    def of(self, campaign_id: int | None) -> str:
        """The direction of a campaign."""
        return self.campaigns.get(campaign_id or 0, self.default)


class SalesWords(Words):
    """Which deals are sales, by the portal's own names of funnels and stages; none of them is ever created.

    No `funnels`: all of them but those into which another process puts deals of its own. A deal on one of the
    `undone_stages` (names), or with something filled into its field `undone_field` (code), is neither a sale nor a hope
    of one: a return, a test. `fallback_user` calls for managers who have left; nobody calls on `holidays`.
    """

    fallback_user: PositiveInt
    funnels: tuple[Name, ...] = ()
    undone_stages: tuple[Name, ...] = ()
    undone_field: str = ""
    holidays: tuple[date, ...] = ()


class ProcessWords(Words):
    """Everything that one process needs of the portal.

    `by_hand`: what only a person can see to, in sentences that portal-setup repeats.
    """

    start_from: AwareDatetime
    scopes: frozenset[str] = frozenset()
    creates: frozenset[Entity] = frozenset()
    by_hand: tuple[str, ...] = ()
    directions: DirectionWords | None = None
    sales: SalesWords | None = None
    lists: Mapping[str, ListWords] = {}
    contact_fields: Mapping[str, UserFieldWords] = {}
    deal_fields: Mapping[str, UserFieldWords] = {}
    company_fields: Mapping[str, UserFieldWords] = {}
    lead_fields: Mapping[str, UserFieldWords] = {}
    product_fields: Mapping[str, ProductFieldWords] = {}
    funnels: Mapping[str, FunnelWords] = {}

    @property
    def cards(self) -> frozenset[Entity]:
        """The kinds of cards whose fields matter to the process."""
        undone: frozenset[Entity] = frozenset({"deal"} if self.sales and self.sales.undone_field else ())
        return self.creates | {entity for entity, _ in self.user_fields()} | undone

    @property
    def needed_scopes(self) -> frozenset[str]:
        """The scopes that the webhook needs: those that the words themselves imply, and the ones named besides."""
        implied = {"crm": self.cards or self.funnels or self.sales, "lists": self.lists, "catalog": self.product_fields}
        return self.scopes | {scope for scope, named in implied.items() if named}

    def user_fields(self) -> Iterator[tuple[Entity, UserFieldWords]]:
        """Each user field with the kind of card it belongs to."""
        yield from (("contact", field) for field in self.contact_fields.values())
        yield from (("deal", field) for field in self.deal_fields.values())
        yield from (("company", field) for field in self.company_fields.values())
        yield from (("lead", field) for field in self.lead_fields.values())


class Limits(Words):
    """The portal's limits as the vendor documents them (limits.md); a box portal has its own."""

    bucket: PositiveInt = 50
    drain_per_second: PositiveFloat = 2.0
    operating_seconds: PositiveFloat = 480
    settle_seconds: PositiveFloat = 70


class PortalItself(Words):
    """What is true of the portal whatever the process."""

    time_zone: ZoneInfo
    crm_mode: Literal["classic", "simple"] = "classic"
    limits: Limits = Limits()


class MessageWords(Words):
    """How letters and SMS are signed, and how many may be sent.

    `mail_from` and `reply_to` are an address or «Имя <адрес>»; `sms_daily_cap` counts per person, `sms_monthly_budget`
    is in roubles; from the first of the `quiet_hours` to the second (portal's time) no SMS leaves.
    """

    mail_from: Mailbox = ""
    reply_to: Mailbox = ""
    sms_sender: str = Field("", max_length=11)
    sms_daily_cap: NonNegativeInt = 3
    sms_monthly_budget: Annotated[Decimal, Field(ge=0)] = Decimal(3000)
    quiet_hours: tuple[time, time] = (time(21), time(9))


class PortalWords(Words):
    """portal.toml as a whole: the portal, what is sent to people, and a section for each process."""

    portal: PortalItself
    messages: MessageWords = MessageWords()
    processes: Mapping[str, ProcessWords] = {}

    def only(self, process: str) -> Self:
        """The same portal with the words of one process; KeyError if portal.toml has no section for it."""
        return self.model_copy(update={"processes": {process: self.processes[process]}})


def folded(name: str) -> str:
    """A name as people compare names: letter case and spaces aside."""
    return " ".join(name.split()).casefold()
