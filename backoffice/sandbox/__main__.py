"""`python -m backoffice.sandbox`: serve the sandbox until Ctrl-C or SIGTERM."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from backoffice.sandbox.bitrix24.config import APPLICATION_TOKEN, WEBHOOK_SECRET, WEBHOOK_USER
from backoffice.sandbox.certificates import HOSTS, Certificates, make_certificates
from backoffice.sandbox.leyka.state import SECRET
from backoffice.sandbox.mail.connection import SMTP_PASSWORD, SMTP_USER
from backoffice.sandbox.mail.server import serving_mail
from backoffice.sandbox.server import running
from backoffice.sandbox.sms import sms_ru, smsc
from backoffice.sandbox.timepad.state import HOOK_SECRET, ORGANIZATION_ID, TOKEN
from backoffice.sandbox.world import new_world

CERTIFICATES = Path("var/sandbox-tls")


def main() -> None:
    options = _arguments()
    tls = make_certificates(CERTIFICATES, {*HOSTS, options.host}) if options.tls else None
    world = new_world(strict=not options.lenient, seed=options.seed)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with (
        running(world, host=options.host, port=options.port, tls=tls) as base_url,
        serving_mail(world, host=options.host, port=options.smtp_port, tls=tls) as (host, port),
    ):
        sys.stdout.write(_addresses(base_url) + _mail(host, port, tls) + _authority(tls))
        sys.stdout.flush()
        stop.wait()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m backoffice.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8024)
    parser.add_argument("--smtp-port", type=int, default=8025)
    parser.add_argument("--tls", action="store_true", help="HTTPS and STARTTLS, with a certificate made now")
    parser.add_argument("--lenient", action="store_true", help="ignore unknown names silently, as a real portal does")
    parser.add_argument("--seed", help="fill the world from a named seed, for example: seminar")
    return parser.parse_args()


def _addresses(base_url: str) -> str:
    return (
        f"portal pages        {base_url}/\n"
        f"inbound webhook     {base_url}/rest/{WEBHOOK_USER}/{WEBHOOK_SECRET}/\n"
        f"application token   {APPLICATION_TOKEN}\n"
        f"Timepad API         {base_url}/timepad\n"
        f"Timepad             organization {ORGANIZATION_ID}, token {TOKEN}, hook secret {HOOK_SECRET}\n"
        f"Leyka               {base_url}/leyka, secret {SECRET}\n"
        f"SMS.RU              {base_url}/sms.ru, api_id {sms_ru.API_ID}\n"
        f"SMSC                {base_url}/smsc.ru, login {smsc.LOGIN}, password {smsc.PASSWORD}\n"
        f"control             {base_url}/_sandbox/dump\n"
    )


def _mail(host: str, port: int, tls: Certificates | None) -> str:
    how = f"STARTTLS, user {SMTP_USER}, password {SMTP_PASSWORD}" if tls else "plain, no login"
    return f"SMTP                {host}:{port}, {how}\n"


def _authority(tls: Certificates | None) -> str:
    return f"to be trusted       {tls.authority.resolve()}\n" if tls else ""


if __name__ == "__main__":
    main()
