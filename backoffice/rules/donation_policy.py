"""How this installation works with donations: the part of the form that a person may change."""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt

from backoffice.rules.sending import LettersBy

LetterKind = Literal["thanks_first", "thanks_repeated", "thanks_charge", "failed", "refunded"]
"""Thanks for a first donation, for a later one, for a charge of a subscription; a payment that failed; a refund."""
EVERY_LETTER: tuple[LetterKind, ...] = ("thanks_first", "thanks_repeated", "thanks_charge", "failed", "refunded")


class DonationPolicy(BaseModel):
    """Waits, twins and letters."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        title="Сроки, двойники, письма",
        json_schema_extra={"description": "Обычные значения годятся; каждое объяснено в документе процесса."},
    )

    submitted_wait_minutes: NonNegativeInt = Field(
        30,
        title="Ждать оплаты, минут",
        description="Сколько минут ждать оплаты, прежде чем попытка пожертвовать станет сделкой",
    )
    failure_hold_minutes: NonNegativeInt = Field(
        60,
        title="Не писать об отказе, минут",
        description="Через сколько минут после отказа писать жертвователю: вдруг он заплатит сам",
    )
    twin_window_hours: PositiveInt = Field(
        24,
        title="Окно двойников, часов",
        description="Сделки-двойники того же платежа ищутся не дальше стольких часов от пожертвования",
    )
    remove_twins: bool = Field(
        True,
        title="Удалять сделки-двойники",
        description="Удалять неоплаченные сделки-двойники, сохранив их данные в оплаченной",
    )
    merge_duplicates: bool = Field(
        True,
        title="Объединять одинаковые контакты",
        description="Объединять одинаковые контакты жертвователя: тот же e-mail и то же имя",
    )
    recreate_deleted: bool = Field(
        False,
        title="Создать заново удалённое",
        description="Создать заново то, что удалили в портале люди",
    )
    report_months: PositiveInt = Field(
        2,
        title="Сверять месяцев",
        description="За сколько последних календарных месяцев сверять суммы, с текущим",
    )
    letters: tuple[LetterKind, ...] = Field(EVERY_LETTER, title="Письма", description="Какие письма отправлять")
    letters_by: LettersBy = Field(
        "smtp",
        title="Чем отправлять",
        description="Чем отправлять: своим почтовым сервером (smtp) или самим порталом (portal)",
    )

    @property
    def submitted_wait(self) -> timedelta:
        return timedelta(minutes=self.submitted_wait_minutes)

    @property
    def failure_hold(self) -> timedelta:
        return timedelta(minutes=self.failure_hold_minutes)

    @property
    def twin_window(self) -> timedelta:
        return timedelta(hours=self.twin_window_hours)


def late_changes(now: datetime) -> datetime:
    """Since when donations are asked for again each night: refunds and corrections of the site come late."""
    return now - timedelta(days=40)


def month_start(now: datetime, months: int) -> datetime:
    """The beginning of the current month and of so many less one before it; `now` in the zone that counts."""
    year, month = divmod(now.year * 12 + now.month - months, 12)
    return now.replace(year=year, month=month + 1, day=1, hour=0, minute=0, second=0, microsecond=0)
