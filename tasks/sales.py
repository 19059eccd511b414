"""Sales: our copy of the portal's deals, and what it says of the clients."""

from datetime import datetime

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from backoffice import connections
from backoffice.bitrix24.sales_changes import PORTION, read_all, read_changed
from backoffice.bitrix24.sales_source import SalesSource, sales_source
from backoffice.bitrix24.shape import read_server_time
from backoffice.retries import worth_retrying
from backoffice.rules.repeat_sales import CallPolicy, Study
from backoffice.rules.sales import ClientSales
from backoffice.store import sales_copy
from backoffice.store.sales import ripe_clients

PROCESS = "repeat_sale_calls"
TOLD_EVERY = 20 * PORTION
DELAYS = [30.0, 300.0, 600.0]
"""Whoever takes up a whole reading goes on where it was left."""


@task(retries=3, retry_delay_seconds=DELAYS, retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def refresh_sales() -> None:
    """Take in what changed since the last time: one request when little did. The first time everything is read."""
    engine, host, source = connections.store(), connections.portal_host(), _source()
    since = sales_copy.changed_until(engine, host, source.name)
    if since is None:
        _read_everything(source)
        return
    with connections.portal() as portal:
        until, changed = read_changed(portal, source, since)
        for portion in changed:
            sales_copy.store_changed(engine, host, portion)
    sales_copy.move_changed(engine, host, source.name, until)


@task(retries=3, retry_delay_seconds=DELAYS, retry_condition_fn=worth_retrying, cache_policy=NO_CACHE)
def rebuild_sales() -> int:
    """Read all deals anew; how many there are. A reading that was begun within half a day is gone on with."""
    return _read_everything(_source())


@task(cache_policy=NO_CACHE)
def read_study(policy: CallPolicy, now: datetime) -> Study:
    """By what clients are judged today; days are the portal's."""
    zone, start_from = connections.zone(), connections.words().processes[PROCESS].start_from
    return Study(policy, start_from.astimezone(zone).date(), now.astimezone(zone).date())


@task(cache_policy=NO_CACHE)
def read_ripe(study: Study) -> list[ClientSales]:
    """The clients who may be due by our copy, the longest waiting first."""
    return ripe_clients(connections.store(), connections.portal_host(), study)


def _read_everything(source: SalesSource) -> int:
    engine, host, read = connections.store(), connections.portal_host(), 0
    with connections.portal() as portal:
        now = read_server_time(portal.call("server.time"))
        reading = sales_copy.begin_reading(engine, host, source.name, now)
        for portion in read_all(portal, source, reading.read_until):
            sales_copy.store_read(engine, host, reading, portion)
            read += len(portion)
            if read % TOLD_EVERY == 0:
                get_run_logger().info("прочитано сделок: %s", read)
    return sales_copy.end_reading(engine, host, reading)


def _source() -> SalesSource:
    return sales_source(connections.names(PROCESS), connections.zone())
