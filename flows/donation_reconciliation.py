"""Donations: one payment on the site is one deal in the portal, every donor one contact, every letter goes once.

leyka-bridge tells of each donation by a signed webhook; a sweep every ten minutes asks the site for what was lost on
the way. Twins that something else has made are found before they are made, merged or removed.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from prefect import flow

from backoffice.rules.chunks import chunked
from backoffice.rules.donation_plan import Plan, decide
from backoffice.rules.donation_policy import DonationPolicy, late_changes, month_start
from backoffice.rules.donation_report import compare, to_fix
from backoffice.rules.donation_result import Report, finished, shown_after
from backoffice.rules.donation_verdicts import Key
from backoffice.rules.donation_work import Facts, KnownDonation
from tasks.donation_deals import (
    find_strays,
    read_directions,
    read_other_deals,
    read_own_deals,
    remove_twins,
    write_deals,
)
from tasks.donation_letters import (
    publish_donation_letters,
    publish_letter_texts,
    read_due_letters,
    write_donation_letters,
)
from tasks.donation_report import publish_reconciliation, read_accounts
from tasks.donation_work import publish_work
from tasks.donations import (
    forget_what_was_told,
    pull_one,
    pull_site,
    read_known,
    read_work,
    remember_deals,
    remember_done,
    take_in_deliveries,
    take_in_export,
    work_again,
)
from tasks.donor_segments import publish_segments, read_segments, update_segments
from tasks.donors import create_donors, merge_donors, read_donors
from tasks.messages import check_mail, leave_traces, resolve_doubts, send_letters
from tasks.portal import check_portal, in_use, read_clock, read_start_from
from tasks.runs import name_run, overdue

PROCESS = "donation_reconciliation"
PORTION = 500
TICK = timedelta(minutes=10)
USUAL = DonationPolicy()
Which = Literal["due", "hinted", "nightly", "one", "from_csv", "report"]


@flow
def donation_reconciliation(
    which: Which = "due",
    donation_id: int | None = None,
    export_file: str = "",
    dry_run: bool = False,
    fix: bool = False,
    policy: DonationPolicy = USUAL,
) -> None:
    """Свести пожертвования сайта с порталом: сделки, жертвователи, письма.

    Args:
        which: Что: всё, о чём рассказал сайт (due); только присланное вебхуками (hinted); всё и сверка с сайтом за
            40 дней (nightly); одно пожертвование (one); выгрузка из админки Лейки (from_csv); только сверка (report).
        donation_id: Номер пожертвования на сайте; только для one.
        export_file: Путь к выгрузке «CSV» на машине исполнителя; только для from_csv.
        dry_run: Только показать план и письма; в портал ничего не записывать, писем не отправлять.
        fix: При сверке исправить то, что можно исправить без человека.
        policy: Сроки ожидания, двойники, письма.
    """
    check_form(which, donation_id, export_file)
    if excuse := why_not(which):
        name_run(excuse)
        return
    check_portal(PROCESS)
    now, report = read_clock(), Report()
    if which != "report":
        if which == "from_csv":
            report.note_export(take_in_export(export_file, now, dry_run))
        work = take_in(which, donation_id, policy, now, report)
        bring(work, policy, dry_run, now, report)
        (rehearse_letters if dry_run else write_to_donors)(policy, now, report)
    if which in ("nightly", "report"):
        reconcile(policy, fix and not dry_run, now, report)
    name_run(f"проверка: {report.title}" if dry_run else report.title)
    publish_work(report, dry_run)
    report.demand_complete()


def check_form(which: Which, donation_id: int | None, export_file: str) -> None:
    """Refuse what cannot be meant."""
    if (which == "one") != (donation_id is not None) or (donation_id is not None and donation_id < 1):
        raise ValueError("donation_id, номер пожертвования, указывают вместе с which = one, и только тогда")
    if (which == "from_csv") != bool(export_file):
        raise ValueError("export_file, путь к выгрузке, указывают вместе с which = from_csv, и только тогда")


def why_not(which: Which) -> str:
    """Why the run has nothing to do; empty if it has."""
    if which == "due" and overdue(TICK):
        return "опоздавший запуск: ничего не делает, сделает следующий"
    return "" if in_use(PROCESS) else f"не используется: в portal.toml нет раздела [{PROCESS}]"


def take_in(which: Which, donation_id: int | None, policy: DonationPolicy, now: datetime, report: Report) -> list[Key]:
    """What the site tells goes into our store; the donations that the portal does not show so are the work."""
    take_in_deliveries(now)
    if donation_id is not None:
        return [pull_one(donation_id, now)]
    if which in ("due", "nightly"):
        report.note_tidings(pull_site(now, late_changes(now) if which == "nightly" else None))
        find_strays(policy)
    if which == "nightly":
        forget_what_was_told(now)
    return read_work(policy, now)


def bring(work: Sequence[Key], policy: DonationPolicy, dry_run: bool, now: datetime, report: Report) -> None:
    """Portion by portion: look at the portal, decide, write."""
    directions = read_directions()
    for keys in chunked(work, PORTION):
        plan = decide(read_facts(read_known(keys), policy), directions, policy)
        report.note_plan(plan)
        if not dry_run:
            carry_out(plan, policy, now, report)


def read_facts(portion: Sequence[KnownDonation], policy: DonationPolicy) -> Facts:
    """Everything in the portal that decides about these donations."""
    donors = read_donors(portion)
    return Facts(tuple(portion), read_own_deals(portion), donors, read_other_deals(portion, donors, policy))


def carry_out(plan: Plan, policy: DonationPolicy, now: datetime, report: Report) -> None:
    """Contacts first, then the deals that link to them; then duplicates and twins go, and donors' fields follow."""
    contacts = create_donors(plan.donors, policy.recreate_deleted)
    report.note_donors(contacts)
    deals = write_deals(plan.steps, contacts.ids, policy.recreate_deleted)
    report.note_deals(deals)
    shown = shown_after(plan, contacts.ids, deals.ids)
    remember_deals(shown)
    merges = merge_donors(plan.merges, now)
    report.note_merges(merges)
    report.fail(remove_twins(plan.twins, deals.ids))
    report.fail(update_segments([one.contact_id for one in shown if one.contact_id]))
    remember_done(finished(shown, report.failures, merges.unfinished))


