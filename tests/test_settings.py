"""Settings that cannot be are named as they stand in .env."""

import traceback

import pytest

from backoffice.settings import SettingWrong, settings

SECRET = "not-to-be-shown"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", SECRET)
    settings.cache_clear()


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("SMTP_SECURITY", "ssl", "допустимо none, starttls, tls"),
        ("SMS_PROVIDER", "sms", "допустимо пустое значение, sms.ru, smsc"),
        ("SMTP_PORT", SECRET, "нужно целое число от 1 до 65535"),
        ("SMTP_PORT", "99999", "нужно целое число от 1 до 65535"),
        ("SMTP_CONNECTIONS", "0", "нужно целое число от 1 до 20"),
        ("TIMEPAD_ORGANIZATION_ID", SECRET, "нужно целое число"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, allowed: str) -> None:
    """With what it may be; what somebody put there by mistake is not shown, it may be a secret."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingWrong) as fault:
        settings()
    assert str(fault.value) == f"неверное значение в .env или окружении: {name} — {allowed}"
    shown = "".join(traceback.format_exception(fault.value))
    assert SECRET not in shown
    assert "pydantic" not in shown


def test_all_wrong_settings_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One edit of .env is enough."""
    monkeypatch.setenv("SMTP_SECURITY", "ssl")
    monkeypatch.setenv("SMTP_PORT", "tls")
    with pytest.raises(SettingWrong, match=r"SMTP_PORT — .*; SMTP_SECURITY — "):
        settings()
