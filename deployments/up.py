"""`make up`: the stand of the demo, left running for a person. Ctrl-C stops everything; each start begins anew."""

import sys
from datetime import datetime, timedelta
from typing import Any

import httpx

from deployments.demo_lessons import LEAD
from deployments.environment import Addresses
from deployments.errors import StandFailed
from deployments.interruption import Interrupted, interruptible
from deployments.sandbox_control import SandboxEvent
from deployments.stand import prepared_stand
from deployments.story import Story


def main() -> int:
    """Stay until a signal; 0 then, 1 if the stand did not come up or a program of it died."""
    story = Story()
    try:
        with interruptible(), prepared_stand("up", story) as stand:
            planted, sold = stand.sandbox.plant("lessons"), stand.sandbox.plant("sales")
            story.step("Готово. Портал живёт в памяти: каждый запуск начинается с начала. Ctrl-C останавливает всё")
            suggest_lessons(stand.addresses, story, planted)
            suggest_seminar(stand.addresses, story, stand.event)
            suggest_donations(stand.addresses, story)
            suggest_calls(stand.addresses, story, sold)
            stand.stack.watch()
    except Interrupted:
        story.step("Всё остановлено")
        return 0
    except (StandFailed, httpx.HTTPError) as error:
        story.fail(str(error))
    return story.end()


def suggest_lessons(at: Addresses, story: Story, planted: dict[str, Any]) -> None:
    """What a person can try of lesson reminders: a lesson is to come, and one person attends it."""
    deal_id = planted["deal_id"]
    starts_at = datetime.fromisoformat(planted["starts_at"])
    moment = (starts_at - LEAD + timedelta(seconds=30)).isoformat()
    story.say(
        f"Занятие {starts_at:%d.%m в %H:%M} по времени портала: {at.sandbox}/crm/deal/details/{deal_id}/. Попробуйте:"
    )
    story.say(f"  посмотреть письмо, не отправляя: {at.prefect}/deployments → preview (процесс preview-letter) → Run,")
    story.say(f"  deal_id = {deal_id}")
    story.say("  или перевести часы — до занятия два часа — и дождаться обхода (каждые 5 минут; можно сразу запустить")
    story.say("  sweep процесса lesson-reminders):")
    story.say(f'  curl -d \'{{"now": "{moment}"}}\' {at.sandbox}/_sandbox/clock')
    story.say(f"Письма и СМС остаются в песочнице: {at.sandbox}/mail и {at.sandbox}/sms")


def suggest_seminar(at: Addresses, story: Story, event: SandboxEvent) -> None:
    """What a person can try of the import: a seminar is going on."""
    story.say(f"Семинар «{event.title}» (номер {event.id}) ещё идёт. Попробуйте:")
    story.say(f"  перенести его сейчас: {at.prefect}/deployments → one-event → Run → Custom run, event_id = {event.id}")
    story.say(f"  или нажать «Импортировать» в самом портале: {at.sandbox}/marketplace/app/")
    story.say("  или закончить его и дождаться обхода (каждые 15 минут; можно сразу запустить sweep процесса")
    story.say("  attendance-import):")
    story.say(f"  curl -d '{{\"advance_seconds\": 10800}}' {at.sandbox}/_sandbox/clock")
    story.say("  или отметить гостя на входе — придёт сигнал Таймпада:")
    told = f'{{"event_id": {event.id}, "ticket_id": {event.absent_ticket}}}'
    story.say(f"  curl -d '{told}' {at.sandbox}/_sandbox/timepad/check_in")
    story.say(f"Что получилось: {at.sandbox}/contacts")


def suggest_donations(at: Addresses, story: Story) -> None:
    """What a person can try of donations: the fund's site has none yet."""
    story.say("На сайте фонда ещё никто не пожертвовал. Попробуйте:")
    story.say("  передать шлюзу записанное с настоящей Лейки; процесс начнётся сам:")
    story.say(f'  curl -d \'{{"name": "recorded"}}\' {at.sandbox}/_sandbox/seed')
    story.say(f"  curl -d '{{}}' {at.sandbox}/_sandbox/leyka/deliver")
    story.say("  или пожертвовать самому (failed — платёж не прошёл; без status — форму отправили и не оплатили):")
    told = '{"amount": "700", "name": "Белова Анна", "email": "anna@example.org", "status": "funded"}'
    story.say(f"  curl -d '{told}' {at.sandbox}/_sandbox/leyka/donate")
    story.say(f"Пожертвования на сайте: {at.sandbox}/leyka, что получилось в портале: {at.sandbox}/contacts")


def suggest_calls(at: Addresses, story: Story, planted: dict[str, Any]) -> None:
    """What a person can try of repeat sales: of six clients one is due for a call."""
    held, why = next(iter(planted["others"].items()))
    story.say("Из шести клиентов один купил один раз и давно. Попробуйте:")
    story.say(f"  поставить задачу позвонить ему: {at.prefect}/deployments → nightly (процесс repeat-sale-calls) → Run")
    story.say(f"  спросить, почему не звонят другому ({why}): why-not → Run → Custom run, client = {held}")
    story.say(f"Сделки: {at.sandbox}/deals, задачи: {at.sandbox}/tasks")


if __name__ == "__main__":
    sys.exit(main())
