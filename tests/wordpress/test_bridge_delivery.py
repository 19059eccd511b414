"""Events reach the receiver: all of them, in order, once while nothing fails, whatever dies or is away meanwhile."""

import hashlib
import hmac
import re
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.wordpress.conftest import Receiver
from tests.wordpress.site import SECRET, Site

DAY = 24 * 60 * 60
DONATE = "stand_in_status( stand_in_add( array( 'name' => 'Ольга', 'amount' => 700 ) ), 'funded' );"

# Five attempts, each as soon as it may be: how it ended, how long the queue was put off, what a run before that does.
ATTEMPTS = """
for ( $i = 0; $i < 5; $i++ ) {
    $failed = LeykaBridge\\deliver()['end'];
    $wait   = LeykaBridge\\read_head()->next_attempt_at - time();
    $told[] = array( $failed, round( $wait, -1 ), LeykaBridge\\deliver()['end'] );
    stand_in_pass_time( $wait + 1 );
}
return $told;
"""


def numbers(receiver: Receiver) -> list[int]:
    return [delivery.json()["seq"] for delivery in receiver.came]


def test_a_delivery_is_signed(site: Site, receiver: Receiver) -> None:
    """HMAC-SHA256 over the moment and the raw body; the event's id in a header of its own."""
    site.perform(DONATE)
    site.pass_time(10)
    site.deliver()
    for delivery in receiver.came:
        found = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", delivery.headers["x-leyka-bridge-signature"])
        assert found
        message = found[1].encode() + b"." + delivery.body
        assert hmac.new(SECRET.encode(), message, hashlib.sha256).hexdigest() == found[2]
        assert abs(time.time() - int(found[1])) < 30
        assert delivery.headers["x-leyka-bridge-event"] == delivery.json()["event_id"]
        assert delivery.headers["content-type"] == "application/json; charset=utf-8"
    assert len(receiver.came) == 2


