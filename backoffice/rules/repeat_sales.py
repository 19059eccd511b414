"""Whom to call: a client for whom exactly one deal was won, a while ago, and for whom nothing else is going on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
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
    """A client's card as it is now; `living`: the portal has it."""

    key: str
    name: str = field(default="", repr=False)
    living: bool = True
    no_calls: bool = False


@dataclass(frozen=True)
class Asked:
    """Our tasks about a client: won deal -> task; `open_task` any that is not closed yet."""

    by_deal: Mapping[int, int] = field(default_factory=dict)
    open_task: int | None = None


@dataclass(frozen=True)
class Study:
    """By what clients are judged: purchases before `start_from` are history."""

    policy: CallPolicy
    start_from: date
    today: date


@dataclass(frozen=True)
class Judged:
    """A client and what is decided; `about` in words for people."""

    sales: ClientSales
    why: Why
    about: str = ""

    @property
    def deal(self) -> SaleDeal:
        """The purchase that the call is about."""
        if self.sales.first is None:
            raise ValueError(f"{self.sales.client} has bought nothing")
        return self.sales.first


def judge(sales: ClientSales, client: Client, asked: Asked, study: Study) -> Judged:
    """Whether to call the client, and the first condition that holds it out."""
    deal = sales.first
    if deal is None or deal.closed_on is None:
        return Judged(sales, Why.NO_SALE)
    obstacles = [*_of_sales(sales, asked, deal.id), *_of_time(deal.closed_on, study), *_of_card(client)]
    return next((Judged(sales, why, about) for why, about, holds in obstacles if holds), Judged(sales, Why.DUE))


Obstacle = tuple[Why, str, bool]
"""A condition, what of it people are told, and whether it holds."""


def _of_sales(sales: ClientSales, asked: Asked, deal_id: int) -> list[Obstacle]:
    return [
        (Why.MANY, f"выигранных сделок: {sales.won}", sales.won > 1),
        (Why.ASKED, f"задача {asked.by_deal.get(deal_id)}", deal_id in asked.by_deal),
        (Why.OPEN_DEAL, f"сделка {sales.open_deal}", sales.open_deal is not None),
        (Why.OPEN_TASK, f"задача {asked.open_task}", asked.open_task is not None),
    ]


def _of_time(closed_on: date, study: Study) -> list[Obstacle]:
    passed, policy = (study.today - closed_on).days, study.policy
    return [
        (Why.HISTORY, f"{closed_on:%d.%m.%Y} раньше {study.start_from:%d.%m.%Y}", closed_on < study.start_from),
        (Why.EARLY, f"дней: {passed} из {policy.after_days}", passed < policy.after_days),
        (Why.LATE, f"дней: {passed}, предел {policy.until_days}", passed > (policy.until_days or passed)),
    ]


def _of_card(client: Client) -> list[Obstacle]:
    return [(Why.GONE, "", not client.living), (Why.NO_CALLS, "", client.no_calls)]
