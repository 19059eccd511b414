"""The mail settings of an installation, looked at before anybody waits for a letter."""

from collections.abc import Callable

import pytest

from backoffice.mail.line import Unreachable
from backoffice.mail.server import MailMisconfigured
from backoffice.sandbox.world import World
from backoffice.settings import SettingMissing, settings
from tasks.messages import check_mail


@pytest.fixture
def use(connected: None, mail_server: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """use(NAME=value): settings of the installation, beside those of the sandbox's mail server."""

    def use(**values: str) -> None:
        host, port = mail_server
        for name, value in {"SMTP_HOST": host, "SMTP_PORT": str(port), "SMTP_SECURITY": "none", **values}.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()

    return use


def test_right_settings_pass_and_nothing_is_sent(world: World, use: Callable[..., None]) -> None:
    """The server has been asked, no letter has come."""
    use()
    check_mail.fn()
    assert len(world.mailbox.letters) == 0


@pytest.mark.parametrize(
    ("values", "fault", "named"),
    [
        ({"SMTP_HOST": ""}, SettingMissing, "SMTP_HOST"),
        ({"SMTP_SECURITY": "starttls"}, MailMisconfigured, "SMTP_SECURITY"),
        ({"SMTP_LOGIN": "info", "SMTP_PASSWORD": "secret"}, MailMisconfigured, "SMTP_LOGIN"),
        ({"SMTP_PORT": "1"}, Unreachable, "SMTP_HOST, SMTP_PORT"),
    ],
)
def test_wrong_settings_are_named(
    use: Callable[..., None], values: dict[str, str], fault: type[Exception], named: str
) -> None:
    """By the variable to look at."""
    use(**values)
    with pytest.raises(fault, match=named):
        check_mail.fn()
