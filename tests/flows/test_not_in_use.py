"""Processes whose sections somebody has deleted from portal.toml: their runs are green and say so."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from backoffice import connections
from backoffice.sandbox.world import World
from backoffice.settings import settings
from flows.attendance_import import attendance_import
from flows.donation_reconciliation import donation_reconciliation
from flows.preview_letter import preview_letter
from tests.flows.runs import last_name
from tests.words import without

pytestmark = pytest.mark.usefixtures("prefect", "connected")
RUNS: list[tuple[str, Callable[..., Any]]] = [
    ("attendance_import", attendance_import),
    ("attendance_import", partial(attendance_import, which="hinted")),
    ("attendance_import", partial(attendance_import, event_id=7)),
    ("lesson_reminders", partial(preview_letter, deal_id=7)),
    ("donation_reconciliation", donation_reconciliation),
    ("donation_reconciliation", partial(donation_reconciliation, which="report")),
]


@pytest.fixture
def remove(connected: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """remove(process): portal.toml less the process's sections."""

    def remove(process: str) -> None:
        text = settings().portal_toml.read_text(encoding="utf-8")
        (tmp_path / "portal.toml").write_text(without(process, text), encoding="utf-8")
        monkeypatch.setenv("PORTAL_TOML", str(tmp_path / "portal.toml"))
        settings.cache_clear()
        connections.words.cache_clear()

    yield remove
    connections.words.cache_clear()


@pytest.mark.parametrize(("process", "run"), RUNS)
def test_a_process_that_is_not_in_use_asks_nobody(
    world: World, remove: Callable[[str], None], process: str, run: Callable[..., Any]
) -> None:
    """Neither the portal nor Timepad hears of the run, and it is called so that a person understands why."""
    remove(process)
    assert run(return_state=True).is_completed()
    assert last_name() == f"не используется: в portal.toml нет раздела [{process}]"
    assert world.log.counters()["by_method"] == {}
