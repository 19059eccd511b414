"""What came of the work with donations: what may be remembered of it, and what people are told."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from backoffice.rules.creations import Creations
from backoffice.rules.donation_plan import WRITTEN, Merge, Plan, Step, Verdict
from backoffice.rules.donation_report import Reconciliation
from backoffice.rules.donation_twins import Twin
from backoffice.rules.donation_verdicts import Key
from backoffice.rules.donation_work import Form
from backoffice.rules.sending import STATE_WORDS, Sent, State


class WorkIncomplete(Exception):
    """Something could not be done; the rest is. Lists each failure with its donation or card and the reason."""


class Tidings(Protocol):
    """How many donations the site told something new of, and what could not be used of it.

    `trouble`: why it could not be asked to the end.
    """

    @property
    def unreadable(self) -> Sequence[str]: ...
    @property
    def trouble(self) -> str: ...
    @property
    def donations(self) -> int: ...


class Writings(Protocol):
    """Deals written, by donation, and why the others were not."""

    @property
    def ids(self) -> Mapping[Key, int]: ...
    @property
    def failures(self) -> Mapping[Key, Exception]: ...


class Unions(Protocol):
    """Merges done, and those that the portal leaves to a person, with the reason; what failed, by contact."""

    @property
    def merged(self) -> Sequence[Merge]: ...
    @property
    def conflicts(self) -> Sequence[tuple[Merge, str]]: ...
    @property
    def failures(self) -> Mapping[str, str]: ...


@dataclass(frozen=True)
class Shown:
    """What the portal shows of a donation after its step; `form` is what we wrote there, now and before."""

    step: Step
    deal_id: int | None
    contact_id: int | None
    form: Form

    @property
    def gone(self) -> bool:
        """People deleted the deal, and it stays so."""
        return self.step.verdict is Verdict.DELETED


def shown_after(plan: Plan, contacts: Mapping[str, int], deals: Mapping[Key, int]) -> list[Shown]:
    """What stands now, without the donations whose deals could not be written; `contacts` are those just created."""
    standing = [step for step in plan.steps if step.donation.key in deals or step.verdict in (NOTHING_TO_WRITE)]
    return [_shown(step, contacts, deals.get(step.donation.key)) for step in standing]


NOTHING_TO_WRITE = (Verdict.DELETED, Verdict.NONE)
MOST_STEPS = 1000


def _shown(step: Step, contacts: Mapping[str, int], deal_id: int | None) -> Shown:
    given = contacts.get(step.contact) if isinstance(step.contact, str) else step.contact
    contact = given or (step.deal.contact_id if step.deal else None)
    return Shown(step, deal_id, contact, {**step.donation.shown, **step.form})


@dataclass
class Report:
    """What was planned and done, portion by portion, and what failed by what people call it.

    `steps` are some of those `counts` counts: all that ask for a person, and the first of the others. `newcomers` are
    the keys of the donors whose contacts were to be made, `new_contacts` of whom so many were.
    """

    steps: list[Step] = field(default_factory=list)
    counts: Counter[Verdict] = field(default_factory=Counter)
    deals: dict[Key, int] = field(default_factory=dict)
    contacts: dict[str, int] = field(default_factory=dict)
    newcomers: set[str] = field(default_factory=set)
    new_contacts: int = 0
    merges: list[Merge] = field(default_factory=list)
    merged: list[Merge] = field(default_factory=list)
    conflicts: list[tuple[Merge, str]] = field(default_factory=list)
    twins: list[Twin] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    exported: str = ""
    reconciled: str = ""
    failures: dict[str, str] = field(default_factory=dict)

    def note_tidings(self, tidings: Tidings) -> None:
        """Take in what of the site's words could not be used."""
        self._note_unreadable("сайт", tidings.unreadable)
        self.fail({"сайт": tidings.trouble} if tidings.trouble else {})

    def note_export(self, tidings: Tidings) -> None:
        """Take in what the export told, and its rows that could not be read."""
        self.exported = f"в файле нового {tidings.donations}"
        self._note_unreadable("файл", tidings.unreadable)

    def _note_unreadable(self, where: str, rows: Sequence[str]) -> None:
        parted = (row.partition(":") for row in rows)
        self.fail({f"{where}, {place}": reason.strip() for place, _, reason in parted})

    def note_plan(self, plan: Plan) -> None:
        """Take in what is to be done about a portion."""
        self.counts.update(step.verdict for step in plan.steps)
        telling = [step for step in plan.steps if step.verdict in NOTHING_TO_WRITE or step.why]
        usual = [step for step in plan.steps if not (step.verdict in NOTHING_TO_WRITE or step.why)]
        self.steps += telling + usual[: max(0, MOST_STEPS - len(self.steps))]
        self.newcomers |= {donor.key for donor in plan.donors}
        self.merges += plan.merges
        self.twins += plan.twins

    def note_donors(self, created: Creations) -> None:
        """Take in a portion's contacts."""
        self.contacts |= created.ids
        self.new_contacts += len(created.fresh)
        given = {step.contact: step.donation.id for step in reversed(self.steps)}
        self.fail({f"контакт для пожертвования {given[key]}": str(error) for key, error in created.failures.items()})

    def note_deals(self, written: Writings) -> None:
        """Take in a portion's deals."""
        self.deals |= written.ids
        self.fail({f"пожертвование {key[1]}": str(error) for key, error in written.failures.items()})

    def note_merges(self, unions: Unions) -> None:
        """Take in what became of a portion's duplicates."""
        self.merged += unions.merged
        self.conflicts += unions.conflicts
        self.fail(unions.failures)

    def note_letters(self, sent: Sequence[Sent], refused: Mapping[str, str]) -> None:
        """Take in what became of the letters; what could not be written counts as failed."""
        self.sent += sent
        self.fail({f"письмо {key}": reason for key, reason in refused.items()})
        self.fail({one.draft.about: one.reason for one in sent if one.state is State.FAILED})

    def note_reconciliation(self, found: Reconciliation) -> None:
        """Take in how site and portal compare."""
        number = sum(found.counts.values())
        self.reconciled = ("суммы сходятся" if found.agrees else "суммы не сходятся") + f", расхождений {number}"

    def fail(self, failures: Mapping[str, object]) -> None:
        """Take in what else failed."""
        self.failures |= {what: str(reason) for what, reason in failures.items()}

    @property
    def changes(self) -> int:
        """How many things the portal was to show otherwise."""
        return sum(self.counts[verdict] for verdict in WRITTEN) + len(self.merges) + len(self.twins)

    def survivor_of(self, contact_id: int | None) -> int | None:
        """The contact in which this one was merged; itself if it was not."""
        return next((merge.survivor for merge in self.merged if contact_id in merge.victims), contact_id)

    @property
    def letters(self) -> Counter[str]:
        """How many letters of each state, in words."""
        return Counter(STATE_WORDS[one.state] for one in self.sent)

    @property
    def title(self) -> str:
        """What the run did, in a line; what there was none of is left out."""
        entries = [self.exported] if self.exported else []
        entries += [f"{words} {self.counts[verdict]}" for verdict, words in TITLES.items() if self.counts[verdict]]
        entries += [f"двойников {len(self.twins)}"] if self.twins else []
        entries += [f"дублей контактов {len(self.merges)}"] if self.merges else []
        entries += [f"писем {len(self.sent)}"] if self.sent else []
        entries += [self.reconciled] if self.reconciled else []
        return ", ".join(entries) or "нового нет"

    def demand_complete(self) -> None:
        """WorkIncomplete if anything failed."""
        if self.failures:
            listed = "\n".join(f"{what}: {reason}" for what, reason in sorted(self.failures.items()))
            raise WorkIncomplete(f"не сделано: {len(self.failures)}\n{listed}")


TITLES: Mapping[Verdict, str] = {
    Verdict.NEW: "новых сделок",
    Verdict.ADOPTED: "взято готовых",
    Verdict.CHANGED: "обновлено",
    Verdict.DELETED: "удалено людьми",
}


def finished(shown: Iterable[Shown], failures: Mapping[str, str], unmerged: Collection[int] = ()) -> dict[Key, str]:
    """Donation -> fingerprint of those about which nothing is left to do: deal and contact stand as decided.

    `unmerged`: contacts that the next run is to merge.
    """
    return {
        one.step.donation.key: one.step.donation.fingerprint
        for one in shown
        if not (one.step.contact and one.contact_id is None)
        and one.contact_id not in unmerged
        and f"пожертвование {one.step.donation.id}" not in failures
    }
