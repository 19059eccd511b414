"""Opens clients and sessions from the settings. Tasks open what they need here and never pass it on."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import Engine

from backoffice.bitrix24.application import Installation
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.errors import AccessDenied
from backoffice.bitrix24.lanes import Lanes
from backoffice.bitrix24.limiter import Clock, WallClock
from backoffice.bitrix24.names import ProcessNames, read_names
from backoffice.bitrix24.oauth import Application, AuthorizationServer, oauth_origin
from backoffice.bitrix24.phones import read_phones
from backoffice.bitrix24.transport import Access, Webhook, read_webhook
from backoffice.bitrix24.visitor import read_visitor
from backoffice.bitrix24.words import read_words
from backoffice.facts_file import Findings, read_facts, write_facts
from backoffice.leyka.client import Leyka
from backoffice.mail.carrier import SmtpCarrier
from backoffice.mail.server import SmtpServer
from backoffice.outbox import Outbox
from backoffice.rules.portal_facts import PortalFacts
from backoffice.rules.portal_words import PortalWords
from backoffice.settings import SettingMissing, required, settings
from backoffice.sms import sms_ru, smsc
from backoffice.sms.carrier import SmsCarrier
from backoffice.sms.gateway import SmsGateway
from backoffice.sms.sms_ru import SmsRu
from backoffice.sms.smsc import Smsc
from backoffice.sms.wire import Wire
from backoffice.store.engine import open_engine, upgrade
from backoffice.store.oauth_tokens import InstalledPortal, StoredTokens, install, installed
from backoffice.store.portal_budget import SharedBudget
from backoffice.store.sealing import Seal
from backoffice.timepad import Timepad
from backoffice.timepad_probe import TimepadProbe

CLOCK: Clock = WallClock()
"""The clock of this process: what it paces itself by, and what it waits on."""

LANES = Lanes()
"""What this process asked of its portal lately: every task opens a client of its own."""

_resolved: dict[tuple[str, str], ProcessNames] = {}


@lru_cache
def store() -> Engine:
    """Our database, migrated; one engine for the whole process."""
    engine = open_engine(settings().database_url)
    upgrade(engine)
    return engine


@lru_cache
def words() -> PortalWords:
    """portal.toml, read once."""
    return read_words(settings().portal_toml)


@lru_cache
def facts() -> PortalFacts:
    """How the portal behaves, as far as portal-probe has found out; read once."""
    return read_facts(settings().portal_facts, portal_host())


def keep_findings(findings: Findings) -> None:
    """Obey from now on what portal-probe found out."""
    write_facts(settings().portal_facts, findings)
    facts.cache_clear()


def zone() -> ZoneInfo:
    """The portal's time zone."""
    return words().portal.time_zone


@contextmanager
def portal() -> Iterator[Portal]:
    """The portal behind the inbound webhook or the application, on the budget that all processes share."""
    access = _access()
    limits = words().portal.limits
    budget = SharedBudget(store(), access.host, limits.bucket, limits.drain_per_second, CLOCK.time)
    client = Portal(access, budget, clock=CLOCK, lanes=LANES, operating_seconds=limits.operating_seconds)
    try:
        yield client
    finally:
        client.close()


def portal_host() -> str:
    """The portal's name in our store."""
    return _access().host


def portal_origin() -> str:
    """Where the portal's pages are, for links."""
    return _access().origin


def portal_webhook() -> Webhook | None:
    """The inbound webhook; None where the portal is reached as an application."""
    access = _access()
    return access if isinstance(access, Webhook) else None


@contextmanager
def timepad() -> Iterator[Timepad]:
    """The organization's Timepad."""
    organization = required("TIMEPAD_ORGANIZATION_ID", settings().timepad_organization_id)
    with httpx.Client(**_timepad(_timepad_token())) as http:
        yield Timepad(http, organization, zone())


@contextmanager
def timepad_probe() -> Iterator[TimepadProbe]:
    """The same Timepad, asked for its forms; a second client has a token that is nobody's."""
    organization = required("TIMEPAD_ORGANIZATION_ID", settings().timepad_organization_id)
    with httpx.Client(**_timepad(_timepad_token())) as http, httpx.Client(**_timepad("0" * 40)) as stranger:
        yield TimepadProbe(http, stranger, organization)


@contextmanager
def leyka() -> Iterator[Leyka]:
    """The fund's site with Leyka and leyka-bridge."""
    secret = required("LEYKA_SECRET", settings().leyka_secret).get_secret_value()
    site = required("LEYKA_SITE_URL", settings().leyka_site_url)
    with httpx.Client(base_url=site, timeout=30) as http:
        yield Leyka(http, secret, lambda: datetime.fromtimestamp(CLOCK.time(), UTC))


