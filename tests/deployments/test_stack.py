"""The stand: whatever happens inside, nothing of it is left running."""

import fcntl
import os
import signal
import smtplib
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from deployments.environment import Addresses, environment
from deployments.errors import ProgramFailed, StackBusy
from deployments.programs import Program, Running
from deployments.stack import Stack, running_stack

# A process holds `lock` in its folder for as long as it lives.
ALIVE = "import fcntl, time; held = open('lock', 'w'); fcntl.flock(held, fcntl.LOCK_EX); time.sleep(600)"

STUBBORN = f"""
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", {ALIVE!r}])
time.sleep(600)
"""

INTERRUPTIBLE = f"""
import os, signal, sys, time
from contextlib import ExitStack
from pathlib import Path
from deployments.interruption import interruptible, uninterrupted
from deployments.programs import Program, Running

signal.signal(int(sys.argv[1]), signal.SIG_IGN)
with interruptible(), ExitStack() as running:
    with uninterrupted():
        child = Running(Program("child", ("-c", {ALIVE!r}), Path("log")), os.environ, Path.cwd())
        running.callback(child.stop)
    time.sleep(600)
"""


def alive(folder: Path) -> bool:
    """Does a process hold the lock of the folder?"""
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def becomes(folder: Path, expected: bool) -> bool:
    deadline = time.monotonic() + 10
    while alive(folder) != expected and time.monotonic() < deadline:
        time.sleep(0.05)
    return alive(folder) == expected


def started(folder: Path, code: str) -> Running:
    return Running(Program("пробная", ("-u", "-c", code), folder / "log"), os.environ, folder)


def takes_letters(port: str) -> bool:
    try:
        with smtplib.SMTP("127.0.0.1", int(port), timeout=5) as client:
            return client.noop()[0] == 250
    except ConnectionRefusedError:
        return False


def answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).is_success
    except httpx.ConnectError:
        return False


def test_a_failure_inside_leaves_nothing_running(tmp_path: Path) -> None:
    """The sandbox, its mail server and the gateway answer, the body raises, nobody answers any more."""
    answered: list[bool] = []

    def fail(stack: Stack) -> None:
        answered.extend(
            map(answers, (f"{stack.addresses.gateway}/health", f"{stack.addresses.sandbox}/_sandbox/clock"))
        )
        answered.append(takes_letters(stack.addresses.smtp_port))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), running_stack("test", prefect=False, var=tmp_path) as stack:
        fail(stack)
    assert answered == [True, True, True]
    assert not takes_letters(stack.addresses.smtp_port)
    assert not answers(f"{stack.addresses.gateway}/health")
    assert not answers(f"{stack.addresses.sandbox}/_sandbox/clock")


def test_the_death_of_a_program_is_noticed(tmp_path: Path) -> None:
    """Which one it was, and what it said last; a program that was to end is not missed."""
    with running_stack("test", prefect=False, var=tmp_path) as stack:
        stack.run("passing", "-c", "print('готово')", within_seconds=30)
        stack.start("frail", "-c", "raise SystemExit('память кончилась')")
        with pytest.raises(ProgramFailed, match=r"(?s)«frail» завершилась с кодом 1.*память кончилась"):
            stack.watch()


def test_a_second_stand_of_one_name_is_refused(tmp_path: Path) -> None:
    """It says so instead of wiping the first one's data."""
    with (
        running_stack("test", prefect=False, var=tmp_path),
        pytest.raises(StackBusy, match="make test"),
        running_stack("test", prefect=False, var=tmp_path),
    ):
        pass


def test_a_stubborn_program_and_its_child_are_ended(tmp_path: Path) -> None:
    """SIGTERM is ignored: the whole group is killed when the patience has run out."""
    program = started(tmp_path, STUBBORN)
    assert becomes(tmp_path, True)
    program.stop(patience=0.2)
    assert becomes(tmp_path, False)


def test_a_program_that_ends_early_is_quoted(tmp_path: Path) -> None:
    """Not «not ready», but what it said last."""
    program = started(tmp_path, "raise SystemExit('порт занят')")
    with pytest.raises(ProgramFailed, match="порт занят"):
        program.wait_until(lambda: False, time.monotonic() + 10)


def test_a_program_that_said_nothing_is_said_to_have_said_nothing(tmp_path: Path) -> None:
    """Nobody looks for what was lost after the colon."""
    program = started(tmp_path, "raise SystemExit(3)")
    with pytest.raises(ProgramFailed, match=r"журнала .*:\n\(журнал пуст\)$"):
        program.wait_until(lambda: False, time.monotonic() + 10)


def test_a_program_that_is_never_ready_is_given_up(tmp_path: Path) -> None:
    """The deadline holds."""
    program = started(tmp_path, "import time; time.sleep(600)")
    with pytest.raises(ProgramFailed, match="не ответила вовремя"):
        program.wait_until(lambda: False, time.monotonic() + 0.3)
    program.stop()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_what_was_started(tmp_path: Path, number: signal.Signals) -> None:
    """Also when the signal was handed down ignored, as a shell does to what it starts in the background."""
    command = [sys.executable, "-c", INTERRUPTIBLE, str(int(number))]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE) as stand:  # noqa: S603 - our own interpreter
        assert becomes(tmp_path, True)
        stand.send_signal(number)
        stand.communicate(timeout=20)
    assert stand.returncode != 0
    assert not alive(tmp_path)


def test_a_persons_own_settings_do_not_reach_the_stand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A demo on a machine that serves a real portal touches neither that portal nor its Prefect."""
    monkeypatch.setenv("BITRIX24_WEBHOOK_URL", "https://portal.example.org/rest/1/secret/")
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "admin:secret")
    monkeypatch.setenv("SMTP_HOST", "smtp.example.org")
    monkeypatch.setenv("SMSC_PASSWORD", "secret")
    told = environment(Addresses("http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3", "4"), tmp_path)
    assert not {"PREFECT_API_AUTH_STRING", "SMSC_PASSWORD"} & told.keys()
    assert (told["SMTP_HOST"], told["SMTP_PORT"]) == ("127.0.0.1", "4")
    assert told["BITRIX24_WEBHOOK_URL"].startswith("http://127.0.0.1:1/")
