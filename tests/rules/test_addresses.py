"""Where secrets and people's data may be sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.rules.addresses import is_private


@pytest.mark.parametrize(
    "url",
    [
        "https://fund.example.org",
        "HTTPS://фонд.рф/leyka",
        "http://127.0.0.1:8024/leyka",
        "http://localhost",
        "http://[::1]:1",
    ],
)
def test_tls_and_this_machine_are_private(url: str) -> None:
    assert is_private(url)


@pytest.mark.parametrize(
    "url",
    [
        *("http://fund.example.org", "http://127.0.0.1.example.org", "http://10.0.0.1", "http://[::2]"),
        *(
            "fund.example.org",
            "//fund.example.org",
            "https://",
            "ftp://127.0.0.1",
            "",
            "http://[",
            "http://localhost.example.org",
        ),
    ],
)
def test_clear_text_and_what_is_no_address_are_not(url: str) -> None:
    assert not is_private(url)


@given(st.text())
def test_any_text_gets_an_answer(url: str) -> None:
    assert is_private(url) in (True, False)
