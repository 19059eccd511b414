"""The stand: sandbox, Prefect server, gateway and worker as child processes of one command, on free loopback ports.

Everything is made anew in `var/<name>/` at each start: the sandbox keeps its portal in memory, so older data of ours
would speak of a portal that is gone. Logs are in `var/logs/<name>/`.
"""

import fcntl
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx

from deployments.environment import CHECKOUT, POOL, Addresses, environment, free_addresses, port
from deployments.errors import ProgramFailed, StackBusy
from deployments.interruption import uninterrupted
from deployments.programs import LOOK_EVERY_SECONDS, Program, Running

VAR = CHECKOUT / "var"
READY_WITHIN_SECONDS = 90.0
PREFECT_SERVER = ("-m", "prefect", "server", "start", "--host", "127.0.0.1")
PREFECT_WORKER = ("-m", "prefect", "worker", "start", "--pool", POOL, "--type", "process", "--name", "stand")


class Stack:
    """The programs of the stand that were started so far."""

    def __init__(self, name: str, addresses: Addresses, var: Path) -> None:
        self.addresses = addresses
        self.folder = _fresh(var / name)
        self.logs = _fresh(var / "logs" / name)
        self.programs: list[Running] = []
        self._ended: list[Running] = []
        self._environment = environment(addresses, self.folder)
        self._deadline = time.monotonic() + READY_WITHIN_SECONDS

    def start(self, name: str, *arguments: str) -> Running:
        """Start a program of the stand; it is stopped with the stand, the last started first."""
        with uninterrupted():
            running = Running(Program(name, arguments, self.logs / f"{name}.log"), self._environment, self.folder)
            self.programs.append(running)
        return running

    def run(self, name: str, *arguments: str, within_seconds: float) -> str:
        """Run a program to its end and return what it printed; ProgramFailed if it fails or takes longer."""
        running = self.start(name, *arguments)
        if code := running.wait(time.monotonic() + within_seconds):
            raise ProgramFailed(f"Программа «{name}» завершилась с кодом {code}:\n{running.tail()}")
        self._ended.append(running)
        return running.program.log.read_text(encoding="utf-8")

    def ready(self, running: Running, check: Callable[[], bool]) -> None:
        """Wait for a program within the time given to the whole start."""
        running.wait_until(check, self._deadline)

    def watch(self) -> None:
        """Stay while all that should run runs; ProgramFailed names the first that ended, quoting its log."""
        while True:
            for running in self.programs:
                if running not in self._ended:
                    running.demand_alive()
            time.sleep(LOOK_EVERY_SECONDS)

    def stop(self) -> None:
        """Stop everything that was started, in reverse."""
        with ExitStack() as stopping:  # the next one is stopped even if one fails to
            for running in self.programs:
                stopping.callback(running.stop)


@contextmanager
def running_stack(name: str, *, prefect: bool = True, var: Path = VAR) -> Iterator[Stack]:
    """The stand, ready; stopped on the way out, whatever the reason. `prefect=False` leaves out server and worker.

    Raises ProgramFailed quoting the log of what would not start, StackBusy if a stand of this name is running.
    """
    with _alone(name, var):
        stack = Stack(name, free_addresses(), var)
        try:
            _start_programs(stack, prefect)
            yield stack
        finally:
            stack.stop()


def _start_programs(stack: Stack, prefect: bool) -> None:
    """All at once, because the Prefect server takes most of the time; the worker last, because it needs the server."""
    at = stack.addresses
    server = stack.start("prefect-server", *PREFECT_SERVER, "--port", port(at.prefect)) if prefect else None
    ports = ("--port", port(at.sandbox), "--smtp-port", at.smtp_port)
    sandbox = stack.start("sandbox", "-m", "backoffice.sandbox", *ports, "--seed", "seminar")
    gateway = stack.start("gateway", "-m", "backoffice.gateway", "--port", port(at.gateway))
    stack.ready(sandbox, lambda: _answers(f"{at.sandbox}/_sandbox/clock"))
    stack.ready(gateway, lambda: _answers(f"{at.gateway}/health"))
    if server is None:
        return
    stack.ready(server, lambda: _answers(f"{at.prefect_api}/health"))
    worker = stack.start("worker", *PREFECT_WORKER)
    stack.ready(worker, lambda: _worker_is_online(at.prefect_api))


@contextmanager
def _alone(name: str, var: Path) -> Iterator[None]:
    """Hold the name; StackBusy if somebody holds it. The lock ends with the process, however it ends."""
    var.mkdir(exist_ok=True)
    with (var / f"{name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackBusy(f"В этой папке уже работает «make {name}»: остановите его и повторите.") from None
        yield


def _answers(url: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(url, timeout=5, trust_env=False).is_success
    return False


def _worker_is_online(prefect_api: str) -> bool:
    online = {"workers": {"status": {"any_": ["ONLINE"]}}}
    url = f"{prefect_api}/work_pools/{POOL}/workers/filter"
    with suppress(httpx.TransportError):
        answer = httpx.post(url, json=online, timeout=5, trust_env=False)
        return answer.is_success and bool(answer.json())
    return False


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
