"""The signature that leyka-bridge makes and that we make for it."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.leyka.signature import is_signed, sign

NOW = datetime(2026, 9, 10, 19, 0, 0, 900_000, tzinfo=UTC)


def test_the_header_is_the_agreed_one() -> None:
    """Unix time and the hex HMAC-SHA256 of `t.message`."""
    moment = int(NOW.timestamp())
    digest = hmac.new(b"secret", f"{moment}.".encode() + b"{}", hashlib.sha256).hexdigest()
    assert sign(b"{}", "secret", NOW) == f"t={moment},v1={digest}"


@given(st.binary(max_size=50), st.text(min_size=1, max_size=20), st.integers(-299, 299))
def test_what_was_signed_is_recognized(message: bytes, secret: str, seconds: int) -> None:
    """Within five minutes either way: clocks differ, and the way takes time."""
    assert is_signed(sign(message, secret, NOW), message, secret, NOW + timedelta(seconds=seconds))


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_another_message_has_another_signature(message: bytes, other: bytes) -> None:
    """Every byte counts."""
    assert is_signed(sign(message, "secret", NOW), other, "secret", NOW) == (message == other)


@pytest.mark.parametrize("seconds", [-302, 302, 86_400])
def test_an_old_one_is_none(seconds: int) -> None:
    """Nobody who recorded a request can repeat it later; nor is one from the future believed."""
    assert not is_signed(sign(b"{}", "secret", NOW), b"{}", "secret", NOW + timedelta(seconds=seconds))


@given(st.text())
def test_any_text_is_refused(header: str) -> None:
    """Without an exception."""
    assert not is_signed(header, b"{}", "secret", NOW)


@pytest.mark.parametrize("header", [None, "", "t=,v1=", "t=1,v1=привет", "v1=00,t=1"])
def test_no_header_is_no_signature(header: str | None) -> None:
    assert not is_signed(header, b"{}", "secret", NOW)


def test_without_a_secret_nothing_is_signed() -> None:
    """Not even with the empty one."""
    assert not is_signed(sign(b"{}", "", NOW), b"{}", "", NOW)
