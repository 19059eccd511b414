"""`python -m deployments.let_in`: an administrator lets our application into the portal, once.

The browser comes back from the portal to the application's address with a code that lives 30 s
(settings/oauth/index.md); whatever is shown there, the code stands in the address bar.
"""

import sys
from urllib.parse import parse_qs, urlencode, urlsplit

from backoffice.bitrix24.errors import PortalError
from backoffice.connections import install_application
from backoffice.settings import SettingMissing, SettingWrong, required, settings

ASK = """Откройте в браузере, где вы вошли в портал администратором:

    {address}

Портал вернёт вас на адрес приложения. За 30 секунд скопируйте из адресной строки весь этот адрес и вставьте сюда:
"""


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("Назовите портал: python -m deployments.let_in портал.bitrix24.ru")
    sys.stdout.write(ASK.format(address=consent_address(sys.argv[1])))
    sys.stdout.flush()
    try:
        portal = let_in(sys.stdin.readline())
    except (PortalError, ValueError) as refusal:
        sys.exit(str(refusal))
    sys.stdout.write(f"Приложение впущено: {portal}\n")


def consent_address(portal: str) -> str:
    """Where the portal asks the administrator; `portal` is its host, with or without https://."""
    try:
        client_id = required("BITRIX24_CLIENT_ID", settings().bitrix24_client_id)
    except (SettingMissing, SettingWrong) as fault:
        sys.exit(str(fault))
    host = urlsplit(portal if "://" in portal else f"https://{portal}").netloc
    return f"https://{host}/oauth/authorize/?{urlencode({'client_id': client_id})}"


def let_in(address: str) -> str:
    """Use the code in the address that the browser came back to; ValueError if there is none."""
    query = parse_qs(urlsplit(address.strip()).query)
    if "code" not in query:
        raise ValueError("В этом адресе нет кода (…?code=…): скопируйте адрес целиком")
    return install_application(query["code"][0], query.get("server_domain", [""])[0])


if __name__ == "__main__":
    main()
