"""A throw-away WordPress with the bridge in it: its database server, its web server, and what a test asks of them."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

HERE = Path(__file__).parent
PLUGIN = HERE.parents[1] / "deployments" / "wordpress" / "leyka-bridge"
WORDPRESS = Path("/usr/share/wordpress")  # where Debian's package puts it
# Debian keeps servers where the path of an ordinary user does not lead.
MARIADBD = shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin") or "mariadbd"
PROGRAMS = ("php", MARIADBD, "mariadb-install-db", "msgfmt", "xgettext")
SECRET = "a secret of the tests"
START_SECONDS = 60
# Debian's WordPress is older than its PHP: what is said of declarations in its files while they are compiled.
DEBIANS_OWN = re.compile(r"PHP Deprecated:  (Return type of Requests_|Optional parameter ).* in \S+/wp-includes/")


class SiteFailed(Exception):
    """A program of the site did not do what the test needs."""


def find_missing() -> list[str]:
    """What the tests need and this machine has not."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if not (WORDPRESS / "wp-load.php").exists():
        missing.append(str(WORDPRESS))
    return missing


def free_port() -> int:
    """A port that nobody listens on, and that no outgoing connection is given before a server has started there."""
    first = 20_000 + os.getpid() * 10 % 10_000
    for port in range(first, first + 1000):
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port
    raise SiteFailed(f"no free port from {first} on")


@contextmanager
def program(command: list[str], port: int, log: Path, environment: dict[str, str] | None = None) -> Iterator[None]:
    """Run a server until it listens, and stop it on leaving."""
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - a command of ours
            command, env=os.environ | (environment or {}), stdout=output, stderr=output, start_new_session=True
        )
    try:
        _wait_for(port, process, log)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # PHP's server leaves its workers behind otherwise
        process.wait(START_SECONDS)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise SiteFailed(f"{process.args!r} does not listen on {port}: {log.read_text(errors='replace')[-2000:]}")


