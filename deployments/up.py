"""`make up`: the stand of the demo, left running for a person. Ctrl-C stops everything; each start begins anew."""

import sys

import httpx

from deployments.errors import StandFailed
from deployments.interruption import Interrupted, interruptible
from deployments.stand import Stand, prepared_stand
from deployments.story import Story


def main() -> int:
    """Stay until a signal; 0 then, 1 if the stand did not come up or a program of it died."""
    story = Story()
    try:
        with interruptible(), prepared_stand("up", story) as stand:
            suggest(stand, story)
            stand.stack.watch()
    except Interrupted:
        story.step("Всё остановлено")
        return 0
    except (StandFailed, httpx.HTTPError) as error:
        story.fail(str(error))
    return story.end()


def suggest(stand: Stand, story: Story) -> None:
    """What a person can try."""
    at, event = stand.addresses, stand.event
    story.step("Готово. Портал песочницы живёт в памяти: каждый запуск начинается с начала. Ctrl-C останавливает всё")
    story.say(f"Семинар «{event.title}» (номер {event.id}) ещё идёт. Попробуйте:")
    story.say(f"  перенести его сейчас: {at.prefect}/deployments → one-event → Run → Custom run, event_id = {event.id}")
    story.say(f"  или нажать «Импортировать» в самом портале: {at.sandbox}/marketplace/app/")
    story.say("  или закончить его и дождаться обхода (каждые 15 минут; можно запустить sweep сразу):")
    story.say(f"  curl -d '{{\"advance_seconds\": 10800}}' {at.sandbox}/_sandbox/clock")
    story.say("  или отметить гостя на входе — придёт сигнал Таймпада:")
    told = f'{{"event_id": {event.id}, "ticket_id": {event.absent_ticket}}}'
    story.say(f"  curl -d '{told}' {at.sandbox}/_sandbox/timepad/check_in")
    story.say(f"Что получилось: {at.sandbox}/contacts")
    story.say(f"Письма и СМС остаются в песочнице: {at.sandbox}/mail и {at.sandbox}/sms")


if __name__ == "__main__":
    sys.exit(main())
