"""Deals, funnels, stages, their history, and links."""

from collections.abc import Callable
from typing import Any

import httpx

Ask = Callable[..., httpx.Response]
Call = Callable[..., Any]


def test_a_new_deal_has_its_defaults(call: Call) -> None:
    """crm/deals/crm-deal-add.md: first stage, CLOSEDATE in seven days, money with two decimals."""
    card = call("crm.deal.get", id=call("crm.deal.add", fields={"TITLE": "Курс", "OPPORTUNITY": "19999.9"}))
    expected = {"STAGE_ID": "NEW", "CATEGORY_ID": "0", "STAGE_SEMANTIC_ID": "P", "CLOSED": "N", "CURRENCY_ID": "RUB"}
    assert expected.items() <= card.items()
    assert card["OPPORTUNITY"] == "19999.90"
    assert (card["BEGINDATE"], card["CLOSEDATE"]) == ("2026-03-02T03:00:00+03:00", "2026-03-09T03:00:00+03:00")


def test_history_tells_creation_movement_end_and_change_of_funnel(call: Call) -> None:
    """crm/crm-stage-history-list.md: TYPE_ID 1, 2, 3, 5; strings as in the capture crm_stagehistory_list."""
    call("crm.category.add", entityTypeId=2, fields={"name": "Курсы"})
    call("crm.deal.add", fields={"TITLE": "Курс"})
    call("crm.deal.update", id=1, fields={"STAGE_ID": "EXECUTING"})
    call("crm.item.update", entityTypeId=2, id=1, fields={"categoryId": 1})
    call("crm.item.update", entityTypeId=2, id=1, fields={"stageId": "C1:WON"})
    rows = call("crm.stagehistory.list", entityTypeId=2, order={"ID": "ASC"}, start=-1)["items"]
    assert [(row["TYPE_ID"], row["STAGE_ID"], row["STAGE_SEMANTIC_ID"]) for row in rows] == [
        ("1", "NEW", "P"),
        ("2", "EXECUTING", "P"),
        ("5", "C1:NEW", "P"),
        ("3", "C1:WON", "S"),
    ]


def test_history_is_a_cursor(call: Call) -> None:
    """crm/crm-stage-history-list.md: filter by >ID and STAGE_ID."""
    for _ in range(3):
        call("crm.deal.add", fields={"TITLE": "Курс"})
    wanted = {">ID": 1, "STAGE_ID": "NEW"}
    rows = call("crm.stagehistory.list", entityTypeId=2, filter=wanted, select=["ID", "OWNER_ID"])["items"]
    assert rows == [{"ID": "2", "OWNER_ID": "2"}, {"ID": "3", "OWNER_ID": "3"}]


def test_the_old_update_cannot_change_the_funnel(call: Call) -> None:
    """crm/deals/crm-deal-update.md: only crm.item.update moves a deal to another funnel."""
    call("crm.category.add", entityTypeId=2, fields={"name": "Курсы"})
    call("crm.deal.add", fields={"TITLE": "Курс"})
    call("crm.deal.update", id=1, fields={"CATEGORY_ID": 1})
    assert call("crm.deal.get", id=1)["CATEGORY_ID"] == "0"


def test_funnels_are_not_paged_and_the_default_one_has_no_origin(ask: Ask, call: Call) -> None:
    """Capture crm_category_list: 52 rows, total 52, no `next`."""
    call("batch", cmd={f"c{n}": f"crm.category.add?entityTypeId=2&fields[name]=F{n}" for n in range(50)})
    call("crm.category.add", entityTypeId=2, fields={"name": "F50"})
    answer = ask("crm.category.list", entityTypeId=2).json()
    first, second, *_ = answer["result"]["categories"]
    assert (len(answer["result"]["categories"]), answer["total"], "next" in answer) == (52, 52, False)
    assert (first["isDefault"], "originId" in first, "originId" in second) == ("Y", False, True)


def test_stages_of_a_further_funnel_have_its_prefix(call: Call) -> None:
    """crm/status/crm-status-add.md and -list.md: `C1:` comes by itself, the meaning stands in EXTRA.SEMANTICS."""
    call("crm.category.add", entityTypeId=2, fields={"name": "Курсы"})
    call("crm.status.add", fields={"ENTITY_ID": "DEAL_STAGE_1", "STATUS_ID": "PAID", "NAME": "Оплачено", "SORT": 25})
    rows = call("crm.status.list", filter={"ENTITY_ID": "DEAL_STAGE_1"}, order={"SORT": "ASC"})
    assert [row["STATUS_ID"] for row in rows[:3]] == ["C1:NEW", "C1:PREPARATION", "C1:PAID"]
    assert {row["STATUS_ID"]: row["EXTRA"]["SEMANTICS"] for row in rows}["C1:WON"] == "success"
    assert call("crm.status.entity.items", entityId="DEAL_STAGE_1")[2] == {
        "NAME": "Оплачено",
        "SORT": 25,
        "STATUS_ID": "C1:PAID",
    }


def test_linking_twice_says_false(call: Call) -> None:
    """crm/contacts/company/crm-contact-company-add.md: false when already linked."""
    call("crm.contact.add", fields={"NAME": "Анна"})
    call("crm.company.add", fields={"TITLE": "ООО"})
    link = {"id": 1, "fields": {"COMPANY_ID": 1}}
    assert [call("crm.contact.company.add", **link), call("crm.contact.company.add", **link)] == [True, False]
    assert call("crm.contact.company.items.get", id=1) == [
        {"COMPANY_ID": 1, "SORT": 10, "ROLE_ID": 0, "IS_PRIMARY": "Y"}
    ]
    assert call("crm.company.contact.items.get", id=1)[0]["CONTACT_ID"] == 1
    assert call("crm.contact.get", id=1)["COMPANY_ID"] == "1"


def test_contacts_of_a_deal_are_replaced_as_a_whole(call: Call) -> None:
    """crm/deals/crm-deal-update.md: CONTACT_IDS replaces; crm/deals/contacts: items.set too, SORT (i+1)*10."""
    for name in ("Анна", "Олег", "Иван"):
        call("crm.contact.add", fields={"NAME": name})
    call("crm.deal.add", fields={"TITLE": "Курс", "CONTACT_IDS": [1, 2]})
    call("crm.deal.update", id=1, fields={"CONTACT_IDS": [2, 3]})
    assert call("crm.item.get", entityTypeId=2, id=1)["item"]["contactIds"] == [2, 3]
    call("crm.deal.contact.items.set", id=1, items=[{"CONTACT_ID": 3}, {"CONTACT_ID": 1}])
    rows = call("crm.deal.contact.items.get", id=1)
    assert [(row["CONTACT_ID"], row["SORT"], row["IS_PRIMARY"]) for row in rows] == [(3, 10, "Y"), (1, 20, "N")]


def test_a_deleted_contact_leaves_its_deals(call: Call) -> None:
    """crm/contacts/crm-contact-delete.md: links go with the contact."""
    call("crm.contact.add", fields={"NAME": "Анна"})
    call("crm.deal.add", fields={"TITLE": "Курс", "CONTACT_ID": 1})
    call("crm.contact.delete", id=1)
    assert call("crm.item.get", entityTypeId=2, id=1)["item"]["contactIds"] == []
