"""Messages to people, of every process: sent once, asked about while their fate is unknown, shown in the CRM."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from backoffice import connections
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.errors import PortalError, RequestRefused
from backoffice.bitrix24.links import contact_link, deal_link
from backoffice.bitrix24.mail_activity import ActivityCarrier
from backoffice.bitrix24.notes import NoteCarrier
from backoffice.bitrix24.traces import METHOD as TRACE
from backoffice.bitrix24.traces import find_traces, trace_origin, trace_params
from backoffice.once import Creation, OnceOnly
from backoffice.retries import raise_if_passing, worth_retrying
from backoffice.rules.sending import STATE_WORDS, Carrier, Draft, Letter, LettersBy, Note, Outgoing, Sent, Sms, State
from backoffice.rules.sms_limits import Used, Wanted, day_start, month_start, sms_refusals
from backoffice.settings import SettingMissing
from backoffice.sms.carrier import SmsCarrier
from backoffice.sms.errors import SmsMisconfigured
from backoffice.store import messages
from backoffice.store.messages import Message

Decision = Literal["send_again", "sent", "drop"]
SENT_AS = {"email": "Отправлено письмо", "sms": "Отправлена СМС"}
RECENT = timedelta(days=7)
SHOWN = 200
TOLD = (State.ACCEPTED, State.DELIVERED, State.FAILED)
DECISIONS: Mapping[Decision, Any] = {
    "send_again": messages.release,
    "sent": messages.close,
    "drop": messages.drop,
}


@dataclass(frozen=True)
class Texts:
    """Where the SMS stand, and by their keys why others must not be sent today or this month.

    `stopped`: why the gateway takes none at all as we are set up; empty if it does.
    """

    sent: list[Sent] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    stopped: str = ""


class DecisionRefused(Exception):
    """There is no such message, or it is in no state for the decision."""


@task(retries=2, retry_delay_seconds=[5, 30], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def send_letters(letters: Sequence[Outgoing[Letter]], by: LettersBy) -> list[Sent]:
    """Send each once, by our mail server or by the portal; where each stands then. What is put off goes later."""
    if not letters:
        return []
    if by == "smtp":
        return connections.outbox().send(letters, connections.mail_carrier())
    with connections.portal() as portal:
        return connections.outbox().send(letters, _activities(portal))


@task(retries=2, retry_delay_seconds=[5, 30], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def send_texts(texts: Sequence[Outgoing[Sms]]) -> Texts:
    """Send each SMS once, within the daily cap of a person and the budget of the month."""
    result = Texts()
    try:
        for one in texts:
            if reason := _over_limits(one.draft):
                result.refused[one.draft.key] = reason
            else:
                result.sent.extend(connections.outbox().send([one], _sms_carrier()))
    except SmsMisconfigured as fault:
        return replace(result, stopped=str(fault))
    return result


@task(cache_policy=NO_CACHE)
def check_mail() -> None:
    """Log in to the mail server and leave: SettingMissing, MailMisconfigured or Unreachable names the wrong settings.

    For a trial run, in which nobody would learn of them otherwise; an outage fails it, too.
    """
    connections.mail_carrier().check()


@task(cache_policy=NO_CACHE)
def check_sms() -> None:
    """SettingMissing or SmsMisconfigured if SMS could not be sent as we are set up; no gateway is asked."""
    _sms_carrier()


@task(retries=2, retry_delay_seconds=[5, 30], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def send_notes(notes: Sequence[Outgoing[Note]]) -> list[Sent]:
    """Notify the managers inside the portal, each of a thing once; those who were told before are left out."""
    known = messages.of_drafts(connections.store(), connections.portal_host(), [note.draft for note in notes])
    untold = [note for note in notes if note.draft not in known or known[note.draft].state not in TOLD]
    if not untold:
        return []
    with connections.portal() as portal:
        return connections.outbox().send(untold, _notes(portal))


@task(retries=2, retry_delay_seconds=[5, 30], retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def resolve_doubts() -> None:
    """Ask those who carried them about messages in doubt and about SMS on their way."""
    with connections.portal() as portal:
        carriers: dict[str, Carrier[Any]] = {"portal": _activities(portal), "im": _notes(portal)}
        if sms := connections.sms_carrier():
            carriers[sms.name] = sms
        connections.outbox().resolve(carriers)


@task(retries=2, retry_delay_seconds=75, retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def leave_traces() -> None:
    """Write into the deals' timelines what was sent to their contacts; what the portal sent itself it shows itself.

    A deal that is gone needs no trace. 50 a request.
    """
    engine, host = connections.store(), connections.portal_host()
    sent = [*messages.untraced(engine, host, "email"), *messages.untraced(engine, host, "sms")]
    own = {one.stamp: one for one in sent if one.carrier != "portal" and one.deal_id}
    failures: Mapping[str, PortalError] = {}
    if own:
        with connections.portal() as portal:
            failures = _traces(portal).create({stamp: _trace(one) for stamp, one in own.items()}).failures
    left = {own[stamp].id for stamp, error in failures.items() if not isinstance(error, RequestRefused)}
    messages.mark_traced(engine, host, [one.id for one in sent if one.id not in left])
    raise_if_passing(TRACE, failures)


@task(cache_policy=NO_CACHE)
def read_unresolved(purpose: str) -> list[Message]:
    """The messages of a process of which nobody knows whether they left."""
    unresolved = messages.unresolved(connections.store(), connections.portal_host())
    return [message for message in unresolved if message.purpose == purpose]


@task(cache_policy=NO_CACHE)
def read_attention() -> list[Message]:
    """What waits for a person's decision, and what failed within a week."""
    engine, host = connections.store(), connections.portal_host()
    return messages.unresolved(engine, host) + messages.in_state(engine, host, State.FAILED, since=_now() - RECENT)


