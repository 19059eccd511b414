"""Whom to call: a client for whom exactly one deal was won, a while ago, and for whom nothing else is going on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from backoffice.rules.sales import ClientSales, SaleDeal


class CallPolicy(BaseModel):
    """Whom to call and how many: the part of the form that a person may change."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    after_days: Annotated[PositiveInt, Field(description="Через сколько дней после покупки звонить")] = 30
    until_days: Annotated[
        PositiveInt | None, Field(description="После скольких дней уже не звонить; пусто — всегда")
    ] = None
    per_day: Annotated[PositiveInt, Field(description="Не больше стольких звонков в день одному менеджеру")] = 5
    days_ahead: Annotated[PositiveInt, Field(description="На сколько рабочих дней вперёд ставить задачи")] = 1
    reorder_days: Annotated[PositiveInt, Field(description="За сколько дней после звонка покупка — его заслуга")] = 60


class Why(StrEnum):
    """What decides about a client: DUE, or the first condition that holds the call out."""

    DUE = "пора звонить"
    NO_SALE = "нет ни одной выигранной сделки"
    MANY = "покупал не один раз"
    ASKED = "задача позвонить по этой покупке уже была"
    OPEN_DEAL = "есть открытая сделка"
    OPEN_TASK = "есть незакрытая задача позвонить"
    HISTORY = "покупка до начала работы процесса"
    EARLY = "после покупки прошло мало времени"
    LATE = "после покупки прошло слишком много времени"
    GONE = "карточки клиента больше нет"
    NO_CALLS = "клиент просил не звонить"


@dataclass(frozen=True)
class Client:
    """A client's card as it is now. `living`: the portal has it; `label`: how reports call it, a person by initials."""

    key: str
    name: str = field(default="", repr=False)
    label: str = "—"
    living: bool = True
    no_calls: bool = False


@dataclass(frozen=True)
class Asked:
    """Our tasks about a client: won deal -> task; `open_task` any that is not closed yet."""

    by_deal: Mapping[int, int] = field(default_factory=dict)
    open_task: int | None = None


@dataclass(frozen=True)
class Look:
    """A client as everything is at one moment."""

    sales: ClientSales
    client: Client
    asked: Asked = field(default_factory=Asked)


@dataclass(frozen=True)
class Study:
    """By what clients are judged: purchases before `start_from` are history."""

    policy: CallPolicy
    start_from: date
    today: date

    @property
    def earliest(self) -> date:
        """The first day of the purchases that may be called about."""
        oldest = self.today - timedelta(days=self.policy.until_days) if self.policy.until_days else self.start_from
        return max(self.start_from, oldest)

    @property
    def latest(self) -> date:
        """The last day of the purchases that may be called about."""
        return self.today - timedelta(days=self.policy.after_days)


@dataclass(frozen=True)
class Condition:
    """What may hold a call out, what of it people are told, and whether it does."""

    why: Why
    about: str
    holds: bool


@dataclass(frozen=True)
class Judged:
    """A client and what is decided; `about` in words for people."""

    look: Look
    why: Why
    about: str = ""

    @property
    def deal(self) -> SaleDeal:
        """The purchase that the call is about."""
        if self.look.sales.first is None:
            raise ValueError(f"{self.look.sales.client} has bought nothing")
        return self.look.sales.first


def judge(look: Look, study: Study) -> Judged:
    """Whether to call the client, and the first condition that holds it out."""
    held = next((one for one in conditions(look, study) if one.holds), None)
    return Judged(look, held.why, held.about) if held else Judged(look, Why.DUE)


def conditions(look: Look, study: Study) -> list[Condition]:
    """Everything that could hold the call out, in the order in which it is asked; of no purchase nothing else is."""
    deal = look.sales.first
    if deal is None or deal.closed_on is None:
        return [Condition(Why.GONE, "", not look.client.living), Condition(Why.NO_SALE, "", holds=True)]
    return [
        *_of_sales(look.sales, look.asked, deal.id),
        *_of_time(deal.closed_on, study),
        Condition(Why.GONE, "", not look.client.living),
        Condition(Why.NO_CALLS, "", look.client.no_calls),
    ]


def _of_sales(sales: ClientSales, asked: Asked, deal_id: int) -> list[Condition]:
    other = asked.open_task if asked.open_task != asked.by_deal.get(deal_id) else None
    return [
        Condition(Why.MANY, f"выигранных сделок: {sales.won}", sales.won > 1),
        Condition(Why.ASKED, f"задача {asked.by_deal.get(deal_id, '—')}", deal_id in asked.by_deal),
        Condition(Why.OPEN_DEAL, f"сделка {sales.open_deal or '—'}", sales.open_deal is not None),
        Condition(Why.OPEN_TASK, f"задача {other or '—'}", other is not None),
    ]


def _of_time(closed_on: date, study: Study) -> list[Condition]:
    passed, policy, began = (study.today - closed_on).days, study.policy, study.start_from
    early, late = f"прошло дней: {passed}, звонить через {policy.after_days}", f"предел {policy.until_days or '—'}"
    return [
        Condition(Why.HISTORY, f"куплено {closed_on:%d.%m.%Y}, процесс начал {began:%d.%m.%Y}", closed_on < began),
        Condition(Why.EARLY, early, passed < policy.after_days),
        Condition(Why.LATE, f"прошло дней: {passed}, {late}", passed > (policy.until_days or passed)),
    ]
