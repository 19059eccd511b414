"""What the site's administrator sees, and may do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

import httpx
import pytest

from tests.wordpress.conftest import Receiver
from tests.wordpress.site import SECRET, Site

DONATE = "stand_in_status( stand_in_add( array( 'name' => 'Ольга', 'amount' => 700 ) ), 'funded' );"
PAGE = "/wp-admin/tools.php?page=leyka-bridge"
HOUR = 60 * 60


@contextmanager
def logged_in(site: Site, login: str, password: str) -> Iterator[httpx.Client]:
    """A browser in which somebody has logged in."""
    with httpx.Client(base_url=site.url, timeout=60, trust_env=False) as browser:
        browser.cookies.set("wordpress_test_cookie", "WP Cookie check")
        answer = browser.post("/wp-login.php", data={"log": login, "pwd": password, "testcookie": "1"})
        assert answer.status_code == 302, answer.text
        yield browser


@pytest.fixture(scope="module")
def administrator(installed: Site) -> Iterator[httpx.Client]:
    with logged_in(installed, "admin", "admin-password") as browser:
        yield browser


@pytest.fixture
def russian(site: Site) -> Iterator[None]:
    installed = "add_filter( 'get_available_languages', fn() => array( 'ru_RU' ) );"
    site.perform(installed + "update_option( 'WPLANG', 'ru_RU' );")
    yield
    site.perform("delete_option( 'WPLANG' );")


def figures(page: str) -> dict[str, str]:
    """The table of the page: label and value."""
    rows = re.findall(r'<tr><th scope="row">(.*?)</th><td>(.*?)</td></tr>', page)
    return {unescape(label): unescape(value) for label, value in rows}


def notices(page: str) -> list[str]:
    found = re.findall(r'<div class="notice notice-error"><p><strong>(?:.*?)</strong> (.*?)</p></div>', page)
    return [unescape(one) for one in found]


def test_the_page_tells_what_waits_and_why(site: Site, receiver: Receiver, administrator: httpx.Client) -> None:
    """The length of the queue, the age of its head, its last error and next attempt, the last delivery."""
    for _ in range(2):
        site.perform(DONATE)
    site.pass_time(10)
    receiver.answers = [200, 503]
    site.deliver()
    site.pass_time(50)
    told = figures(administrator.get(PAGE).text)
    assert told["Receiver"] == receiver.url
    assert told["Events waiting"] == "3"
    assert re.fullmatch(r"event 2 of donation \d+, waiting for 1 min, failed attempts: 1", told["Oldest of them"])
    assert told["Its last error"] == "HTTP 503 Service Unavailable"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", told["Its next attempt"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", told["Last delivery"])
    assert told["Delivered events are kept"] == "90 days"


def test_an_empty_outbox_is_told_too(site: Site, administrator: httpx.Client) -> None:
    """Nothing waits, nothing is wrong."""
    page = administrator.get(PAGE).text
    told = figures(page)
    assert (told["Events waiting"], told["Oldest of them"], told["Its last error"]) == ("0", "none", "none")
    assert notices(page) == []
    assert SECRET not in page


def test_send_now_does_not_wait_for_the_hour(site: Site, receiver: Receiver, administrator: httpx.Client) -> None:
    """The button sends what the backoff holds back, and says what it did."""
    site.perform(DONATE)
    site.pass_time(10)
    receiver.answers = [503]
    site.deliver()
    page = administrator.get(PAGE).text
    nonce = re.search(r'name="_wpnonce" value="(\w+)"', page)
    assert nonce
    form = {"action": "leyka_bridge_send_now", "_wpnonce": nonce[1]}
    page = administrator.post("/wp-admin/admin-post.php", data=form, follow_redirects=True).text
    assert "2 events sent. Nothing waits any more." in page
    assert figures(page)["Events waiting"] == "0"
    assert len(receiver.came) == 3


def test_send_now_needs_a_nonce_and_the_capability(site: Site, receiver: Receiver, administrator: httpx.Client) -> None:
    """A forged form of the administrator's sends nothing; an editor sees and sends nothing, even with a nonce."""
    site.perform(DONATE)
    site.pass_time(3 * HOUR)
    forged = {"action": "leyka_bridge_send_now", "_wpnonce": "0123456789"}
    assert administrator.post("/wp-admin/admin-post.php", data=forged).status_code == 403
    site.perform("wp_insert_user( array( 'user_login' => 'editor', 'user_pass' => 'secret', 'role' => 'editor' ) );")
    with logged_in(site, "editor", "secret") as editor:
        assert editor.get(PAGE).status_code == 403
        assert notices(editor.get("/wp-admin/index.php").text) == []
        nonce = editor.post("/perform.php", content="return wp_create_nonce( 'leyka_bridge_send_now' );").json()
        own = {"action": "leyka_bridge_send_now", "_wpnonce": nonce}
        assert editor.post("/wp-admin/admin-post.php", data=own).status_code == 403
    assert receiver.came == []


