"""The words Timepad has for the state of an event, an order and a ticket."""

# The official hooks page lists the ticket statuses; the same names serve orders. The titles other than
# «забронировано» are unverified.
TICKET_STATUSES = {
    "notpaid": "бронь истекла",
    "ok": "зарегистрирован",
    "paid": "оплачено",
    "inactive": "отказ участника",
    "deleted": "удалено",
    "blocked": "заблокировано",
    "returned": "возврат",
    "booked": "забронировано",
    "pending": "ожидает подтверждения",
    "rejected": "отклонено организатором",
    "booked_offline": "забронировано, оплата в офисе",
    "paid_offline": "оплачено в офисе",
    "paid_ur": "оплачено юридическим лицом",
    "transfer_payment": "оплата перенесена",
    "return_payment_request": "запрошен возврат",
    "return_payment_reject": "в возврате отказано",
    "return_org": "возврат организатором",
    "return_tp": "возврат Таймпадом",
}
PAID_STATUSES = frozenset({"paid", "paid_offline", "paid_ur", "transfer_payment"})

ACCESS_STATUSES = ("private", "draft", "link_only", "public")
MODERATION_STATUSES = ("featured", "shown", "hidden", "not_moderated")
EVENT_CATEGORIES = {
    217: "Бизнес",
    382: "Психология и самопознание",
    453: "Образование за рубежом",
    462: "Другие события",
}


def status_title(name: str) -> str:
    """The Russian title of a ticket status; an unknown status is its own title."""
    return TICKET_STATUSES.get(name, name)
