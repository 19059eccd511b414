"""The texts of lesson reminders: letters, SMS, notes to managers, from `templates/lesson_reminders/`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Generic

from markupsafe import Markup
from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from backoffice import connections
from backoffice.bitrix24.links import contact_link, deal_link, product_link
from backoffice.letters import BadSubject, EmptyField, card_field, render, render_letter, render_text
from backoffice.rules.lesson_due import Reminder, next_reminders
from backoffice.rules.lesson_facts import Attendee, Live
from backoffice.rules.lesson_notes import PURPOSE, Doubtful, LessonNote, Missed, NoAddress, NotSent, Unreadable
from backoffice.rules.lesson_verdicts import Judged, Verdict
from backoffice.rules.people import initials
from backoffice.rules.russian import clock, day
from backoffice.rules.sending import Channel, Content, Draft, Letter, Note, Outgoing, Sms
from backoffice.rules.sms_text import size_of

FOLDER = "lesson_reminders"
STEP = timedelta(minutes=5)
DEALS_IN_A_NOTE = 20
LETTERS_SHOWN = 50
SENT = (Verdict.EMAIL, Verdict.SMS)


@dataclass(frozen=True)
class Written(Generic[Content]):
    """Messages ready to leave, and why the others could not be written, by reminder key."""

    outgoing: list[Outgoing[Content]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


@task(cache_policy=NO_CACHE)
def write_letters(judged: Sequence[Judged], now: datetime) -> Written[Letter]:
    """A letter for everybody who is to get one; an empty field refuses that one letter. TemplateFault stops all."""
    return _write(judged, Verdict.EMAIL, "email", now, _letter)


@task(cache_policy=NO_CACHE)
def write_texts(judged: Sequence[Judged], now: datetime) -> Written[Sms]:
    """The same for SMS."""
    return _write(judged, Verdict.SMS, "sms", now, _sms)


@task(cache_policy=NO_CACHE)
def write_notes(notes: Sequence[LessonNote], now: datetime) -> list[Outgoing[Note]]:
    """A notification for each, with links into the portal."""
    return [Outgoing(note.draft, Note(note.user_id, _note(note, now))) for note in notes]


@task(cache_policy=NO_CACHE)
def publish_letters(judged: Sequence[Judged], now: datetime) -> None:
    """Show the letters and SMS that would leave, with initials instead of names."""
    leaving = [(one.reminder, one.attendee) for one in judged if one.verdict in SENT and one.attendee]
    if leaving:
        shown = [_shown(reminder, masked(person), now) for reminder, person in leaving[:LETTERS_SHOWN]]
        hidden = len(leaving) - len(shown)
        text = render("lesson_reminders/letters.md.j2", letters=shown, hidden=hidden, shortened=True)
        create_markdown_artifact(text, key="lesson-reminders-letters")


@task(cache_policy=NO_CACHE)
def publish_preview(deal_id: int, live: Live, now: datetime) -> None:
    """Show the next reminder to each contact of a deal as it would read, or say why there would be none."""
    letters = [
        _shown(reminder, live.attendees[reminder.contact_id], now)
        for reminder in next_reminders(live, deal_id, now)
        if reminder.contact_id in live.attendees
    ]
    link = deal_link(connections.portal_origin(), deal_id)
    text = render("lesson_reminders/preview.md.j2", letters=letters, deal_id=deal_id, link=link, live=live)
    create_markdown_artifact(text, key=f"letter-preview-{deal_id}")


def letter_values(reminder: Reminder, attendee: Attendee, now: datetime) -> dict[str, Any]:
    """What the templates may say; an empty field of a card refuses to be printed."""
    card, starts_at = f"контакта {attendee.id}", reminder.starts_at.astimezone(connections.zone())
    return {
        "contact": {
            "name": card_field(attendee.first_name, "Имя", card),
            "last_name": card_field(attendee.last_name, "Фамилия", card),
            "second_name": card_field(attendee.second_name, "Отчество", card),
        },
        "course": {"name": card_field(reminder.course_name, "Название", f"товара {reminder.course_id}")},
        "starts_at": starts_at,
        "left": _rounded_up(starts_at - now),
        "now": now,
    }


def masked(attendee: Attendee) -> Attendee:
    """The same person as many people may read of: initials for names; what is empty stays empty."""
    return replace(
        attendee,
        first_name=_initial(attendee.first_name),
        second_name=_initial(attendee.second_name),
        last_name=_initial(attendee.last_name),
    )


def _shown(reminder: Reminder, person: Attendee, now: datetime) -> dict[str, Any]:
    """The letter and the SMS to one person, or why they cannot be written."""
    origin, values = connections.portal_origin(), letter_values(reminder, person, now)
    shown: dict[str, Any] = {
        "initials": initials(person.last_name, person.first_name),
        "contact_link": contact_link(origin, person.id),
        "deal_link": deal_link(origin, reminder.deal_id),
    }
    try:
        sms = _sms(person, values).text
        letter = _letter(person, values)
        page = Markup(letter.html).striptags()  # noqa: S704 - only its words are shown, as text
        return shown | {"letter": letter, "page": page, "sms": sms, "size": size_of(sms), "remark": _remark(person)}
    except (EmptyField, BadSubject) as fault:
        return shown | {"refused": str(fault)}


def _remark(person: Attendee) -> str:
    """Why a letter would not leave as things are; empty if it would."""
    if person.opted_out:
        return "просил не напоминать: не уйдёт ничего"
    if person.email:
        return ""
    return (
        "нет e-mail: уйдёт СМС, если они разрешены" if person.phone else "нет ни e-mail, ни телефона: не уйдёт ничего"
    )


def _initial(name: str) -> str:
    return f"{name.strip()[0]}." if name.strip() else ""


def _write(
    judged: Iterable[Judged],
    verdict: Verdict,
    channel: Channel,
    now: datetime,
    write: Callable[[Attendee, Mapping[str, Any]], Content],
) -> Written[Content]:
    written = Written[Content]()
    for one in judged:
        if one.verdict is not verdict or one.attendee is None:
            continue
        try:
            content = write(one.attendee, letter_values(one.reminder, one.attendee, now))
            written.outgoing.append(Outgoing(_draft(one.reminder, channel), content))
        except (EmptyField, BadSubject) as fault:
            written.refused[one.reminder.key] = str(fault)
    return written


def _letter(attendee: Attendee, values: Mapping[str, Any]) -> Letter:
    subject, text, html = render_letter(FOLDER, values)
    name = " ".join(filter(None, (attendee.first_name, attendee.last_name)))
    return Letter(attendee.email, name, subject, text, html)


def _sms(attendee: Attendee, values: Mapping[str, Any]) -> Sms:
    return Sms(attendee.phone, render_text(f"{FOLDER}/sms.txt.j2", values))


def _draft(reminder: Reminder, channel: Channel) -> Draft:
    starts_at = reminder.starts_at.astimezone(connections.zone())
    about = f"{reminder.course_name}, {day(starts_at, starts_at)}, {clock(starts_at)}"
    return Draft(channel, PURPOSE, reminder.key, about, reminder.deal_id, reminder.contact_id, reminder.starts_at)


def _rounded_up(left: timedelta) -> timedelta:
    """To five minutes: nobody is told «1 час 58 минут»."""
    return -(-left // STEP) * STEP


def _note(note: LessonNote, now: datetime) -> str:
    template, values = _note_values(note)
    return render_text(f"{FOLDER}/{template}.txt.j2", {**values, "now": now})


def _note_values(note: LessonNote) -> tuple[str, dict[str, Any]]:
    match note:
        case NoAddress():
            return "note_no_address", {**_about(note.judged.reminder), "why": note.judged.why}
        case NotSent():
            return "note_not_sent", {**_about(note.reminder), "reason": note.reason, "message_id": note.message_id}
        case Missed():
            return "note_missed", _missed_values(note)
        case Doubtful():
            return "note_doubtful", {"message": note.message, **_links(note.message.deal_id, note.message.contact_id)}
        case Unreadable():
            return "note_unreadable", {
                "course_name": note.course.name,
                "texts": [f"«{text}»" for text in note.course.unreadable],
                "course_link": product_link(connections.portal_origin(), _catalogue(), note.course.id),
            }


def _about(reminder: Reminder) -> dict[str, Any]:
    return {
        "course_name": reminder.course_name,
        "starts_at": reminder.starts_at.astimezone(connections.zone()),
        **_links(reminder.deal_id, reminder.contact_id),
    }


def _links(deal_id: int | None, contact_id: int | None) -> dict[str, str]:
    origin = connections.portal_origin()
    return {"contact_link": contact_link(origin, contact_id or 0), "deal_link": deal_link(origin, deal_id or 0)}


def _missed_values(note: Missed) -> dict[str, Any]:
    shown = note.deal_ids[:DEALS_IN_A_NOTE]
    return {
        "course_name": note.course_name,
        "starts_at": note.starts_at.astimezone(connections.zone()),
        "deal_links": [deal_link(connections.portal_origin(), deal_id) for deal_id in shown],
        "more": len(note.deal_ids) - len(shown),
    }


def _catalogue() -> int:
    return connections.names(FOLDER).product_fields["lesson_dates"].iblock_id
