"""Donations as the site tells them: by webhooks, asked, by its export; and what we remember of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from backoffice import connections
from backoffice.leyka.client import Leyka, Page
from backoffice.leyka.errors import ExportUnreadable, LeykaRefused, LeykaUnavailable
from backoffice.leyka.export import read_export
from backoffice.rules.donation_events import read_event, read_site
from backoffice.rules.donation_facts import Donation, DonationEvent
from backoffice.rules.donation_policy import DonationPolicy
from backoffice.rules.donation_result import Shown
from backoffice.rules.donation_verdicts import Key
from backoffice.rules.donation_work import KnownDonation
from backoffice.settings import required, settings
from backoffice.store import donation_changes, donations, inbox
from backoffice.store.cursors import cursors, move_cursor
from backoffice.store.donations import Written

SOURCE = "leyka"
CURSOR = "leyka events"
DELIVERIES_AT_ONCE = 1000
KEPT = timedelta(days=14)
"""How long the store keeps what the site told of a donation, with the donor's name and address, after it changed."""


@dataclass(frozen=True)
class Taken:
    """What a site told, and what of it could not be used; `trouble`: why the site could not be asked to the end."""

    donations: int = 0
    unreadable: tuple[str, ...] = ()
    trouble: str = ""


@dataclass
class _Pull:
    """The pages of one pull, taken into the store as they come."""

    now: datetime
    taken: int = 0
    unreadable: list[str] = field(default_factory=list)

    def events(self, page: Page[DonationEvent]) -> None:
        self._note(page, donation_changes.apply(connections.store(), connections.portal_host(), page.rows, self.now))

    def snapshots(self, page: Page[Donation], known: int) -> None:
        """`known`: the newest event known before the site was asked; the site may have begun to number anew."""
        engine, host, as_of = connections.store(), connections.portal_host(), max(known, page.newest_seq)
        changed = donation_changes.apply_snapshots(engine, host, page.site, page.rows, as_of, self.now)
        self._note(page, changed)

    def _note(self, page: Page[DonationEvent] | Page[Donation], changed: Iterable[Key]) -> None:
        self.taken += len(set(changed))
        self.unreadable += page.unreadable

    def result(self, trouble: str = "") -> Taken:
        return Taken(self.taken, tuple(self.unreadable), trouble)


@task(cache_policy=NO_CACHE)
def take_in_deliveries(now: datetime) -> int:
    """Take the events that the gateway has stored into their donations; how many there were."""
    engine, host, taken = connections.store(), connections.portal_host(), 0
    while rows := inbox.pending(engine, SOURCE, most=DELIVERIES_AT_ONCE):
        donation_changes.apply(engine, host, [read_event(row.body) for row in rows], now)
        inbox.mark_handled(engine, [row.id for row in rows], datetime.now(UTC))
        taken += len(rows)
    return taken


@task(cache_policy=NO_CACHE)
def pull_site(now: datetime, since: datetime | None = None) -> Taken:
    """Ask the site for the events since the last time; for donations where events do not tell: at first, after a gap.

    `since`: also for all donations created since then, as they are now. An outage or a refusal is `trouble`: what
    webhooks told can be worked all the same.
    """
    pull = _Pull(now)
    try:
        with connections.leyka() as leyka:
            _pull_events(leyka, pull)
            if since is not None:
                _pull_donations(leyka, pull, since)
    except (LeykaUnavailable, LeykaRefused) as trouble:
        return pull.result(str(trouble))
    return pull.result()


@task(cache_policy=NO_CACHE)
def pull_one(donation_id: int, now: datetime) -> Key:
    """Ask the site for one donation and have it worked again; LookupError if the site has no such donation."""
    engine, host, pull = connections.store(), connections.portal_host(), _Pull(now)
    known = donations.newest_seqs(engine, host)
    with connections.leyka() as leyka:
        page = next(leyka.donations(after=donation_id - 1, size=1))
    if [donation.id for donation in page.rows] != [donation_id]:
        raise LookupError(f"на сайте нет пожертвования № {donation_id}, или его запись не читается")
    key = (page.site, donation_id)
    pull.snapshots(page, known.get(page.site, -1))
    donations.work_anew(engine, host, [key])
    return key


