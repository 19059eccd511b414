"""What the timetable and portal.toml say about reminding."""

from dataclasses import dataclass

from backoffice.rules.lesson_due import Timing
from backoffice.rules.lesson_verdicts import SmsPolicy
from backoffice.rules.sending import LettersBy


@dataclass(frozen=True)
class Policy:
    """When reminders go, who gets an SMS, and who carries the letters."""

    timing: Timing
    sms: SmsPolicy
    letters_by: LettersBy
