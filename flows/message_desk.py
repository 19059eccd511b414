"""Message desk: a person decides about a message of which nobody knows whether it left, or asks for one again."""

from typing import Literal

from prefect import flow

from tasks.messages import decide_message, publish_messages, read_attention, resolve_doubts
from tasks.runs import name_run

DECIDED = {
    "send_again": "уйдёт со следующим запуском процесса, если ещё пора",
    "sent": "считается отправленным",
    "drop": "отправлено не будет",
}


@flow
def message_desk(message_id: int | None = None, decision: Literal["send_again", "sent", "drop"] | None = None) -> None:
    """Показать сообщения, о которых решать человеку, или решить об одном.

    Args:
        message_id: Номер сообщения из отчёта. Пусто: только показать все, которые ждут решения, и недавние отказы.
        decision: Отправить ещё раз (send_again), считать отправленным (sent), не отправлять (drop).
    """
    if (message_id is None) != (decision is None):
        raise ValueError("Заполните оба поля: message_id и decision; или ни одного, чтобы увидеть список")
    resolve_doubts()
    if message_id is not None and decision is not None:
        name_run(f"сообщение {message_id}")
        decide_message(message_id, decision)
        name_run(f"сообщение {message_id}: {DECIDED[decision]}")
    waiting = read_attention()
    if decision is None:
        name_run(f"сообщения: ждут решения и отказы — {len(waiting)}")
    publish_messages(waiting)
