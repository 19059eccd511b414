"""What the official documents leave open, and what a test may want to be otherwise."""

from dataclasses import dataclass
from typing import Literal

AnswersAs = Literal["object", "array"]

ALL_PERMISSIONS = ("view_private_events", "view_visitors", "edit_organizations_hooks")


@dataclass(frozen=True)
class Switches:
    """How this Timepad behaves; every variant was seen by somebody or is left open by the documents."""

    strict: bool = True
    """Refuse, with 400, a parameter that is unknown, repeated or not modelled here; the live service ignores it."""
    times: Literal["+0300", "+03:00", "naive"] = "+0300"
    past_the_end: Literal["empty", "missing"] = "empty"
    """What becomes of `values` on an orders page beyond the last order."""
    errors_with_200: bool = False
    """Errors keep their body and lose their HTTP status."""
    numbers_as_strings: bool = False
    answers_as: AnswersAs | None = None
    """One shape for all answers; None leaves each order its own. No answers at all are `[]` either way."""
    not_attended: Literal["missing", "nulls", "list"] = "missing"
    """What stands in `attendance` of a ticket without a check-in mark."""
    payment_type_as: Literal["name", "object"] = "name"
    requests_per_minute: int | None = None
    permissions: tuple[str, ...] = ALL_PERMISSIONS
    """What the token may do in its organization; without `view_visitors` orders answer 403."""
