"""Addresses, encodings, the envelope."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from backoffice.sandbox.world import World

Ask = Callable[..., httpx.Response]
Call = Callable[..., Any]


def test_json_form_multipart_and_query_carry_the_same_parameters(webhook: httpx.Client, call: Call) -> None:
    """settings/how-to-call-rest-api/data-encoding.md: PHP brackets say what JSON says."""
    form = {"fields[NAME]": "Анна", "fields[EMAIL][0][VALUE]": "anna@example.org"}
    webhook.post("crm.contact.add", json={"fields": {"NAME": "Анна", "EMAIL": [{"VALUE": "anna@example.org"}]}})
    webhook.post("crm.contact.add", data=form)
    webhook.post("crm.contact.add", files={name: (None, value) for name, value in form.items()})
    webhook.get("crm.contact.add", params=form)
    webhook.post("crm.contact.add?fields[NAME]=%D0%90%D0%BD%D0%BD%D0%B0", data={"fields[EMAIL][][VALUE]": "x@y.org"})

    rows = call("crm.contact.list", select=["NAME", "EMAIL"])
    assert [row.get("NAME") for row in rows[:4]] == ["Анна"] * 4
    assert [row["EMAIL"][0]["VALUE"] for row in rows[:4]] == ["anna@example.org"] * 4


def test_the_body_wins_over_the_query(webhook: httpx.Client) -> None:
    """settings/how-to-call-rest-api/general-principles.md: parameters of both are merged."""
    answer = webhook.post("method.get?name=nothing", json={"name": "profile"})
    assert answer.json()["result"]["isExisting"] is True


@pytest.mark.parametrize("name", ["profile", "profile.json", "PROFILE", "Profile.JSON"])
def test_method_names_are_found_in_any_case_and_with_the_extension(ask: Ask, name: str) -> None:
    """settings/how-to-call-rest-api/general-principles.md."""
    assert ask(name).json()["result"]["ADMIN"] is True


def test_old_crm_methods_take_parameter_names_in_any_case(call: Call) -> None:
    """crm/contacts/crm-contact-add.md and -get.md: the samples write FIELDS and ID, others fields and id."""
    number = call("crm.contact.add", FIELDS={"NAME": "Анна"})
    assert call("crm.contact.get", Id=number)["NAME"] == "Анна"
    assert call("crm.contact.list", FILTER={"ID": number}, Select=["ID"]) == [{"ID": str(number)}]


def test_a_timeline_comment_takes_only_lower_case_fields(world: World, call: Call, ask: Ask) -> None:
    """crm/timeline/comments/crm-timeline-comment-add.md: since crm 23.100 `FIELDS` is not seen."""
    world.portal.config.strict = False
    comment = {"ENTITY_TYPE": "contact", "ENTITY_ID": call("crm.contact.add", fields={"NAME": "Анна"}), "COMMENT": "!"}
    assert ask("crm.timeline.comment.add", FIELDS=comment).json()["error"] == 100
    assert call("crm.timeline.comment.add", fields=comment) == 1


def test_an_empty_map_is_a_list_and_numeric_keys_from_zero_are_a_list(ask: Ask) -> None:
    """Captures batch_list_empty, crm_get_batch_of_two_error: PHP writes both as `[]` and `[…]`."""
    found = ask("crm.duplicate.findbycomm", type="EMAIL", values=["nobody@example.org"])
    failed = ask("batch", cmd={"0": "crm.contact.get?id=x", "1": "crm.contact.get?id=7"})
    assert found.json()["result"] == []
    assert failed.json()["result"]["result_error"] == [
        {"error": "", "error_description": "ID is not defined or invalid."},
        {"error": "", "error_description": "Not found"},
    ]


def test_numeric_keys_not_from_zero_stay_a_map(call: Call) -> None:
    """Capture crm_company_contact_items_get: {"205364": …} is an object."""
    assert call("batch", cmd={"35943": "profile"})["result"].keys() == {"35943"}


def test_the_time_object_is_whole(world: World, ask: Ask) -> None:
    """api-reference/data-types.md#time; cloud captures since 2022-09 have both operating keys."""
    ask("crm.contact.add", fields={"NAME": "Анна"})
    time = ask("crm.contact.add", fields={"NAME": "Олег"}).json()["time"]
    assert time["date_start"] == "2026-03-02T12:00:00+03:00"
    assert time["duration"] == pytest.approx(0.3)
    assert time["operating"] == pytest.approx(0.6)
    assert time["operating_reset_at"] == int(world.clock.now().timestamp()) // 60 * 60 + 600


def test_a_box_portal_shows_no_operating_time(world: World, ask: Ask) -> None:
    """Captures crm_item_list, single_add: both keys absent."""
    world.portal.config.show_operating = False
    assert not {"operating", "operating_reset_at"} & ask("profile").json()["time"].keys()


def test_a_wrong_secret_is_401(sandbox: str) -> None:
    """_includes/system-errors.md says 403 INVALID_CREDENTIALS, live portals answered 401 (b24pysdk)."""
    answer = httpx.post(f"{sandbox}/rest/1/guessed/profile")
    assert (answer.status_code, answer.json()["error"]) == (401, "INVALID_CREDENTIALS")


def test_no_credentials_at_all_is_401(sandbox: str) -> None:
    """_includes/system-errors.md: NO_AUTH_FOUND Wrong authorization data."""
    answer = httpx.post(f"{sandbox}/rest/profile")
    assert (answer.status_code, answer.json()) == (
        401,
        {"error": "NO_AUTH_FOUND", "error_description": "Wrong authorization data"},
    )


@pytest.mark.parametrize("status", [401, 403])
def test_a_missing_scope_is_refused_with_either_status(world: World, ask: Ask, status: int) -> None:
    """_includes/system-errors.md says 403 insufficient_scope, live portals answered 401 (b24pysdk)."""
    world.portal.config.scopes = ("crm",)
    world.portal.config.insufficient_scope_status = status
    answer = ask("lists.get", IBLOCK_TYPE_ID="lists")
    assert (answer.status_code, answer.json()["error"]) == (status, "insufficient_scope")


def test_an_unknown_method_is_404(ask: Ask) -> None:
    """api-reference/rest-v3.md: ERROR_METHOD_NOT_FOUND."""
    answer = ask("crm.contact.invent")
    assert (answer.status_code, answer.json()["error"]) == (404, "ERROR_METHOD_NOT_FOUND")


@pytest.mark.parametrize(("name", "code"), [("event.bind", "WRONG_AUTH_TYPE"), ("app.info", "ACCESS_DENIED")])
def test_methods_of_applications_are_closed_to_a_webhook(ask: Ask, name: str, code: str) -> None:
    """events/event-bind.md, common/system/app-info.md; codes as live portals gave them (b24pysdk)."""
    answer = ask(name)
    assert (answer.status_code, answer.json()["error"]) == (403, code)


def test_a_broken_json_body_is_no_parameters_at_all(webhook: httpx.Client) -> None:
    """settings/how-to-call-rest-api/data-encoding.md: the method then misses what it requires."""
    answer = webhook.post("method.get", content=b"{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (400, 100)
