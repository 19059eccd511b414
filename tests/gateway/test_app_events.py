from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from backoffice.sandbox.seeds import plant
from backoffice.sandbox.world import World

# conftest's Frame; test folders are no packages, so its type cannot be imported.
Frame = Any


def test_recent_events_are_shown_with_their_state(
    frame: Frame, world: World, planted: dict[str, Any], run_import: Callable[[int], None]
) -> None:
    """Going on and never imported, then over and imported: when, and how many lines; what is to come is left out."""
    before = frame.open().events()
    assert before.status_code == 200
    assert "Управленческий учёт без паники" in before.text
    assert "не закончилось" in before.text
    assert "ни разу" in before.text
    assert "Бюджет на год" not in before.text
    world.clock.advance(timedelta(hours=3).total_seconds())
    run_import(planted["event_id"])
    after = frame.open().events().text
    assert "не закончилось" not in after
    assert "строк: 16" in after


def test_the_portals_clock_tells_what_is_over(frame: Frame, world: World, planted: dict[str, Any]) -> None:
    """The portal's time is learnt when the page is opened, whatever the gateway's own clock says."""
    world.clock.advance(timedelta(hours=3).total_seconds())
    assert "не закончилось" not in frame.open().events().text


def test_any_event_is_found_by_its_number(frame: Frame, planted: dict[str, Any]) -> None:
    """Long past or yet to come."""
    opened = frame.open()
    assert "осенняя встреча" in opened.events(str(planted["past_event_id"])).text
    assert "Бюджет на год" in opened.events(f" {planted['future_event_id']} ").text


def test_an_unknown_number_is_told(frame: Frame, planted: dict[str, Any]) -> None:
    """404 and a sentence; what is no number is refused before Timepad is asked."""
    opened = frame.open()
    unknown = opened.events("99999")
    assert (unknown.status_code, "99999 на Таймпаде нет" in unknown.text) == (404, True)
    assert [opened.events(number).status_code for number in ("abc", "-1", "1 OR 1", "<b>")] == [400] * 4


def test_an_outage_of_timepad_is_told(
    frame: Frame, planted: dict[str, Any], monkeypatch: pytest.MonkeyPatch, fresh_settings: Callable[[], None]
) -> None:
    """«Не отвечает» is not «нет мероприятий»."""
    opened = frame.open()
    monkeypatch.setenv("TIMEPAD_API_URL", "http://127.0.0.1:9")
    fresh_settings()
    for number in ("", "300100"):
        answer = opened.events(number)
        assert (answer.status_code, "Таймпад не отвечает" in answer.text) == (502, True)


def test_a_wrong_token_for_timepad_is_told(
    frame: Frame, planted: dict[str, Any], monkeypatch: pytest.MonkeyPatch, fresh_settings: Callable[[], None]
) -> None:
    """The setting to look at is named, the token is not."""
    opened = frame.open()
    monkeypatch.setenv("TIMEPAD_TOKEN", "guessed-token")
    fresh_settings()
    answer = opened.events()
    assert answer.status_code == 502
    assert "TIMEPAD_TOKEN" in answer.text
    assert "guessed-token" not in answer.text


def test_titles_are_text(frame: Frame, world: World) -> None:
    """A title that looks like a page's code is shown, not run."""
    now = world.clock.now()
    world.timepad.add_event('<img src=x onerror="alert(1)">', now - timedelta(hours=1), now)
    text = frame.open().events().text
    assert "<img" not in text
    assert "&lt;img" in text


def test_an_organization_without_events_is_told(frame: Frame) -> None:
    """Nothing in the last thirty days is a sentence, not an empty table."""
    assert "мероприятий не было" in frame.open().events().text


@pytest.fixture
def planted(world: World, below_the_engine: None) -> dict[str, Any]:
    """The seminar that goes on, one long past, one to come; the portal prepared."""
    from flows.portal_setup import portal_setup

    made = plant(world, "seminar")
    portal_setup.fn(dry_run=False)
    return made


@pytest.fixture
def fresh_settings() -> Callable[[], None]:
    """The environment is read anew."""
    from backoffice.settings import settings

    return settings.cache_clear
