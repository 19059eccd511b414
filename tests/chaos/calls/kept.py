"""A moment to begin again from: the portal, our store and the clock as they were."""

import copy
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import SQLModel

from backoffice import connections
from backoffice.sandbox.bitrix24.portal import Portal
from backoffice.sandbox.world import World
from backoffice.store.engine import reading, writing

PARTS = ("crm", "tasks", "replays")


class Kept:
    """This moment of a world in which nothing is under way."""

    def __init__(self, world: World) -> None:
        self._world, self._at = world, world.clock.now()
        self._portal = _copied(world.portal, vars(world.portal))
        with reading(connections.store()) as session:
            self._store = [
                (table, [dict(row) for row in session.execute(select(table)).mappings()])
                for table in SQLModel.metadata.sorted_tables
            ]

    def come_back(self) -> None:
        """Nothing has happened since; no faults, and nothing that is to land late."""
        for one in (self._world.faults, self._world.past, self._world.late):
            one.clear()
        self._world.clock.move_to(self._at)
        self._world.portal.clear_limits()
        vars(self._world.portal).update(_copied(self._world.portal, self._portal))
        with writing(connections.store()) as session:
            for table, _ in reversed(self._store):
                session.execute(table.delete())
            for table, rows in self._store:
                if rows:
                    session.execute(insert(table), rows)


def _copied(portal: Portal, parts: dict[str, Any]) -> dict[str, Any]:
    outside = {id(shared): shared for shared in (portal.clock, portal.hooks)}
    return copy.deepcopy({name: parts[name] for name in PARTS}, outside)