def outbox() -> Outbox:
    """The portal's messages, each sent once."""
    return Outbox(portal_host(), store(), CLOCK)


def mail_carrier() -> SmtpCarrier:
    """Carries letters by the company's mail server, signed as portal.toml says."""
    ours, signed = settings(), words().messages
    if not signed.mail_from:
        raise SettingMissing("не задан mail_from в разделе [messages] файла portal.toml: от чьего имени идут письма")
    server = SmtpServer(
        required("SMTP_HOST", ours.smtp_host),
        signed.mail_from,
        ours.smtp_port,
        ours.smtp_security,
        ours.smtp_login,
        ours.smtp_password.get_secret_value(),
        signed.reply_to,
    )
    return SmtpCarrier(server, lambda: datetime.fromtimestamp(CLOCK.time(), zone()), ours.smtp_connections)


def sms_carrier() -> SmsCarrier | None:
    """Who carries SMS; None if nobody is to."""
    gateway = _sms_gateway()
    return SmsCarrier(gateway, _phones, lambda: datetime.fromtimestamp(CLOCK.time(), UTC)) if gateway else None


def names(process: str) -> ProcessNames:
    """The ids of what the process needs in the portal, looked up once per program; PortalLacks names what it lacks."""
    key = (portal_host(), process)
    if key not in _resolved:
        refresh_names(process)
    return _resolved[key]


def refresh_names(process: str) -> None:
    """Look the ids up anew: what a person renamed or removed is noticed before the first write."""
    with portal() as client:
        _resolved[portal_host(), process] = read_names(client, words(), process)


def install_application(code: str, server_domain: str = "") -> str:
    """Let the application in, with the code that an administrator's browser brought; gives the portal's host.

    AccessDenied if the code is older than 30 s or somebody else's: the application works with the rights of the person.
    """
    seal, server = _seal(), _authorization_server(f"https://{server_domain}/rest/")
    grant = server.exchange(code)
    person = read_visitor(grant.client_endpoint.removesuffix("/rest/"), grant.access_token)
    if not person.administrator:
        raise AccessDenied(f"{grant.domain}: приложение впускает администратор портала", code="", description="")
    install(store(), seal, grant)
    return grant.domain


def _sms_gateway() -> SmsGateway | None:
    ours, sender = settings(), words().messages.sms_sender
    if ours.sms_provider == "sms.ru":
        api_id = required("SMS_RU_API_ID", ours.sms_ru_api_id).get_secret_value()
        return SmsRu(Wire("sms.ru", ours.sms_api_url or sms_ru.ADDRESS), api_id, sender)
    if ours.sms_provider == "smsc":
        login = required("SMSC_LOGIN", ours.smsc_login)
        password = required("SMSC_PASSWORD", ours.smsc_password).get_secret_value()
        return Smsc(Wire("smsc", ours.sms_api_url or smsc.ADDRESS), login, password, sender)
    return None


def _phones(contact_ids: Collection[int]) -> Mapping[int, Collection[str]]:
    with portal() as client:
        return read_phones(client, contact_ids)


def _timepad_token() -> str:
    return required("TIMEPAD_TOKEN", settings().timepad_token).get_secret_value()


def _timepad(token: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    return {"base_url": settings().timepad_api_url, "headers": headers, "timeout": 30}


def _access() -> Access:
    webhook = settings().bitrix24_webhook_url
    if webhook is not None:
        return read_webhook(webhook.get_secret_value())
    if settings().bitrix24_client_id is None:
        raise SettingMissing("не задана ни BITRIX24_WEBHOOK_URL, ни BITRIX24_CLIENT_ID: обе объяснены в .env.example")
    portal = _installed()
    refresh = _authorization_server(portal.server_endpoint).refresh
    return Installation(
        portal.domain, portal.client_endpoint, StoredTokens(store(), _seal(), portal.member_id, refresh)
    )


def _installed() -> InstalledPortal:
    portal = installed(store())
    if portal is None:
        raise SettingMissing("приложение ещё не впущено в портал: python -m deployments.let_in")
    return portal


def _authorization_server(server_endpoint: str = "") -> AuthorizationServer:
    ours = settings()
    secret = required("BITRIX24_CLIENT_SECRET", ours.bitrix24_client_secret).get_secret_value()
    application = Application(required("BITRIX24_CLIENT_ID", ours.bitrix24_client_id), secret)
    return AuthorizationServer(application, oauth_origin(ours.bitrix24_oauth_host, server_endpoint), clock=CLOCK)


def _seal() -> Seal:
    return Seal(required("TOKEN_KEY", settings().token_key).get_secret_value())
