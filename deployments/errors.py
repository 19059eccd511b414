"""Why a stand or a deployment did not do what it should. The messages are for the person at the terminal.

StandFailed
 ├─ StackBusy        another stand of this name runs in this checkout
 ├─ ProgramFailed    a program ended, or was not ready in time
 ├─ RunUnfinished    a run did not appear, or did not end in time
 └─ RunFailed        a run ended badly
ServerUnusable       the Prefect server of PREFECT_API_URL does not answer, or does not let us in
"""


class StandFailed(RuntimeError):
    """There is nothing to show."""


class StackBusy(StandFailed):
    """Another stand of this name is running in this checkout."""


class ProgramFailed(StandFailed):
    """A program ended, or was not ready in time; the message quotes the end of its log."""


class RunUnfinished(StandFailed):
    """A run did not appear or did not end in time; the message says how far it got."""


class RunFailed(StandFailed):
    """A run did not complete; the message says how it ended and where to look."""


class ServerUnusable(RuntimeError):
    """The message says which variable to look at, and holds no password."""
