"""Which failures of a task deserve another try."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from backoffice.bitrix24 import errors
from backoffice.leyka.errors import LeykaRefused, LeykaUnavailable
from backoffice.retries import is_passing, raise_if_passing, worth_retrying
from backoffice.rules.portal_setup import PortalLacks
from backoffice.settings import SettingMissing, SettingWrong
from backoffice.timepad import TimepadRefused, TimepadUnavailable

NOW = datetime(2026, 3, 2, tzinfo=UTC)
PASSING: list[Exception] = [
    errors.PortalBusy("x"),
    errors.OperatingTimeSpent("x"),
    errors.PortalUnreachable("x"),
    errors.NotSent("x"),
    errors.TokenRenewed("x"),
    errors.AmbiguousWrite("x", sent_at=NOW),
    errors.ListingBroken("x"),
    TimepadUnavailable("x"),
    LeykaUnavailable("x"),
    httpx.ReadTimeout("x"),
    OperationalError("x", None, Exception("the database does not answer")),
]
LASTING: list[Exception] = [
    errors.RequestRefused("x", code="", description=""),
    errors.AccessDenied("x", code="", description=""),
    errors.NotFound("x", code="", description=""),
    errors.AlreadyExists("x", code="", description=""),
    TimepadRefused("x"),
    LeykaRefused("x"),
    SettingMissing("x"),
    SettingWrong("x"),
    ValueError("x"),
    KeyError("x"),
    FileNotFoundError(Path("portal.toml")),
]


class Failed:
    """A state of a task run that ended so."""

    def __init__(self, result: Any) -> None:
        self._result = result

    def result(self, raise_on_failure: bool = True) -> Any:
        if raise_on_failure and isinstance(self._result, BaseException):
            raise self._result
        return self._result


def _named(error: Any) -> str:
    return type(error).__name__


@pytest.mark.parametrize("error", PASSING, ids=_named)
def test_what_goes_away_by_itself_is_tried_again(error: Exception) -> None:
    """Outages, «later» and doubt; also as one failure among others of a batch."""
    assert worth_retrying(None, None, Failed(error))
    mixed = errors.BatchFailed("m", [("a", LASTING[0]), ("b", error)], 3)  # type: ignore[list-item] # any error will do
    assert worth_retrying(None, None, Failed(mixed))


@pytest.mark.parametrize("error", LASTING, ids=_named)
def test_what_a_person_must_repair_is_not(error: Exception) -> None:
    """Refusals, mistakes of ours, missing settings; also when a batch fails of nothing else."""
    assert not worth_retrying(None, None, Failed(error))
    batch = errors.BatchFailed("m", [("a", error)], 3)  # type: ignore[list-item] # any error will do
    assert not worth_retrying(None, None, Failed(batch))


def test_every_error_of_the_portal_is_judged() -> None:
    """A new class of error has to be put on one of the two sides here."""
    judged = {type(error) for error in PASSING + LASTING}
    known = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.PortalError)}
    assert known - judged == {errors.PortalError, errors.TryLater, errors.BatchFailed}


def test_a_portal_that_lacks_something_waits_for_a_person() -> None:
    """portal-setup has to be run; trying again would only repeat the message."""
    assert not is_passing(PortalLacks(("x",)))


def test_only_failures_that_pass_fail_the_task() -> None:
    """A refusal is reported and the rest goes on; a passing trouble fails the task, naming everything that failed."""
    raise_if_passing("m", {})
    refused = errors.RequestRefused("no", code="", description="")
    raise_if_passing("m", {"a": refused})
    with pytest.raises(errors.BatchFailed, match=r"2 of 2 commands failed \(m\): 'a': no; 'b': later"):
        raise_if_passing("m", {"a": refused, "b": errors.NotSent("later")})


def test_a_long_list_of_failures_is_cut_in_the_message_only() -> None:
    """Ten are shown, all are kept."""
    failures = [(place, errors.NotSent("later")) for place in range(25)]
    failed = errors.BatchFailed("m", failures, 30)
    assert str(failed).endswith("9: later; and 15 more")
    assert len(failed.failures) == 25
