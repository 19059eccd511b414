"""The sandbox speaks HTTPS as portals do, with a certificate that a client may trust or not."""

import os
import smtplib
import ssl
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from backoffice.sandbox.certificates import Certificates
from backoffice.sandbox.mail.connection import SMTP_PASSWORD, SMTP_USER

PROFILE = "rest/1/sandbox-webhook-secret/profile"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_who_trusts_the_authority_gets_an_answer(sandbox: str, certificates: Certificates, host: str) -> None:
    """By name and by address; VERIFY_X509_STRICT is what newer Pythons ask of a certificate."""
    trusting = ssl.create_default_context(cafile=certificates.authority)
    trusting.verify_flags |= ssl.VERIFY_X509_STRICT
    answer = httpx.get(f"{sandbox}/{PROFILE}".replace("127.0.0.1", host), verify=trusting)
    assert answer.json()["result"]["ID"] == "1"


def test_who_does_not_trust_it_refuses_to_talk(sandbox: str) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"{sandbox}/{PROFILE}")


def test_the_program_serves_https_and_says_whom_to_trust(tmp_path: Path) -> None:
    """`python -m backoffice.sandbox --tls` prints its addresses and last the authority's file, below its own var/.

    Letters are taken by the same program, after STARTTLS and a login, and seen at its control.
    """
    command = [sys.executable, "-m", "backoffice.sandbox", "--tls", "--port", "0", "--smtp-port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as program:  # noqa: S603 - our own
        try:
            pages, webhook = _told(program, "portal pages"), _told(program, "inbound webhook")
            mail, authority = _told(program, "SMTP"), _told(program, "to be trusted")
            trusting = ssl.create_default_context(cafile=authority)
            assert httpx.get(f"{webhook}profile", verify=trusting).status_code == 200
            _send_letter(mail.partition(",")[0], trusting)
            [letter] = httpx.get(f"{pages}_sandbox/mail", verify=trusting).json()["letters"]
            assert letter["subject"] == "Завтра занятие"
        finally:
            program.terminate()
    assert Path(authority) == tmp_path / "var/sandbox-tls/ca.pem"


def test_a_foreign_program_needs_nothing_but_the_environment(webhook_url: str, certificates: Certificates) -> None:
    """fast-bitrix24 in a program of its own, as a newcomer would try it: SSL_CERT_FILE is all that it is told."""
    code = "import sys, fast_bitrix24 as f; print(f.Bitrix(sys.argv[1], verbose=False).get_all('crm.contact.list'))"
    told = {**os.environ, "SSL_CERT_FILE": str(certificates.authority)}
    run = [sys.executable, "-c", code, webhook_url]
    done = subprocess.run(run, env=told, capture_output=True, text=True, check=True, timeout=60)  # noqa: S603 - our own
    assert done.stdout == "[]\n"


def _send_letter(address: str, trusting: ssl.SSLContext) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "info@example.org", "anna@example.org", "Завтра занятие"
    host, port = address.split(":")
    with smtplib.SMTP(host, int(port), timeout=5) as client:
        client.starttls(context=trusting)
        client.login(SMTP_USER, SMTP_PASSWORD)
        client.send_message(letter)


def _told(program: subprocess.Popen[str], what: str) -> str:
    """The program's next line that begins so, without its beginning."""
    assert program.stdout is not None
    return next(line for line in program.stdout if line.startswith(what)).removeprefix(what).strip()