def test_a_receiver_away_for_a_day_gets_everything_in_order(site: Site, receiver: Receiver) -> None:
    """503 for a day: the same event again after a minute, two, four … an hour; then everything that has gathered."""
    receiver.status = 503
    site.perform(DONATE)
    site.pass_time(10)
    waits: list[int] = []
    while sum(waits) < DAY:
        told = site.perform(ATTEMPTS)
        assert {(ended, before) for ended, _, before in told} == {("failed", "waiting")}
        waits += [wait for _, wait, _ in told]
        site.perform(DONATE)
    assert waits == [60, 120, 240, 480, 960, 1920] + [3600] * (len(waits) - 6)
    assert numbers(receiver) == [1] * len(waits)
    receiver.status, receiver.came = 200, []
    site.pass_time(10)
    assert site.deliver()["end"] == "empty"
    assert numbers(receiver) == list(range(1, 2 * len(waits) // 5 + 3))


def test_delivery_stops_at_the_first_failure(site: Site, receiver: Receiver) -> None:
    """What was accepted is not sent again; the one refused, and all after it, wait and come in order."""
    for _ in range(3):
        site.perform(DONATE)
    site.pass_time(10)
    receiver.answers = [200, 202, 500]
    assert site.deliver() == {"sent": 2, "end": "failed"}
    assert numbers(receiver) == [1, 2, 3]
    site.pass_time(70)
    assert site.deliver() == {"sent": 4, "end": "empty"}
    assert numbers(receiver) == [1, 2, 3, 3, 4, 5, 6]
    (third,) = site.sql("SELECT attempts, last_error FROM wp_leyka_bridge_outbox WHERE seq = 3")
    assert third == {"attempts": "2", "last_error": None}


def test_a_redirect_and_a_closed_door_are_failures(site: Site, receiver: Receiver) -> None:
    """Following a redirect would lose the body; what went wrong is kept for the administrator."""
    site.perform(DONATE)
    site.pass_time(10)
    receiver.answers = [307]
    assert site.deliver() == {"sent": 0, "end": "failed"}
    assert len(receiver.came) == 1
    site.configure(url="http://127.0.0.1:9/leyka", secret=SECRET)
    site.pass_time(70)
    assert site.deliver()["end"] == "failed"
    (head,) = site.sql("SELECT attempts, last_error FROM wp_leyka_bridge_outbox WHERE seq = 1")
    assert head["attempts"] == "2"
    assert "refused" in (head["last_error"] or "")


def test_kill_9_right_after_the_status_hook_loses_no_event(site: Site, receiver: Receiver) -> None:
    """Both events are there, wait until their request is surely dead, and go with what the database says."""
    process = site.start(
        "$id = stand_in_add( array( 'name' => 'Ольга', 'amount' => 700 ) );"
        "add_action( 'transition_post_status', function () { posix_kill( getmypid(), SIGKILL ); }, 100 );"
        "stand_in_status( $id, 'funded' );"
    )
    assert process.wait(30) == -signal.SIGKILL
    process.communicate()
    site.pass_time(100)
    assert site.deliver() == {"sent": 0, "end": "waiting"}
    site.pass_time(30)
    assert site.deliver() == {"sent": 2, "end": "empty"}
    told = [delivery.json() for delivery in receiver.came]
    assert [(it["kind"], it["donation"]["status"], it["donation"]["amount"]) for it in told] == [
        ("created", "funded", "700.00"),
        ("status", "funded", "700.00"),
    ]


def test_an_event_of_a_request_still_at_work_waits(site: Site, receiver: Receiver) -> None:
    """A run in the middle of a gateway's callback sends nothing of it, and nothing that came after it."""
    result = site.perform(f"{DONATE} return LeykaBridge\\deliver();")
    assert result == {"sent": 0, "end": "waiting"}
    assert receiver.came == []
    site.pass_time(10)
    assert site.deliver()["sent"] == 2


def test_two_workers_do_not_deliver_twice(site: Site, receiver: Receiver) -> None:
    """While one waits for the receiver, the other finds the outbox taken."""
    for _ in range(2):
        site.perform(DONATE)
    site.pass_time(10)
    receiver.hold.clear()
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(site.deliver)
        assert receiver.holding.wait(30)
        assert site.deliver() == {"sent": 0, "end": "busy"}
        receiver.hold.set()
        assert slow.result() == {"sent": 4, "end": "empty"}
    assert numbers(receiver) == [1, 2, 3, 4]


def test_a_worker_killed_while_sending_leaves_the_event_to_the_next(site: Site, receiver: Receiver) -> None:
    """Nobody knows whether the receiver took it: it comes again, under the same id, and the lock is free at once."""
    site.perform(DONATE)
    site.pass_time(10)
    receiver.hold.clear()
    process: subprocess.Popen[str] = site.start("LeykaBridge\\deliver();")
    assert receiver.holding.wait(30)
    process.kill()
    process.communicate()
    receiver.hold.set()
    deadline = time.monotonic() + 10
    while (result := site.deliver())["end"] == "busy" and time.monotonic() < deadline:
        time.sleep(0.05)  # the server has yet to notice that the connection is gone
    assert result == {"sent": 2, "end": "empty"}
    assert numbers(receiver) == [1, 1, 2]
    assert receiver.came[0].body == receiver.came[1].body


def test_wp_cron_delivers(site: Site, receiver: Receiver) -> None:
    """A call of wp-cron.php, as the real cron makes it, empties the outbox and puts the next run a minute later."""
    site.perform(DONATE)
    site.pass_time(10)
    site.perform("wp_clear_scheduled_hook( 'leyka_bridge_deliver' );")
    assert httpx.get(f"{site.url}/wp-cron.php", timeout=60, trust_env=False).status_code == 200
    deadline = time.monotonic() + 10
    while len(receiver.came) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert numbers(receiver) == [1, 2]
    assert 0 < site.perform("return wp_next_scheduled( 'leyka_bridge_deliver' ) - time();") <= 60


def test_without_constants_events_are_kept(site: Site, receiver: Receiver) -> None:
    """They wait in the outbox, and leave once wp-config.php names the receiver."""
    site.configure()
    site.perform(DONATE)
    site.pass_time(10)
    assert site.deliver() == {"sent": 0, "end": "unconfigured"}
    site.configure(url=receiver.url, secret=SECRET)
    assert site.deliver() == {"sent": 2, "end": "empty"}


def test_donors_never_wait_for_the_receiver(site: Site, receiver: Receiver) -> None:
    """The request of a donor sends nothing through WordPress to anybody, not even when it ends."""
    site.perform("add_filter( 'pre_http_request', function () { error_log( 'a request left' ); } );" + DONATE)
    assert "a request left" not in site.complaints()
    assert receiver.came == []
