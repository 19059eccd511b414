"""Letter preview: how a process's letter to one contact would read now, with real data, without sending it."""

from prefect import flow

from tasks.lesson_letters import publish_preview
from tasks.lessons import read_deal
from tasks.portal import check_portal, in_use, read_clock
from tasks.runs import name_run

PROCESS = "lesson_reminders"


@flow
def preview_letter(deal_id: int) -> None:
    """Показать напоминание о ближайшем занятии каждому контакту сделки: тему, письмо, СМС. Ничего не отправляется.

    Args:
        deal_id: Номер сделки: последнее число в адресе её карточки.
    """
    if not in_use(PROCESS):
        name_run(f"не используется: в portal.toml нет раздела [{PROCESS}]")
        return
    check_portal(PROCESS)
    name_run(f"письмо по сделке {deal_id}")
    now = read_clock()
    publish_preview(deal_id, read_deal(deal_id, now), now)
