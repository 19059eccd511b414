"""`batch`."""

from collections.abc import Callable
from typing import Any

import httpx

Ask = Callable[..., httpx.Response]
Call = Callable[..., Any]


def test_the_shape_of_an_answer_without_errors(call: Call) -> None:
    """Capture of a batch with one add: empty maps are lists, each command has its time."""
    result = call("batch", halt=0, cmd={"order0000000000": "crm.contact.add?fields[NAME]=A"})
    assert result["result"] == {"order0000000000": 1}
    assert [result[key] for key in ("result_error", "result_total", "result_next")] == [[], [], []]
    assert "operating_reset_at" in result["result_time"]["order0000000000"]


def test_an_empty_list_has_a_total(call: Call) -> None:
    """Capture batch_list_empty."""
    result = call("batch", cmd={"order0000000000": "crm.contact.list"})
    assert result["result"] == {"order0000000000": []}
    assert result["result_total"] == {"order0000000000": 0}


def test_a_further_page_stands_in_result_next(call: Call) -> None:
    """Capture crm_lead_list_several_pages_success: the last page has no entry there."""
    call("batch", cmd=[f"crm.lead.add?fields[TITLE]={number}" for number in range(50)])
    call("crm.lead.add", fields={"TITLE": "50"})
    result = call("batch", cmd={"first": "crm.lead.list", "last": "crm.lead.list?start=50"})
    assert result["result_next"] == {"first": 50}
    assert result["result_total"] == {"first": 51, "last": 51}


def test_the_status_is_200_even_if_every_command_failed(ask: Ask) -> None:
    """settings/how-to-call-rest-api/batch.md; failed commands have no time entry (captured)."""
    answer = ask("batch", cmd={"a": "crm.contact.get?id=7", "b": "nothing.at.all"})
    result = answer.json()["result"]
    assert answer.status_code == 200
    assert result["result_error"]["a"] == {"error": "", "error_description": "Not found"}
    assert result["result_error"]["b"]["error"] == "ERROR_METHOD_NOT_FOUND"
    assert result["result_time"] == []


def test_later_commands_refer_to_earlier_results(call: Call) -> None:
    """settings/how-to-call-rest-api/batch.md: $result[key][field], also inside text and percent-encoded."""
    result = call(
        "batch",
        cmd={
            "person": "crm.contact.add?fields[NAME]=Anna",
            "card": "crm.contact.get?id=$result[person]",
            "copy": "crm.contact.add?fields[NAME]=%24result%5Bcard%5D%5BNAME%5D%20the%20second",
            "all": "crm.contact.list?select[]=NAME&order[ID]=ASC",
            "again": "crm.contact.get?id=$result[all][1][ID]",
        },
    )["result"]
    assert result["again"]["NAME"] == "Anna the second"


def test_a_reference_to_nothing_is_empty(call: Call) -> None:
    """Not documented; the sandbox follows what is commonly seen. `>ID` with nothing bounds nothing."""
    call("crm.contact.add", fields={"NAME": "Anna"})
    rows = call("batch", cmd={"rows": "crm.contact.list?filter[>ID]=$result[none][49][ID]"})["result"]["rows"]
    assert len(rows) == 1


def test_halt_leaves_out_everything_after_the_first_failure(call: Call) -> None:
    """settings/how-to-call-rest-api/batch.md: later commands appear in neither map."""
    commands = {"a": "profile", "b": "crm.contact.get?id=7", "c": "profile"}
    halted, whole = call("batch", halt=1, cmd=commands), call("batch", halt=0, cmd=commands)
    assert (halted["result"].keys(), halted["result_error"].keys()) == ({"a"}, {"b"})
    assert whole["result"].keys() == {"a", "c"}


def test_commands_beyond_fifty_are_refused_one_by_one(call: Call) -> None:
    """settings/how-to-call-rest-api/batch.md: subqueries beyond the limit end with ERROR_BATCH_LENGTH_EXCEEDED."""
    result = call("batch", cmd={f"c{number:03}": "profile" for number in range(51)})
    assert len(result["result"]) == 50
    assert result["result_error"]["c050"]["error"] == "ERROR_BATCH_LENGTH_EXCEEDED"


def test_a_batch_inside_a_batch_is_not_allowed(call: Call) -> None:
    """settings/how-to-call-rest-api/batch.md (rest 24.0.0)."""
    result = call("batch", cmd={"inner": "batch?cmd[a]=profile"})
    assert result["result_error"]["inner"]["error"] == "ERROR_BATCH_METHOD_NOT_ALLOWED"


def test_a_batch_sent_as_a_form_is_decoded_twice(webhook: httpx.Client, call: Call) -> None:
    """settings/how-to-call-rest-api/data-encoding.md: a nested value is encoded once more by the outer form."""
    webhook.post("batch", data={"cmd[a]": "crm.contact.add?fields[NAME]=%D0%90%20%26%20%D0%91"})
    assert call("crm.contact.get", id=1)["NAME"] == "А & Б"
