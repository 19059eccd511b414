"""What a sweep did, for the people who look at its run."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from backoffice.rules.lesson_due import Reminder
from backoffice.rules.lesson_verdicts import Judged, Verdict
from backoffice.rules.sending import STATE_WORDS, Sent, State


class SendingFailed(Exception):
    """Some reminders could not be sent although they were due; the others are. Each with its deal and the reason."""


@dataclass
class Report:
    """The verdicts of a sweep in their order, and what became of what was sent, by reminder key.

    `told`: how many notes went to managers; `stopped`: why no SMS can be sent as we are set up.
    """

    judged: list[Judged] = field(default_factory=list)
    sent: dict[str, Sent] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    told: int = 0
    stopped: str = ""

    def note(
        self, judged: Iterable[Judged], sent: Iterable[Sent] = (), refused: Mapping[str, str] | None = None
    ) -> None:
        """Take in a portion; `refused`: reminder key -> why no letter could be written."""
        self.judged += judged
        self.sent |= {message.draft.key: message for message in sent}
        self.refused |= refused or {}

    @property
    def title(self) -> str:
        """What the sweep did, in a line: «писем 12, СМС 1, уведомлений 2»; what there was none of is left out."""
        numbers = Counter(map(self._entry, self.judged)) + Counter({NOTES: self.told})
        entries = [f"{entry} {numbers[entry]}" for entry in ENTRIES if numbers[entry]]
        return ", ".join(entries) or ("ничего не отправлено" if self.judged else "никому не пора")

    @property
    def counts(self) -> Counter[str]:
        """How many of each fate."""
        return Counter(self.fate(one.reminder, one.verdict) for one in self.judged)

    def fate(self, reminder: Reminder, verdict: Verdict) -> str:
        """What became of a reminder, in a word or two."""
        if reminder.key in self.refused:
            return "не написано"
        state = self._state(reminder, verdict)
        return f"{verdict}: {STATE_WORDS[state]}" if state else str(verdict)

    def reason(self, one: Judged) -> str:
        """Why, where that needs saying."""
        message = self.sent.get(one.reminder.key)
        return self.refused.get(one.reminder.key) or (message.reason if message else "") or one.why

    def _entry(self, one: Judged) -> str:
        """What the title counts a reminder under; empty if under nothing."""
        if one.reminder.key in self.refused:
            return ""
        state = self._state(one.reminder, one.verdict)
        return ENDED_AS[state] if state and state not in WENT else WENT_AS.get(one.verdict, "")

    def _state(self, reminder: Reminder, verdict: Verdict) -> State | None:
        """Where its message stands, if there is one or will be."""
        message = self.sent.get(reminder.key)
        if message is not None:
            return message.state
        return State.QUEUED if self.stopped and verdict is Verdict.SMS else None

    def refusal(self, one: Judged) -> str:
        """Why a message could not be written or was refused for good; empty if neither."""
        message = self.sent.get(one.reminder.key)
        if message is not None and message.state is State.FAILED:
            return message.reason
        return self.refused.get(one.reminder.key, "")

    def refused_message(self, one: Judged) -> int | None:
        """The number of the message that was refused for good; None if there is no such message."""
        message = self.sent.get(one.reminder.key)
        return message.message_id if message is not None and message.state is State.FAILED else None

    def demand_complete(self) -> None:
        """SendingFailed if a message was refused for good, or SMS cannot be sent at all.

        What could not even be written the manager is told once.
        """
        failed = [self.stopped] if self.stopped else []
        failed += [
            f"сделка {one.reminder.deal_id}, контакт {one.reminder.contact_id}: {self.reason(one)}"
            for one in self.judged
            if one.reminder.key in self.sent and self.refusal(one)
        ]
        if failed:
            raise SendingFailed("\n".join(failed))


NOTES = "уведомлений"
WENT = (State.ACCEPTED, State.DELIVERED)
WENT_AS: Mapping[Verdict, str] = {Verdict.EMAIL: "писем", Verdict.SMS: "СМС", Verdict.LATER: "отложено"}
ENDED_AS: Mapping[State, str] = {
    State.QUEUED: "отложено",
    State.SENDING: "отложено",
    State.FAILED: "отказов",
    State.UNKNOWN: "неизвестно, ушло ли",
}
ENTRIES = (*dict.fromkeys((*WENT_AS.values(), *ENDED_AS.values())), NOTES)
"""In the order of the title."""