@task(cache_policy=NO_CACHE)
def decide_message(message_id: int, decision: Decision) -> None:
    """What a person decided; DecisionRefused says why it cannot be."""
    if not DECISIONS[decision](connections.store(), connections.portal_host(), message_id, _now()):
        raise DecisionRefused(
            f"Сообщения {message_id} нет, или в его состоянии «{decision}» невозможно: {POSSIBLE[decision]}"
        )


POSSIBLE: Mapping[Decision, str] = {
    "send_again": "ещё раз отправляется то, о чём неизвестно, ушло ли оно, отказанное и ушедшее",
    "sent": "ушедшим считают только то, о чём неизвестно, ушло ли оно",
    "drop": "не отправить можно только то, что ещё не ушло",
}


@task(cache_policy=NO_CACHE)
def publish_messages(shown: Sequence[Message]) -> None:
    """A table of messages: numbers for the form, links into the portal, reasons."""
    told = "Ждут решения, и недавние отказы" if shown else "Решения не ждёт ничто, недавних отказов нет"
    create_table_artifact([_row(message) for message in shown[:SHOWN]], key="messages", description=told)


def _over_limits(draft: Draft) -> str:
    """Why an SMS must not be sent now; empty if it may."""
    engine, host, now, zone = connections.store(), connections.portal_host(), _now(), connections.zone()
    contact, words = draft.contact_id or 0, connections.words().messages
    used = Used(
        messages.sent_to_contacts_since(engine, host, "sms", [contact], day_start(now, zone)),
        messages.spent_since(engine, host, "sms", month_start(now, zone)),
    )
    wanted = [Wanted(draft.key, contact)]
    return sms_refusals(wanted, used, words.sms_daily_cap, words.sms_monthly_budget).get(draft.key, "")


def _sms_carrier() -> SmsCarrier:
    carrier = connections.sms_carrier()
    if carrier is None:
        raise SettingMissing("СМС разрешены, но не задан SMS_PROVIDER: он объяснён в .env.example")
    return carrier


def _activities(portal: Portal) -> ActivityCarrier:
    sender, facts = connections.words().messages.mail_from, connections.facts()
    return ActivityCarrier(portal, sender, html_type=facts.activity_html_type, finds=facts.activities_keep_origins)


def _notes(portal: Portal) -> NoteCarrier:
    return NoteCarrier(portal, replaces=connections.facts().notes_replace_by_tag)


def _traces(portal: Portal) -> OnceOnly:
    return OnceOnly(
        portal,
        connections.store(),
        "message_trace",
        method=TRACE,
        find=lambda origins: _found_traces(portal, origins),
        read_id=int,
        settle=timedelta(seconds=connections.words().portal.limits.settle_seconds),
    )


def _found_traces(portal: Portal, origins: Collection[str]) -> dict[str, int]:
    """Where none can be found, one in doubt counts as written: rather none than two."""
    if connections.facts().comments_keep_marks:
        return find_traces(portal, origins)
    return dict.fromkeys(origins, 0)


def _trace(message: Message) -> Creation:
    deal_id, what = message.deal_id or 0, SENT_AS[message.channel]
    link = f"\n{contact_link(connections.portal_origin(), message.contact_id)}" if message.contact_id else ""
    text = f"{what}: {message.about}{link}"
    return Creation(trace_origin(deal_id, message.stamp), trace_params(deal_id, message.stamp, text))


def _row(message: Message) -> dict[str, Any]:
    origin, at = connections.portal_origin(), (message.left_at or message.changed_at).astimezone(connections.zone())
    return {
        "Номер": message.id,
        "Состояние": STATE_WORDS[State(message.state)],
        "Что": message.about,
        "Контакт": contact_link(origin, message.contact_id) if message.contact_id else "—",
        "Сделка": deal_link(origin, message.deal_id) if message.deal_id else "—",
        "Когда": f"{at:%d.%m.%Y %H:%M}",
        "Почему": message.reason,
    }


def _now() -> datetime:
    return datetime.fromtimestamp(connections.CLOCK.time(), UTC)
