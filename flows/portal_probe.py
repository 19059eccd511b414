"""Portal probe: find out on the real portal what its documents leave open, before the processes rely on it.

Makes a list, contacts, products and fields with unmistakable names, tries them and removes them, whatever happens
meanwhile.
"""

from prefect import flow

from tasks.portal import read_clock
from tasks.portal_probe import (
    keep_findings,
    look_at_timepad,
    publish_plan,
    publish_report,
    remove_throwaways,
    try_portal,
)


@flow
def portal_probe(dry_run: bool = False) -> None:
    """Узнать, как портал и Таймпад ведут себя там, где об этом молчат их документы.

    Args:
        dry_run: Только показать, что будет создано для пробы и удалено после неё; ничего не создавать.
    """
    publish_plan()
    if dry_run:
        return
    remove_throwaways()
    try:
        trials = try_portal()
    finally:
        remove_throwaways()
    findings = keep_findings(trials, look_at_timepad(), read_clock())
    publish_report(findings)
