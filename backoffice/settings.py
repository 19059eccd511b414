"""The only reader of the environment: addresses and secrets. The portal's own words are in portal.toml."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeVar, get_args

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

T = TypeVar("T")

BOUNDS = (("ge", "от"), ("le", "до"))

HOME = Path(__file__).resolve().parent.parent
"""The checkout: a Prefect worker executes runs in folders of its own, so nothing may depend on where it was started."""


class Settings(BaseSettings):
    """What differs between installations. `.env.example` explains each variable.

    They are read from the environment, and from `.env` of the checkout or the file that BACKOFFICE_ENV names.
    """

    model_config = SettingsConfigDict(
        env_file=os.environ.get("BACKOFFICE_ENV", HOME / ".env"), extra="ignore", env_ignore_empty=True
    )

    bitrix24_webhook_url: SecretStr | None = None
    bitrix24_application_token: SecretStr | None = None
    bitrix24_hook_secret: SecretStr | None = None
    bitrix24_client_id: str | None = None
    bitrix24_client_secret: SecretStr | None = None
    bitrix24_oauth_host: str | None = None
    token_key: SecretStr | None = None
    timepad_api_url: str = "https://api.timepad.ru"
    timepad_token: SecretStr | None = None
    timepad_organization_id: int | None = None
    timepad_webhook_secret: SecretStr | None = None
    leyka_site_url: str | None = None
    leyka_secret: SecretStr | None = None
    smtp_host: str | None = None
    smtp_port: int = Field(587, ge=1, le=65535)
    smtp_security: Literal["none", "starttls", "tls"] = "starttls"
    smtp_login: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_connections: int = Field(4, ge=1, le=20)
    sms_provider: Literal["", "sms.ru", "smsc"] = ""
    sms_ru_api_id: SecretStr | None = None
    smsc_login: str | None = None
    smsc_password: SecretStr | None = None
    sms_api_url: str | None = None
    database_url: str = Field(f"sqlite:///{HOME / 'var' / 'backoffice.db'}", repr=False)
    portal_toml: Path = HOME / "portal.toml"
    portal_facts: Path = HOME / "var" / "portal.facts.json"
    reports: Path = HOME / "var" / "reports"


class SettingMissing(Exception):
    """A setting that this step needs is not set; the message names the variable."""


class SettingWrong(Exception):
    """Settings have values that cannot be; the message (Russian) names each variable and what it may be."""


@lru_cache
def settings() -> Settings:
    """The settings of this process, read once; SettingWrong names all that are wrong, without their values."""
    try:
        return Settings()
    except ValidationError as faults:
        names = sorted({str(fault["loc"][0]) for fault in faults.errors(include_input=False)})
        wrong = "; ".join(f"{name.upper()} — {_allowed(name)}" for name in names)
        raise SettingWrong(f"неверное значение в .env или окружении: {wrong}") from None


def required(name: str, value: T | None) -> T:
    """The value, or SettingMissing naming the variable and where it is explained."""
    if value is None:
        raise SettingMissing(f"не задана переменная {name}: она объяснена в .env.example")
    return value


def _allowed(name: str) -> str:
    field = Settings.model_fields[name]
    if values := [value for value in get_args(field.annotation) if isinstance(value, str)]:
        return f"допустимо {', '.join(value or 'пустое значение' for value in values)}"
    bounds = [
        f"{word} {getattr(bound, key)}" for key, word in BOUNDS for bound in field.metadata if hasattr(bound, key)
    ]
    return " ".join(["нужно целое число", *bounds])
