"""How long answers take in real time, as over a network and from a portal that works: for measuring clients."""

import asyncio
from time import monotonic

from backoffice.sandbox.bitrix24.config import PortalConfig


class Pace:
    """An answer leaves no sooner than the configuration says after its request came."""

    def __init__(self, config: PortalConfig) -> None:
        self._config = config
        self.behind = 0.0
        """By how many seconds the sandbox itself, or a fault, made an answer later than that, at most."""

    async def keep(self, arrived: float, commands: int) -> None:
        """Wait until the answer may leave; `arrived` is a moment of the monotonic clock."""
        config = self._config
        if not (config.request_seconds or config.command_seconds):
            return
        due = arrived + config.request_seconds + config.command_seconds * commands
        early = due - monotonic()
        self.behind = max(self.behind, -early)
        if early > 0:
            await asyncio.sleep(early)
