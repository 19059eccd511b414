"""Headless Chromium for pictures and for the test of the page inside the portal, over its DevTools protocol."""

import base64
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from deployments.errors import StandFailed

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WITHIN_SECONDS = 30.0
LOOK_EVERY_SECONDS = 0.05
# The pages of the stand are on one machine and ours: what isolates strangers from each other is left out.
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-site-isolation-trials",
    "--disable-features=IsolateOrigins,site-per-process,Translate",
    "--no-first-run",
    "--no-proxy-server",
    "--hide-scrollbars",
    "--lang=ru",
    "--test-third-party-cookie-phaseout",  # as in a portal's frame today
    "--remote-debugging-port=0",
)


class BrowserFailed(StandFailed):
    """Chromium is not there, did not start, or did not show what was waited for."""


def find_chromium() -> str | None:
    """Its program, if it is installed."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Page:
    """One tab. `frame` is the index of a frame in the document, None the document itself."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._last = 0
        self._session: str | None = None
        target = self.command("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.command("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.command("Page.enable")

    def command(self, method: str, **params: Any) -> Any:
        """One command of the protocol; what the browser tells in between is passed over."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        self._connection.send(json.dumps(message | ({"sessionId": self._session} if self._session else {})))
        while True:
            answer = json.loads(self._connection.recv(WITHIN_SECONDS))
            if answer.get("id") == self._last:
                break
        if "error" in answer:
            raise BrowserFailed(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def size(self, width: int, height: int, scale: float = 1) -> None:
        """The window."""
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False
        )

    def go(self, url: str) -> None:
        """Open an address; BrowserFailed if nothing answers there."""
        if reason := self.command("Page.navigate", url=url).get("errorText"):
            raise BrowserFailed(f"{url}: {reason}")

    def value(self, expression: str, frame: int | None = None) -> Any:
        """The value of an expression of JavaScript, run beside the page's own scripts."""
        world = self.command("Page.createIsolatedWorld", frameId=self._frame(frame))["executionContextId"]
        answer = self.command("Runtime.evaluate", expression=expression, contextId=world, returnByValue=True)
        if "exceptionDetails" in answer:
            raise BrowserFailed(f"{expression}: {answer['exceptionDetails'].get('exception', {}).get('description')}")
        return answer["result"].get("value")

    def until(self, expression: str, frame: int | None = None, within_seconds: float = WITHIN_SECONDS) -> Any:
        """Wait until the expression is true, and give its value; true for an element of the page, which has none."""
        plain = f"(found => found instanceof Node || found)({expression})"
        return _until(lambda: self._tried(plain, frame), expression, within_seconds)

    def press(self, key: str, code: int, text: str = "") -> None:
        """A key goes down and up; `code` is its virtual key code."""
        known = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.command("Input.dispatchKeyEvent", type="keyDown", text=text, **known)
        self.command("Input.dispatchKeyEvent", type="keyUp", **known)

    def type(self, text: str) -> None:
        """Text into what has the focus."""
        self.command("Input.insertText", text=text)

    def picture(self, to: Path) -> None:
        """What the window shows, as PNG."""
        shot = self.command("Page.captureScreenshot", format="png")
        to.write_bytes(base64.b64decode(shot["data"]))

    def _tried(self, expression: str, frame: int | None) -> Any:
        try:
            return self.value(expression, frame)
        except BrowserFailed:
            return None  # the document is being replaced, or the frame is not there yet

    def _frame(self, index: int | None) -> str:
        tree = self.command("Page.getFrameTree")["frameTree"]
        if index is None:
            return str(tree["frame"]["id"])
        frames = tree.get("childFrames", [])
        if index >= len(frames):
            raise BrowserFailed(f"there is no frame {index}")
        return str(frames[index]["frame"]["id"])


@contextmanager
def browser_page() -> Iterator[Page]:
    """A tab of a browser of its own, with an empty profile; gone afterwards."""
    program = find_chromium()
    if program is None:
        raise BrowserFailed("Нет Chromium. В Debian и Ubuntu: apt-get install chromium")
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        _started(program, Path(profile)) as address,
        closing(connect(address, max_size=None, proxy=None)) as connection,
    ):
        yield Page(connection)


@contextmanager
def _started(program: str, profile: Path) -> Iterator[str]:
    command = [program, *OPTIONS, f"--user-data-dir={profile}", "about:blank"]
    process = subprocess.Popen(  # noqa: S603 - the browser that was found
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    told = profile / "DevToolsActivePort"
    try:
        port, path = _until(lambda: told.exists() and told.read_text().split(), "Chromium", WITHIN_SECONDS)
        yield f"ws://127.0.0.1:{port}{path}"
    finally:
        process.terminate()
        process.wait()


def _until(value: Callable[[], Any], what: str, within_seconds: float) -> Any:
    deadline = time.monotonic() + within_seconds
    while not (found := value()):
        if time.monotonic() > deadline:
            raise BrowserFailed(f"За {within_seconds:.0f} с не дождались: {what}")
        time.sleep(LOOK_EVERY_SECONDS)
    return found
