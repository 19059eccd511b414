"""How this installation works with donations: the part of the form that a person may change."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt

from backoffice.rules.sending import LettersBy

LetterKind = Literal["thanks_first", "thanks_repeated", "thanks_charge", "failed", "refunded"]
"""Thanks for a first donation, for a later one, for a charge of a subscription; a payment that failed; a refund."""
EVERY_LETTER: tuple[LetterKind, ...] = ("thanks_first", "thanks_repeated", "thanks_charge", "failed", "refunded")


class DonationPolicy(BaseModel):
    """Waits, twins and letters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    submitted_wait_minutes: Annotated[
        NonNegativeInt,
        Field(description="Сколько минут ждать оплаты, прежде чем попытка пожертвовать станет сделкой"),
    ] = 30
    failure_hold_minutes: Annotated[
        NonNegativeInt,
        Field(description="Через сколько минут после отказа писать жертвователю: вдруг он заплатит сам"),
    ] = 60
    twin_window_hours: Annotated[
        PositiveInt,
        Field(description="Сделки-двойники того же платежа ищутся не дальше стольких часов от пожертвования"),
    ] = 24
    remove_twins: Annotated[
        bool, Field(description="Удалять неоплаченные сделки-двойники, сохранив их данные в оплаченной")
    ] = True
    merge_duplicates: Annotated[
        bool, Field(description="Объединять одинаковые контакты жертвователя: тот же e-mail и то же имя")
    ] = True
    recreate_deleted: Annotated[bool, Field(description="Создать заново то, что удалили в портале люди")] = False
    report_months: Annotated[
        PositiveInt, Field(description="За сколько последних календарных месяцев сверять суммы, с текущим")
    ] = 2
    letters: Annotated[tuple[LetterKind, ...], Field(description="Какие письма отправлять")] = EVERY_LETTER
    letters_by: Annotated[
        LettersBy, Field(description="Чем отправлять: своим почтовым сервером (smtp) или самим порталом (portal)")
    ] = "smtp"

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
