from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.gateway.bitrix24 import read_event
from backoffice.gateway.brackets import decode
from backoffice.gateway.delivery import Refused

NOW = datetime(2026, 9, 10, 19, 0, tzinfo=UTC)


def form(**fields: str) -> bytes:
    usual = {
        "event": "ONCRMDEALUPDATE",
        "event_handler_id": "975",
        "data[FIELDS][ID]": "662",
        "ts": str(int(NOW.timestamp())),
        "auth[domain]": "example.bitrix24.ru",
        "auth[access_token]": "an access token",
        "auth[application_token]": "token",
    }
    return urlencode({**usual, **fields}).encode()


def test_an_event_is_kept_without_its_auth() -> None:
    """The event, its object and its moment; no token of any kind, and nothing unheard of."""
    event = read_event(form(unheard="of"), "token", NOW)
    assert event.subject == "ONCRMDEALUPDATE"
    assert event.body == {
        "event": "ONCRMDEALUPDATE",
        "event_handler_id": "975",
        "data": {"FIELDS": {"ID": "662"}},
        "ts": str(int(NOW.timestamp())),
    }


@pytest.mark.parametrize(
    "auth", [{"auth[application_token]": "tokem"}, {"auth[application_token]": ""}, {"auth": "token"}]
)
def test_a_wrong_token_is_refused(auth: dict[str, str]) -> None:
    """403 for a token that is wrong, empty, or not where it belongs."""
    with pytest.raises(Refused) as refused:
        read_event(form(**auth), "token", NOW)
    assert refused.value.status == 403


def test_a_stale_event_is_refused() -> None:
    """An event of more than a day ago was recorded by somebody: the portal sends each once."""
    assert read_event(form(), "token", NOW + timedelta(days=1)).subject == "ONCRMDEALUPDATE"
    with pytest.raises(Refused) as refused:
        read_event(form(), "token", NOW + timedelta(days=1, seconds=1))
    assert refused.value.status == 403


@pytest.mark.parametrize(
    "fields", [{"event[]": "x"}, {"ts": "yesterday"}, {"ts[]": "1"}, {"a[b": "unbalanced"}, {"[]": ""}]
)
def test_what_is_no_event_is_malformed(fields: dict[str, str]) -> None:
    """400 for a form without an event or a moment, or with brackets that do not close."""
    with pytest.raises(Refused) as refused:
        read_event(form(**fields), "token", NOW)
    assert refused.value.status == 400


@pytest.mark.parametrize("raw", [b"a=%ff", b"\xff=1", b"&".join([b"a=1"] * 1001)])
def test_what_is_no_form_is_malformed(raw: bytes) -> None:
    """400 for bytes that are no UTF-8, and for more fields than any event has."""
    with pytest.raises(Refused) as refused:
        read_event(raw, "token", NOW)
    assert refused.value.status == 400


def test_brackets_nest_as_in_php() -> None:
    """Names nest, empty brackets count, the later of two counts, escapes are undone."""
    raw = b"a[b][c]=1&a[b][d]=%D0%B4+%26&list[]=x&list[]=y&twice=1&twice=2&was=1&was[now]=2&empty="
    assert decode(raw) == {
        "a": {"b": {"c": "1", "d": "д &"}},
        "list": {"0": "x", "1": "y"},
        "twice": "2",
        "was": {"now": "2"},
        "empty": "",
    }


names = st.text(st.characters(exclude_characters="[]", exclude_categories=["Cs"]), min_size=1, max_size=5)
trees = st.recursive(
    st.text(max_size=5), lambda inner: st.dictionaries(names, inner, min_size=1, max_size=3), max_leaves=8
)


@given(st.dictionaries(names, trees, max_size=3))
def test_any_nested_array_is_decoded_as_it_was(tree: dict[str, Any]) -> None:
    """What PHP would encode so comes back the same, names and values of any script included."""
    assert decode("&".join(_encoded(tree)).encode()) == tree


def _encoded(tree: dict[str, Any], inside: str = "") -> list[str]:
    fields = []
    for name, value in tree.items():
        path = f"{inside}[{name}]" if inside else name
        fields += _encoded(value, path) if isinstance(value, dict) else [f"{quote_plus(path)}={quote_plus(value)}"]
    return fields