def rehearse_letters(policy: DonationPolicy, now: datetime, report: Report) -> None:
    """Show which letters would leave and how they read; wrong mail settings show here, too."""
    if policy.letters_by == "smtp" and policy.letters:
        check_mail()
    planned = [step.donation for step in report.steps]
    due = read_due_letters(policy, read_start_from(PROCESS), now, planned)
    written = write_donation_letters(due, now)
    report.note_letters([], written.refused)
    publish_letter_texts(due, now)


def write_to_donors(policy: DonationPolicy, now: datetime, report: Report) -> None:
    """Thanks, failures whose time has come, refunds: each once, of donations whose deals stand."""
    resolve_doubts()
    take_in_deliveries(now)
    for due in chunked(read_due_letters(policy, read_start_from(PROCESS), now), PORTION):
        written = write_donation_letters(due, now)
        sent = send_letters(written.outgoing, policy.letters_by)
        report.note_letters(sent, written.refused)
        publish_donation_letters(due, written, sent)
    leave_traces()


def reconcile(policy: DonationPolicy, fix: bool, now: datetime, report: Report) -> None:
    """Compare site, store and portal since the beginning of a month; put right what needs nobody, if that is asked."""
    since, directions = month_start(now, policy.report_months), read_directions()
    found = compare(read_accounts(since, now, policy), directions, now, policy)
    if fix:
        report.note_tidings(pull_site(now, since))
        work_again(to_fix(found))
        bring(read_work(policy, now), policy, False, now, report)
        found = compare(read_accounts(since, now, policy), directions, now, policy)
    report.note_reconciliation(found)
    publish_reconciliation(found, now)
    publish_segments(read_segments(since, now), since)
