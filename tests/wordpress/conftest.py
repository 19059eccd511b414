"""A WordPress with the plugin in it, made once for the session, and a receiver that keeps what it is sent."""

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.wordpress.site import SECRET, Site, database_server, find_missing, free_port, unpack

PACKAGES = "wordpress php-cli php-mysql mariadb-server gettext"
CLEAN = """
global $wpdb;
$wpdb->query( "DELETE FROM {$wpdb->posts} WHERE post_type IN ( 'leyka_donation', 'leyka_campaign' )" );
$wpdb->query( "DELETE FROM {$wpdb->postmeta}" );
$wpdb->query( "TRUNCATE {$wpdb->prefix}leyka_bridge_outbox" );
delete_option( 'leyka_donations_storage_type' );
"""


@dataclass(frozen=True)
class Delivery:
    """One request that came to the receiver."""

    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """Answers `status` to everything, or what `answers` has first; keeps the requests in the order they came."""

    url: str = ""
    status: int = 200
    answers: list[int] = field(default_factory=list)
    came: list[Delivery] = field(default_factory=list)
    hold: threading.Event = field(default_factory=threading.Event)
    holding: threading.Event = field(default_factory=threading.Event)

    def take(self, delivery: Delivery) -> int:
        self.came.append(delivery)
        self.holding.set()
        self.hold.wait(30)
        return self.answers.pop(0) if self.answers else self.status


@pytest.fixture(scope="session")
def listening() -> Iterator[tuple[Receiver, ThreadingHTTPServer]]:
    """The receiver's server; `receiver` shows it afresh to each test."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(receiver.take(Delivery({name.lower(): it for name, it in self.headers.items()}, body)))
            self.send_header("Content-Length", "0")
            self.send_header("Location", f"{receiver.url}/elsewhere")  # heeded only with a status of redirection
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on the screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/leyka"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield receiver, server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def receiver(listening: tuple[Receiver, ThreadingHTTPServer]) -> Iterator[Receiver]:
    """A receiver that has been sent nothing yet."""
    receiver, _ = listening
    receiver.status, receiver.answers, receiver.came = 200, [], []
    receiver.hold.set()
    receiver.holding.clear()
    yield receiver
    receiver.hold.set()


@pytest.fixture(scope="session")
def wordpress(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    """The files of WordPress, and the port of a database server."""
    if missing := find_missing():
        reason = (
            f"not installed: {', '.join(missing)} (apt-get install wordpress php-cli php-mysql mariadb-server gettext)"
        )
        if os.environ.get("WORDPRESS_REQUIRED"):
            pytest.fail(reason)
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("wordpress")
    with database_server(folder) as port:
        yield unpack(folder / "site"), port


@pytest.fixture(scope="session")
def installed(wordpress: tuple[Path, int]) -> Iterator[Site]:
    """A site with the plugin active; `site` shows it afresh to each test."""
    root, database_port = wordpress
    site = Site(root, database_port, "site", free_port(), root.parent / "site.log")
    site.install()
    with site.serving():
        site.perform("activate_plugin( 'leyka-stand-in/leyka-stand-in.php' );")
        site.perform("_set_cron_array( array() );")
        site.perform("activate_plugin( 'leyka-bridge/leyka-bridge.php' );")
        yield site


@pytest.fixture
def site(installed: Site, receiver: Receiver) -> Iterator[Site]:
    """The site before its first donation. Whatever a test does, PHP has nothing to complain about."""
    installed.perform(CLEAN)
    installed.configure(url=receiver.url, secret=SECRET)
    before = len(installed.complaints())
    yield installed
    assert installed.complaints()[before:] == ""
