"""What the person who asked for an import sees of it."""

from typing import Any

from backoffice.gateway.dispatcher import Dispatcher
from backoffice.gateway.runs import Runs, RunUnknown, SeenRun
from backoffice.store.inbox import HANDLED, InboxRow

# What the message of a failed run contains, and the same for people; the first that fits counts.
REASONS = {
    "такого мероприятия": "Такого мероприятия у организации на Таймпаде нет.",
    "TimepadUnavailable": "Таймпад не отвечает. Повторите позже; обход по расписанию перенесёт мероприятие и сам.",
    "TimepadRefused": "Таймпад отказал: проверьте TIMEPAD_TOKEN и его права.",
    "PortalUnreachable": "Портал не отвечает. Повторите позже.",
    "PortalLacks": "На портале нет нужного списка или полей: запустите portal-setup.",
}
LONGEST_REASON = 500


class Progress:
    """`origin`: only links into the portal are shown."""

    def __init__(self, origin: str, runs: Runs, dispatcher: Dispatcher) -> None:
        self._origin = origin
        self._runs = runs
        self._dispatcher = dispatcher

    async def of(self, row: InboxRow) -> dict[str, Any]:
        """What the template shows; `silent` if Prefect does not answer, `run` is None if it is not known."""
        run, silent = None, self._dispatcher.in_outage
        if row.flow_run_id is not None:
            try:
                run = await self._runs.look(row.flow_run_id)
            except RunUnknown:
                silent = True
        done = run.ended if run is not None else row.state == HANDLED
        return {
            "row": row,
            "run": run,
            "silent": silent,
            "done": done,
            "link": self._inside(run),
            "reason": reason(run.message) if run else "",
        }

    def _inside(self, run: SeenRun | None) -> tuple[str, str] | None:
        link = run.link if run is not None else None
        return link if link is not None and link[1].startswith(f"{self._origin}/") else None


def reason(message: str) -> str:
    """Why a run failed, in words for people; Prefect's own where we have none."""
    return next((words for name, words in REASONS.items() if name in message), message[:LONGEST_REASON])
