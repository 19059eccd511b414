"""Search for duplicates and merging."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from backoffice.sandbox.world import World

Ask = Callable[..., httpx.Response]
Call = Callable[..., Any]


def _add(call: Call, email: str, **fields: Any) -> int:
    number: int = call("crm.contact.add", fields={"NAME": "Анна", "EMAIL": [{"VALUE": email}], **fields})
    return number


def test_ids_come_by_kind_and_nothing_is_an_empty_list(call: Call) -> None:
    """crm/duplicates/crm-duplicate-find-by-comm.md: only kinds with hits; `[]` for none."""
    _add(call, "anna@example.org")
    call("crm.lead.add", fields={"TITLE": "Лид", "EMAIL": [{"VALUE": "anna@example.org"}]})
    assert call("crm.duplicate.findbycomm", type="EMAIL", values=["anna@example.org"]) == {"LEAD": [1], "CONTACT": [1]}
    found = call("crm.duplicate.findbycomm", type="EMAIL", values=["anna@example.org"], entity_type="CONTACT")
    assert found == {"CONTACT": [1]}
    assert call("crm.duplicate.findbycomm", type="EMAIL", values=["other@example.org"]) == []


@pytest.mark.parametrize(("sensitive", "found"), [(False, {"CONTACT": [1]}), (True, [])])
def test_letter_case_of_an_email_is_a_switch(world: World, call: Call, sensitive: bool, found: Any) -> None:
    """crm/duplicates/crm-duplicate-find-by-comm.md does not say, so both are possible."""
    world.portal.config.findbycomm_case_sensitive = sensitive
    _add(call, "Anna@Example.org")
    assert call("crm.duplicate.findbycomm", type="EMAIL", values=["anna@example.org"]) == found


def test_at_most_twenty_ids_of_a_kind_and_they_hide_the_kinds_after(call: Call) -> None:
    """crm/duplicates/crm-duplicate-find-by-comm.md, «Method Operation Features»."""
    for _ in range(21):
        _add(call, "many@example.org")
    call("crm.company.add", fields={"TITLE": "ООО", "EMAIL": [{"VALUE": "many@example.org"}]})
    found = call("crm.duplicate.findbycomm", type="EMAIL", values=["many@example.org"])
    assert found == {"CONTACT": list(range(1, 21))}


def test_a_phone_is_compared_as_written_but_for_its_extension(call: Call) -> None:
    """tutorials/crm/how-to-get-lists/search-by-phone-and-email.md."""
    call("crm.contact.add", fields={"NAME": "Анна", "PHONE": [{"VALUE": "+79990000001;12"}]})
    assert call("crm.duplicate.findbycomm", type="PHONE", values=["+79990000001"]) == {"CONTACT": [1]}
    assert call("crm.duplicate.findbycomm", type="PHONE", values=["89990000001"]) == []


def test_values_must_be_an_array(ask: Ask) -> None:
    """crm/duplicates/crm-duplicate-find-by-comm.md: Communication values is not defined."""
    answer = ask("crm.duplicate.findbycomm", type="EMAIL", values="anna@example.org")
    assert (answer.status_code, answer.json()["error_description"]) == (400, "Communication values is not defined")


def test_changed_and_deleted_addresses_are_found_no_more(call: Call) -> None:
    """crm/duplicates/crm-duplicate-find-by-comm.md: the search is about what cards hold now."""
    _add(call, "old@example.org")
    _add(call, "gone@example.org")
    call("crm.contact.update", id=1, fields={"EMAIL": [{"ID": 1, "VALUE": "new@example.org"}]})
    call("crm.contact.delete", id=2)
    search = {"type": "EMAIL", "values": ["old@example.org", "gone@example.org"]}
    assert call("crm.duplicate.findbycomm", **search) == []


def test_merging_keeps_the_first_and_unites_communications(call: Call, world: World) -> None:
    """crm/duplicates/crm-entity-merge-batch.md: ENTITY_IDS are the deleted ones; filled beats empty."""
    _add(call, "first@example.org")
    _add(call, "second@example.org", LAST_NAME="Иванова")
    call("crm.deal.add", fields={"TITLE": "Сделка", "CONTACT_ID": 2})
    merged = call("crm.entity.mergeBatch", params={"entityTypeId": 3, "entityIds": [1, 2]})
    assert merged == {"STATUS": "SUCCESS", "ENTITY_IDS": [2]}
    [contact] = world.portal.dump()["contacts"]
    assert (contact["ID"], contact["LAST_NAME"]) == (1, "Иванова")
    assert [row["value"] for row in contact["multifields"]] == ["first@example.org", "second@example.org"]
    assert call("crm.deal.get", id=1)["CONTACT_ID"] == "1"


def test_different_filled_values_are_a_conflict_with_status_200(call: Call, world: World) -> None:
    """crm/duplicates/crm-entity-merge-batch.md: STATUS CONFLICT, nothing touched."""
    _add(call, "a@example.org", LAST_NAME="Иванова")
    _add(call, "a@example.org", LAST_NAME="Петрова")
    assert call("crm.entity.mergeBatch", params={"entityTypeId": 3, "entityIds": [1, 2]})["STATUS"] == "CONFLICT"
    assert len(world.portal.dump()["contacts"]) == 2


def test_one_id_cannot_be_merged(ask: Ask) -> None:
    """crm/duplicates/crm-entity-merge-batch.md: at least two elements."""
    answer = ask("crm.entity.mergeBatch", params={"entityTypeId": 3, "entityIds": [1]})
    assert (answer.status_code, answer.json()["error"]) == (400, 0)
