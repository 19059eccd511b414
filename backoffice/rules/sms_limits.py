"""How many SMS a person gets in a day, and what all of them may cost in a month."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from backoffice.rules.russian import counted, money


@dataclass(frozen=True)
class Wanted:
    """An SMS that would be sent now; nought is the price where nobody could tell it."""

    key: str
    contact_id: int
    price: Decimal = Decimal(0)


@dataclass(frozen=True)
class Used:
    """What has gone already: SMS by contact since `day_start`, and the money spent since `month_start`."""

    today: Mapping[int, int]
    this_month: Decimal


def sms_refusals(wanted: Sequence[Wanted], used: Used, daily_cap: int, monthly_budget: Decimal) -> dict[str, str]:
    """Which of the SMS must not go, and why in words for people; those before in the order use up the limits."""
    today, spent, refusals = Counter(used.today), used.this_month, {}
    for sms in wanted:
        if today[sms.contact_id] >= daily_cap:
            refusals[sms.key] = f"на сегодня хватит: одному человеку не больше {_of_sms(daily_cap)} в день"
        elif spent >= monthly_budget or spent + sms.price > monthly_budget:
            refusals[sms.key] = f"на СМС в этом месяце больше нет денег: бюджет {money(monthly_budget)}"
        else:
            today[sms.contact_id] += 1
            spent += sms.price
    return refusals


def day_start(now: datetime, zone: tzinfo) -> datetime:
    """Midnight of this day in the portal's zone."""
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def month_start(now: datetime, zone: tzinfo) -> datetime:
    """Midnight of the first day of this month in the portal's zone."""
    return day_start(now, zone).replace(day=1)


def _of_sms(number: int) -> str:
    return counted(number, "СМС", "СМС", "СМС")
