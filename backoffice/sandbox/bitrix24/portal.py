"""The portal's state: configuration, limits, CRM, tasks, catalogue, lists, people, notifications, outgoing webhooks."""

import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backoffice.sandbox.bitrix24.applications import Applications
from backoffice.sandbox.bitrix24.catalog.store import Catalog
from backoffice.sandbox.bitrix24.config import PortalConfig
from backoffice.sandbox.bitrix24.crm.store import Crm
from backoffice.sandbox.bitrix24.dump import dump_portal
from backoffice.sandbox.bitrix24.hooks import Hooks
from backoffice.sandbox.bitrix24.limits import LeakyBucket, OperatingTime
from backoffice.sandbox.bitrix24.pace import Pace
from backoffice.sandbox.bitrix24.rest_3.replays import Replays
from backoffice.sandbox.bitrix24.tasks.store import Tasks
from backoffice.sandbox.bitrix24.universal_lists.store import UniversalLists
from backoffice.sandbox.bitrix24.users import User, initial_users
from backoffice.sandbox.clock import Clock
from backoffice.sandbox.mail.mailbox import Mailbox


@dataclass(frozen=True)
class Notification:
    """What `im.notify.*` put into somebody's bell; the tag replaces an earlier one of its sender."""

    id: int
    user_id: int
    kind: str  # personal or system
    message: str
    tag: str
    created: datetime
    sender: str = ""  # the application, or what a webhook calls itself


@dataclass
class Portal:
    """Everything a method may touch; `lock` is held while one runs."""

    clock: Clock
    config: PortalConfig = field(default_factory=PortalConfig)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.hooks = Hooks(self.clock)
        self.mailbox = Mailbox(self.clock)
        self._fill()

    def clear(self) -> None:
        """As a new portal; the configuration stays."""
        with self.lock:
            self.hooks.clear()
            self._fill()

    def dump(self, *, with_times: bool = False) -> dict[str, Any]:
        """All business state in a stable order; equal histories give equal dumps unless times are asked for."""
        with self.lock:
            return dump_portal(self, with_times=with_times)

    def clear_limits(self) -> None:
        """As if nobody had asked anything yet."""
        self.bucket = LeakyBucket(self.clock, self.config)
        self.operating = OperatingTime(self.clock, self.config)
        self.pace = Pace(self.config)

    def _fill(self) -> None:
        self.clear_limits()
        self.crm = Crm(self.clock, self.hooks)
        self.lists = UniversalLists(self.clock)
        self.tasks = Tasks(self.clock, self.hooks)
        self.replays = Replays(self.clock)
        self.catalog = Catalog(self.clock)
        self.users: dict[int, User] = initial_users()
        self.notifications: dict[int, Notification] = {}
        self.applications = Applications(self.clock, self.config)
