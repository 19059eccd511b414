"""`python -m backoffice.gateway --port N` serves the webhooks until SIGTERM or Ctrl-C."""

import argparse
import logging
import sys

import uvicorn
from prefect.settings import get_current_settings
from pydantic import SecretStr

from backoffice.connections import portal_origin, store
from backoffice.gateway.app import Secrets, create_app
from backoffice.gateway.dispatcher import Dispatcher
from backoffice.gateway.import_runs import ImportRuns
from backoffice.gateway.page import PortalPage, portal_page
from backoffice.gateway.readiness import look_at_prefect
from backoffice.gateway.runs import PrefectRuns
from backoffice.gateway.starts import PrefectStarter
from backoffice.settings import SettingMissing, SettingWrong, settings


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m backoffice.gateway", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    arguments = parser.parse_args()
    if get_current_settings().api.url is None:
        # Without it the client would start a server of its own, whose runs nobody executes.
        sys.exit("Не задан PREFECT_API_URL: шлюз не знает, где запускать процессы; например http://127.0.0.1:4200/api")
    try:
        settings()
    except SettingWrong as wrong:
        sys.exit(str(wrong))
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("backoffice").setLevel(logging.INFO)
    starter, runs = PrefectStarter(), PrefectRuns()
    dispatcher = Dispatcher(store(), starter, imports=ImportRuns(store(), starter, runs))
    app = create_app(store(), _secrets(), dispatcher, page=_page(dispatcher, runs), probe=look_at_prefect)
    # No access log: a secret stands in the path of /bitrix24.
    uvicorn.run(app, host=arguments.host, port=arguments.port, access_log=False, ws="none")


def _secrets() -> Secrets:
    ours = settings()
    return Secrets(
        timepad=_plain(ours.timepad_webhook_secret),
        application_token=_plain(ours.bitrix24_application_token),
        path=_plain(ours.bitrix24_hook_secret),
        leyka=_plain(ours.leyka_secret),
    )


def _page(dispatcher: Dispatcher, runs: PrefectRuns) -> PortalPage | None:
    """The page inside the portal; without a portal in the settings there is none."""
    try:
        return portal_page(store(), portal_origin(), dispatcher, runs, settings().bitrix24_client_id)
    except SettingMissing as missing:
        logging.getLogger(__name__).warning("the page inside the portal is off: %s", missing)
        return None
    except ValueError as wrong:  # the webhook's address is none
        sys.exit(str(wrong))


def _plain(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


if __name__ == "__main__":
    main()