@contextmanager
def database_server(folder: Path) -> Iterator[int]:
    """A MariaDB of our own, with a data folder of its own, on a free port of this machine."""
    data, log = folder / "data", folder / "mariadb.log"
    user = ["--user=root"] if os.geteuid() == 0 else []
    create = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"]
    done = subprocess.run(  # noqa: S603 - a command of ours
        [*create, "--skip-test-db", "--innodb-log-file-size=8M", *user], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SiteFailed(done.stdout + done.stderr)
    port = free_port()
    options = ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=8M"]
    listen = ["--bind-address=127.0.0.1", f"--port={port}", f"--socket={folder / 'mariadb.sock'}"]
    files = [f"--datadir={data}", f"--pid-file={folder / 'mariadb.pid'}"]
    with program([MARIADBD, "--no-defaults", *files, *listen, *options, *user], port, log):
        yield port


def unpack(root: Path) -> Path:
    """A copy of Debian's WordPress with the plugin, the stand-in for Leyka and our configuration in it."""
    shutil.copytree(WORDPRESS, root, ignore=shutil.ignore_patterns("wp-config.php", "akismet", ".htaccess"))
    plugins = root / "wp-content" / "plugins"
    shutil.copytree(PLUGIN, plugins / "leyka-bridge")
    (plugins / "leyka-stand-in").mkdir()
    shutil.copy(HERE / "stand-in" / "leyka-stand-in.php", plugins / "leyka-stand-in")
    for name in ("wp-config.php", "install.php", "perform.php"):
        shutil.copy(HERE / "stand-in" / name, root)
    return root


@dataclass(frozen=True)
class Site:
    """One WordPress: the folder of its files, its database and its address."""

    root: Path
    database_port: int
    database: str
    port: int
    log: Path
    is_network: bool = False

    @property
    def host(self) -> str:
        """Networks are asked by name only, in processes of their own: WordPress knows none with a port."""
        return "fund.example.org" if self.is_network else f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    @property
    def environment(self) -> dict[str, str]:
        network = {"SITE_NETWORK": "1"} if self.is_network else {}
        return network | {
            "SITE_DATABASE": self.database,
            "SITE_DATABASE_HOST": f"127.0.0.1:{self.database_port}",
            "SITE_HOST": self.host,
            "SITE_LOG": str(self.log),
            "SITE_BRIDGE": str(self._constants),
            "PHP_CLI_SERVER_WORKERS": "4",
        }

    @property
    def _constants(self) -> Path:
        return self.log.with_suffix(".json")

    def install(self) -> None:
        """An empty database becomes a site, or a network of sites."""
        self.configure()
        self._finish(self._php(["install.php"], "", {}))

    def configure(self, **constants: str | int) -> None:
        """What wp-config.php defines for the bridge from the next request on; nothing if nothing is given."""
        self._constants.write_text(json.dumps({f"LEYKA_BRIDGE_{name.upper()}": it for name, it in constants.items()}))

    @contextmanager
    def serving(self) -> Iterator[None]:
        """The web server: several requests at once, errors into the log."""
        command = ["php", *self._options(), "-S", self.host, "-t", str(self.root)]
        with program(command, self.port, self.log.with_suffix(".server.log"), self.environment):
            yield

    def perform(self, code: str) -> Any:
        """One web request in which Leyka does this; gives what the code returns."""
        answer = httpx.post(f"{self.url}/perform.php", content=code.encode(), timeout=60, trust_env=False)
        if answer.status_code != 200:
            raise SiteFailed(f"{answer.status_code}: {answer.text}")
        return answer.json()

    def start(self, code: str, path: str = "/") -> subprocess.Popen[str]:
        """The same in a PHP process of its own, which may be killed."""
        return self._php(["perform.php"], code, {"SITE_PATH": path})

    def perform_alone(self, code: str, path: str = "/") -> Any:
        """The same in a process of its own, on the site of a network at this path."""
        return json.loads(self._finish(self.start(code, path)))

    def _php(self, command: list[str], code: str, environment: dict[str, str]) -> subprocess.Popen[str]:
        process = subprocess.Popen(  # noqa: S603 - a command of ours
            ["php", *self._options(), *command],  # noqa: S607 - whichever PHP is installed
            cwd=self.root,
            env=os.environ | self.environment | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        process.stdin.write(code)
        process.stdin.close()
        process.stdin = None
        return process

    def _finish(self, process: subprocess.Popen[str]) -> str:
        output, errors = process.communicate(timeout=START_SECONDS)
        if process.returncode:
            raise SiteFailed(output + errors + self.complaints())
        return output

    def _options(self) -> list[str]:
        settings = {"error_reporting": "-1", "display_errors": "0", "log_errors": "1", "error_log": str(self.log)}
        return [part for name, value in settings.items() for part in ("-d", f"{name}={value}")]

    def sql(self, query: str) -> list[dict[str, str | None]]:
        """The rows that a query of the site's database answers with; NULL is None, everything else a string."""
        code = f"global $wpdb; return $wpdb->get_results( <<<'SQL'\n{query}\nSQL\n);"
        rows: list[dict[str, str | None]] = self.perform(code)
        return rows

    def deliver(self) -> dict[str, Any]:
        """What WP-Cron does each minute, now; gives how many events went and why no more."""
        result: dict[str, Any] = self.perform("return LeykaBridge\\deliver();")
        return result

    def pass_time(self, seconds: int) -> None:
        """Whatever the outbox knows happened, or was put off to, so much earlier."""
        self.perform(f"stand_in_pass_time( {seconds} );")

    def complaints(self) -> str:
        """What PHP and WordPress have complained about so far; not what PHP 8 says of Debian's WordPress itself."""
        lines = self.log.read_text().splitlines(keepends=True) if self.log.exists() else []
        return "".join(line for line in lines if not DEBIANS_OWN.search(line))
