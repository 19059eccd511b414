"""The second part of the demonstration: a lesson comes near, and who attends it has one letter."""

from datetime import datetime, timedelta
from typing import Any

from deployments.stand import LESSON_SWEEP, Stand, finished
from deployments.story import Story

LEAD = timedelta(hours=2)


def remind(stand: Stand, story: Story) -> dict[str, Any]:
    """A course is entered; two hours before its lesson a letter leaves, and no second one. Gives the ids planted."""
    story.step("Напоминания о занятиях: менеджер завёл курс с датами и записал участницу")
    planted = stand.sandbox.plant("lessons")
    starts_at = datetime.fromisoformat(planted["starts_at"])
    story.say(f"сделка      {stand.addresses.sandbox}/crm/deal/details/{planted['deal_id']}/")
    story.say(f"занятие     {starts_at:%d.%m %H:%M} по времени портала")
    _sweep(stand, story)
    story.expect(stand.sandbox.letters() == [], "до занятия больше двух часов: писем нет")

    story.step("Часы песочницы: до занятия два часа; обход, который по расписанию идёт каждые 5 минут, — сейчас")
    stand.sandbox.move_clock(starts_at - LEAD + timedelta(seconds=30))
    _sweep(stand, story)
    letters = stand.sandbox.letters()
    story.expect(len(letters) == 1, "участнице ушло одно письмо")
    story.say(f"почтовый ящик песочницы: {stand.addresses.sandbox}/mail")
    for letter in letters:
        story.say(f"тема        {letter['subject']}")

    story.step("Ещё один обход")
    _sweep(stand, story)
    story.expect(stand.sandbox.letters() == letters, "второго письма нет")
    return planted


def _sweep(stand: Stand, story: Story) -> None:
    run = finished(stand, stand.prefect.start(LESSON_SWEEP))
    story.say(f"{run.name}: {stand.run_url(run)}")
