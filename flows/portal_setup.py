"""Prepare the portal: create the lists, fields, funnels and stages of portal.toml that it lacks.

Safe to run at any time: what exists is left alone, what only a human can do is listed.
"""

from prefect import flow

from backoffice.rules.portal_setup import plan
from tasks.portal import create_missing, publish_plan, publish_remains, read_shape, read_words


@flow
def portal_setup(dry_run: bool = False) -> None:
    """Создать на портале недостающие списки, поля, воронки и стадии из portal.toml.

    Args:
        dry_run: Только показать, чего не хватает; ничего не создавать.
    """
    words = read_words()
    decided = plan(words, read_shape())
    publish_plan(decided)
    if dry_run:
        return
    decided.demand_rights()
    create_missing(decided)
    remains = plan(words, read_shape())
    publish_remains(remains)
    remains.demand_nothing()
