"""What the timetable and portal.toml say about reminding."""

from dataclasses import dataclass
from typing import Literal

from backoffice.rules.lesson_due import Timing
from backoffice.rules.lesson_verdicts import SmsPolicy

LettersBy = Literal["smtp", "portal"]


@dataclass(frozen=True)
class Policy:
    """When reminders go, who gets an SMS, and who carries the letters."""

    timing: Timing
    sms: SmsPolicy
    letters_by: LettersBy