@task(cache_policy=NO_CACHE)
def take_in_export(path: str, now: datetime, dry_run: bool = False) -> Taken:
    """Take in what the admin's export tells and nobody else has told: donations that are not known, new statuses.

    Of a known donation the export knows less than we do. A trial run only counts them: what was taken in the next
    sweep would bring. ExportUnreadable if it is no export, or there is no such file.
    """
    engine, host = connections.store(), connections.portal_host()
    export = read_export(_read_file(path), connections.zone())
    newest = donations.newest_seqs(engine, host)
    site = next(iter(newest)) if len(newest) == 1 else _site_by_settings()
    known = donations.donations(engine, host, [(site, one.id) for one in export.donations])
    fresh = [one for one in export.donations if (site, one.id) not in known]
    later = {
        one.id: one.status
        for one in export.donations
        if (site, one.id) in known and known[site, one.id].status != one.status
    }
    if not dry_run:
        as_of = newest.get(site, -1)
        donation_changes.apply_snapshots(engine, host, site, fresh, as_of, now)
        donation_changes.apply_statuses(engine, host, site, later, as_of, now)
    return Taken(len(fresh) + len(later), tuple(map(str, export.bad)))


@task(cache_policy=NO_CACHE)
def read_work(policy: DonationPolicy, now: datetime) -> list[Key]:
    """The donations that the portal does not show as they are, oldest first; without attempts that may yet be paid."""
    return donations.to_work(connections.store(), connections.portal_host(), now - policy.submitted_wait)


@task(cache_policy=NO_CACHE)
def read_known(keys: Sequence[Key]) -> list[KnownDonation]:
    """These donations, oldest first, for those that are known; without those announced and not filled in yet."""
    known = donations.donations(connections.store(), connections.portal_host(), keys)
    told = [one for one in known.values() if not one.placeholder]
    return sorted(told, key=lambda one: (one.created_at, one.key))


@task(cache_policy=NO_CACHE)
def remember_deals(shown: Sequence[Shown]) -> None:
    """Keep which deal and contact a donation has, and what we wrote there: by that people's edits are told."""
    written = {
        one.step.donation.key: Written(one.deal_id, one.contact_id, dict(one.form), gone=one.gone) for one in shown
    }
    donations.note_written(connections.store(), connections.portal_host(), written)


@task(cache_policy=NO_CACHE)
def remember_done(done: Mapping[Key, str]) -> None:
    """The portal shows these donations as they were (fingerprint); what has changed meanwhile is still to work."""
    donations.mark_worked(connections.store(), connections.portal_host(), done)


@task(cache_policy=NO_CACHE)
def work_again(keys: Sequence[Key]) -> None:
    """Have these donations compared with their deals once more."""
    donations.work_anew(connections.store(), connections.portal_host(), keys)


@task(cache_policy=NO_CACHE)
def forget_what_was_told(now: datetime) -> int:
    """Forget the names and addresses of donations that stand in the portal for two weeks; of how many."""
    return donations.forget_told(connections.store(), connections.portal_host(), now - KEPT)


def _read_file(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ExportUnreadable(f"{path}: {reason}; нужен полный путь к файлу на машине исполнителя") from None


def _site_by_settings() -> str:
    return read_site(required("LEYKA_SITE_URL", settings().leyka_site_url))


def _pull_events(leyka: Leyka, pull: _Pull) -> None:
    """The events since the last time, and before them all donations where events do not tell everything.

    That is at first, when the site has dropped events already, and when it numbers anew.
    """
    engine, host = connections.store(), connections.portal_host()
    marked = cursors(engine, host).get(CURSOR)
    after = int(marked or 0)
    for number, page in enumerate(leyka.events(after)):
        gap = marked is None or page.oldest_seq > after + 1 or page.newest_seq < after
        if gap and number == 0:
            _pull_donations(leyka, pull)
        pull.events(page)
        move_cursor(engine, host, CURSOR, str(page.next_after if page.rows or page.more else page.newest_seq))


def _pull_donations(leyka: Leyka, pull: _Pull, since: datetime | None = None) -> None:
    known = donations.newest_seqs(connections.store(), connections.portal_host())
    for page in leyka.donations(since):
        pull.snapshots(page, known.get(page.site, -1))
