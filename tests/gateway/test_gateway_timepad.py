import hashlib
import hmac
import json
from typing import Any

import pytest

from backoffice.gateway.delivery import Refused
from backoffice.gateway.timepad import read_hook


def signed(body: object) -> tuple[bytes, str]:
    raw = json.dumps(body, ensure_ascii=False).encode()
    return raw, "sha1=" + hmac.new(b"secret", raw, hashlib.sha1).hexdigest()


def test_a_ticket_change_is_kept_without_the_person(ticket_change: dict[str, Any]) -> None:
    """Numbers, state and marks stay; names, e-mail, answers and the code that opens the door do not."""
    hook = read_hook(*signed(ticket_change), "secret")
    assert hook.subject == "300100"
    assert hook.body == {
        "event_id": 300100,
        "ticket_id": "7001",
        "order_id": "6100100",
        "status_raw": "booked",
        "attended": False,
        "reg_date": "2026-09-10 19:04:37",
    }


def test_an_order_change_names_its_event_inside() -> None:
    """The order's own shape, seen by two receivers: the event in `event.id`, the state in `status.name`."""
    order = {
        "id": 6100100,
        "event": {"id": "300100"},
        "status": {"name": "paid", "title": "оплачено"},
        "mail": "anna@example.org",
        "tickets": [{"id": 1, "answers": {"name": "Анна"}}],
    }
    hook = read_hook(*signed(order), "secret")
    assert (hook.subject, hook.body) == ("300100", {"event_id": 300100, "order_id": 6100100, "status_raw": "paid"})


@pytest.mark.parametrize("event_id", [300100, "300100"])
def test_the_event_may_be_a_number_or_a_string(event_id: object) -> None:
    """Both spellings name the same event."""
    assert read_hook(*signed({"event_id": event_id}), "secret").body == {"event_id": 300100}


def test_repeats_share_a_key_and_changes_do_not() -> None:
    """The key of a delivery is its bytes."""
    first, again, changed = (
        read_hook(*signed({"event_id": 300100, "attended": attended}), "secret").key
        for attended in (False, False, True)
    )
    assert first == again
    assert first != changed


def test_odd_values_are_left_out() -> None:
    """A value longer or deeper than an id or a state is not stored."""
    odd = {
        "event_id": 300100,
        "order_id": ["Иванова"],
        "status_raw": "x" * 65,
        "attended": None,
        "id": {"name": "Анна"},
    }
    assert read_hook(*signed(odd), "secret").body == {"event_id": 300100}


@pytest.mark.parametrize("signature", [None, "", "sha1=", "sha1=0000", "sha256=abc", "sha1=привет"])
def test_a_missing_or_wrong_signature_is_refused(signature: str | None) -> None:
    """401 before the body is even looked at."""
    with pytest.raises(Refused) as refused:
        read_hook(b"not JSON", signature, "secret")
    assert refused.value.status == 401


def test_the_signature_covers_every_byte() -> None:
    """One byte more, and the signature is wrong."""
    raw, signature = signed({"event_id": 300100})
    with pytest.raises(Refused):
        read_hook(raw + b" ", signature, "secret")
    assert read_hook(raw, signature.upper().replace("SHA1", "sha1"), "secret").subject == "300100"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff",
        b"[" * 100_000,
        b"[]",
        b"{}",
        b'{"event_id": true}',
        b'{"event_id": null}',
        b'{"event_id": "3001OO"}',
        b'{"event_id": -1}',
        b'{"event_id": 1e400}',
        b'{"event_id": "9999999999999999999"}',
        '{"event_id": "３"}'.encode(),
        b'{"event": []}',
        b'{"event": {"id": {}}}',
    ],
)
def test_a_signed_body_that_names_no_event_is_malformed(raw: bytes) -> None:
    """400 for what is not JSON, not an object, or without a usable event number."""
    signature = "sha1=" + hmac.new(b"secret", raw, hashlib.sha1).hexdigest()
    with pytest.raises(Refused) as refused:
        read_hook(raw, signature, "secret")
    assert refused.value.status == 400
