"""The page in a real browser, in a frame of the sandbox's portal on another site, by keyboard only."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from backoffice.gateway.runs import SeenRun
from backoffice.sandbox.seeds import plant
from backoffice.sandbox.server import serving
from backoffice.sandbox.world import World
from deployments.browser import BrowserFailed, Page, browser_page, find_chromium

# conftest's Frame and FakePrefect; test folders are no packages, so their types cannot be imported.
Frame = Any
FakePrefect = Any

pytestmark = pytest.mark.skipif(find_chromium() is None, reason="Chromium is not installed: apt-get install chromium")

COUNTS = (("Создано контактов", 8), ("Узнано контактов", 7), ("Несколько одинаковых", 1), ("Записано строк списка", 16))
TAB, ENTER = ("Tab", 9), ("Enter", 13, "\r")
FOCUS = "(one => one.getAttribute('aria-label') || one.textContent || one.id)(document.activeElement)"


def test_an_event_is_imported_by_keyboard_alone(browser: Page, opened: str, prefect: FakePrefect) -> None:
    """Opened as the portal does it: Tab to the button, Enter, and the counts are told, in a status region."""
    browser.go(opened)
    browser.until("document.querySelector('button[data-event]')", frame=0)
    tab_to(browser, "Импортировать: Управленческий учёт без паники")
    browser.press(*ENTER)
    browser.press(*ENTER)
    browser.until("document.querySelector('[role=status] [data-request]')", frame=0)
    browser.until("document.querySelector('#result').innerText.includes('Идёт')", frame=0)
    assert list(prefect.runs.values()) == ["run 1"]
    prefect.seen["run 1"] = SeenRun("COMPLETED", counts=COUNTS)
    browser.until("document.querySelector('#result [data-done=yes]')", frame=0)
    told = browser.value("document.querySelector('#result').innerText", frame=0)
    assert "Готово" in told
    assert all(f"{label}\t{number}" in told for label, number in COUNTS)
    browser.until("document.querySelector('[aria-busy=true]') === null", frame=0)
    assert "Импортировать: Управленческий" in browser.value(FOCUS, frame=0)
    assert browser.value("[...document.querySelectorAll('[aria-disabled=true]')].length", frame=0) == 0


def test_an_event_is_searched_by_its_number(browser: Page, opened: str, planted: dict[str, Any]) -> None:
    """The number typed into the labelled field and Enter; what was found is told to a screen reader."""
    browser.go(opened)
    browser.until("document.querySelector('button[data-event]')", frame=0)
    tab_to(browser, "number")
    browser.type(str(planted["past_event_id"]))
    browser.press(*ENTER)
    browser.until("document.querySelector('#events').innerText.includes('осенняя встреча')", frame=0)
    said = browser.until("document.querySelector('#said').textContent", frame=0)
    assert said == f"Мероприятие {planted['past_event_id']}"
    browser.value("document.querySelector('#number').select()", frame=0)
    browser.type("99999")
    browser.press(*ENTER)
    browser.until("document.querySelector('#said').textContent.includes('99999 на Таймпаде нет')", frame=0)


def test_the_focus_is_seen_and_runs_in_the_order_of_the_page(browser: Page, opened: str) -> None:
    """Field, search, all, then the buttons of the table, each with a ring around it."""
    browser.go(opened)
    browser.until("document.querySelector('button[data-event]')", frame=0)
    order = [tab_to(browser, "number"), *(step(browser) for _ in range(3))]
    assert order == ["number", "Найти", "Все недавние", order[-1]]
    assert order[-1].startswith("Импортировать: ")
    assert browser.value("getComputedStyle(document.activeElement).outlineStyle", frame=0) == "solid"


def test_it_fits_a_narrow_frame(browser: Page, opened: str) -> None:
    """At 320 px nothing is cut off sideways, and every button is large enough for a finger."""
    browser.size(378, 700)  # the sandbox's own margins are 58
    browser.go(opened)
    browser.until("document.querySelector('button[data-event]')", frame=0)
    assert browser.value("innerWidth", frame=0) <= 320
    assert browser.value("document.documentElement.scrollWidth <= innerWidth", frame=0)
    heights = "[...document.querySelectorAll('button, input')].map(one => one.getBoundingClientRect().height)"
    assert min(browser.value(heights, frame=0)) >= 44


def test_what_is_read_out_has_names_and_contrast(browser: Page, opened: str) -> None:
    """Each control has a name in the accessibility tree; texts stand out from their ground by 4.5 to 1 or more."""
    browser.go(opened)
    browser.until("document.querySelector('button[data-event]')", frame=0)
    assert browser.value("[...document.querySelectorAll('input')].every(one => one.labels.length === 1)", frame=0)
    assert browser.value("document.documentElement.lang", frame=0) == "ru"
    assert min(browser.value(CONTRASTS, frame=0)) >= 4.5


def test_another_site_cannot_frame_the_page(browser: Page, opened: str) -> None:
    """Even with a token of a person of our portal, a frame elsewhere stays empty."""
    with serving(copied(opened)) as elsewhere:
        browser.go(elsewhere)
        browser.until("document.readyState === 'complete'")
        with pytest.raises(BrowserFailed):
            browser.until("document.querySelector('main')", frame=0, within_seconds=3)


def test_without_a_server_the_page_says_so(
    browser: Page, opened: str, prefect: FakePrefect, planted: dict[str, Any]
) -> None:
    """A press while Prefect is down is stored and told as that."""
    prefect.down = True
    browser.go(opened)
    browser.until("document.querySelector('button[data-event]')", frame=0)
    tab_to(browser, "Импортировать: ")
    browser.press(*ENTER)
    browser.until("document.querySelector('#result').innerText.includes('принят и сохранён')", frame=0)
    prefect.down = False
    browser.until("document.querySelector('#result').innerText.includes('Идёт')", frame=0)


CONTRASTS = """
(() => {
  const light = (color) => color.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, n) => sum + part * [0.2126, 0.7152, 0.0722][n], 0);
  const ground = (one) => {
    const color = getComputedStyle(one).backgroundColor;
    if (color !== "rgba(0, 0, 0, 0)") return color;
    return one.parentElement ? ground(one.parentElement) : "rgb(255, 255, 255)";
  };
  return [...document.querySelectorAll("main *")].filter((one) => one.textContent.trim()).map((one) => {
    const [low, high] = [light(getComputedStyle(one).color), light(ground(one))].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  });
})()
"""


def tab_to(browser: Page, name: str) -> str:
    """Tab until what has the focus in the frame begins so."""
    for _ in range(40):
        if (focused := step(browser)).startswith(name):
            return focused
    raise AssertionError(f"no way to {name} by keyboard")


def step(browser: Page) -> str:
    browser.press(*TAB)
    return str(browser.value(FOCUS, frame=0)).strip()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Page]:
    """One browser for all."""
    with browser_page() as page:
        yield page


@pytest.fixture
def browser(chromium: Page) -> Page:
    """A window of usual size."""
    chromium.size(1200, 900)
    return chromium


@pytest.fixture
def planted(world: World, connected: None) -> dict[str, Any]:
    """The seminar that goes on, one long past, one to come."""
    return plant(world, "seminar")


@pytest.fixture
def opened(frame: Frame, world: World, planted: dict[str, Any]) -> str:
    """The portal's page with ours in a frame; «localhost» is another site than the portal's 127.0.0.1."""
    world.portal.config.application_page = f"http://localhost:{frame.http.base_url.port}/app"
    return f"{frame.portal}/marketplace/app/"


def copied(page: str) -> Starlette:
    """A site of somebody who has got hold of what the portal posts."""

    async def show(_request: Request) -> HTMLResponse:
        return HTMLResponse(httpx.get(page).text)

    return Starlette(routes=[Route("/", show)])