def test_missing_constants_are_told_on_every_page(site: Site, administrator: httpx.Client) -> None:
    """What to define, and that events are kept meanwhile; the button is of no use."""
    site.configure()
    (notice,) = notices(administrator.get("/wp-admin/index.php").text)
    assert "define LEYKA_BRIDGE_URL and LEYKA_BRIDGE_SECRET in wp-config.php" in notice
    page = administrator.get(PAGE).text
    assert figures(page)["Secret"] == "none"
    assert re.search(r'<input type="submit"[^>]*disabled', page)


def test_a_queue_that_stands_for_an_hour_is_told(site: Site, receiver: Receiver, administrator: httpx.Client) -> None:
    """One event that is not accepted holds up all: the administrator hears of it."""
    site.perform(DONATE)
    site.pass_time(3 * HOUR)
    receiver.answers = [400]
    site.deliver()
    (notice,) = notices(administrator.get("/wp-admin/index.php").text)
    assert notice.startswith("The oldest event has been waiting for 3 hours.")


def test_another_storage_is_refused(site: Site, administrator: httpx.Client) -> None:
    """Donations in Leyka's own tables cannot be read: no half-true events, a clear notice, and no empty pull."""
    site.perform("update_option( 'leyka_donations_storage_type', 'sep' );")
    site.perform(DONATE)
    assert site.sql("SELECT seq FROM wp_leyka_bridge_outbox") == []
    (notice,) = notices(administrator.get("/wp-admin/index.php").text)
    assert "Leyka is set to keep donations in tables of its own." in notice
    answer = site.perform(
        "$request = new WP_REST_Request( 'GET', '/leyka-bridge/v1/donations' );"
        "return LeykaBridge\\answer_donations( $request )->get_error_data();"
    )
    assert answer == {"status": 503}


def test_what_the_receiver_says_is_escaped(site: Site, administrator: httpx.Client) -> None:
    """An error is shown as text, whatever it consists of."""
    site.perform(DONATE)
    site.perform("LeykaBridge\\mark_failed( 1, '<script>alert(1)</script>', 0 );")
    page = administrator.get(PAGE).text
    assert "<script>alert(1)</script>" not in page
    assert figures(page)["Its last error"] == "<script>alert(1)</script>"


def test_the_page_is_translated(site: Site, russian: None, administrator: httpx.Client) -> None:
    """On a Russian site the page, its numbers and the notices are Russian."""
    site.perform(DONATE)
    site.pass_time(3 * HOUR)
    page = administrator.get(PAGE).text
    told = figures(page)
    assert told["Событий в очереди"] == "2"
    assert re.match(r"событие 1 пожертвования \d+, ждёт ", told["Самое старое из них"])
    assert told["Доставленные события хранятся"] == "90 дней"
    assert "Отправить сейчас" in page
    assert notices(page)[0].startswith("Самое старое событие ждёт отправки уже ")
