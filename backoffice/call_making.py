"""Call tasks made once for a client and its purchase, and the plans of runs that died.

The row of a call is written as planned before the portal is asked, the request leaves under a claim, and the task
carries the natural key in its mark; by REST 3.0 the request carries it too. Where a run dies, the next one finds:

planned, not claimed       nothing in the portal: the plan is dropped, the client is due again
claimed, no answer         the task by its mark, and the plan becomes it; or, when the portal can no longer be executing
                           the request, no task: as above
answered, not noted        the task's id in the claim: the plan becomes it
refused                    the claim given back and the plan dropped by the same run; the others are made
another run is at it       NotSent, or its task
store emptied              the task by what it is bound to, when the client is looked at: it is taken over
deleted by a person        its row, as that of a task that is gone: never made again
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import Engine

from backoffice.bitrix24.call_tasks import ADD, CallForm, find_calls, read_task_id
from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.doubt import moment, settled
from backoffice.bitrix24.errors import RequestRefused
from backoffice.bitrix24.rest_3 import KeyedWrites
from backoffice.once import Created, Creation, OnceOnly
from backoffice.rules.call_plan import TaskState
from backoffice.rules.call_schedule import call_of
from backoffice.store import call_tasks, effects
from backoffice.store.call_tasks import CallTask

KIND = "call task"


@dataclass(frozen=True)
class CallMaking:
    """Makes call tasks on one portal. `settle`: how long it may still be executing what it did not answer.

    `today` is the portal's day, whatever the clock here says.
    """

    portal: Portal
    engine: Engine
    zone: tzinfo
    settle: timedelta
    today: date
    rest_3: bool = False

    def make(self, forms: Mapping[str, CallForm]) -> Created:
        """The tasks of these forms, by natural key; each stands in our store as open afterwards, or not at all."""
        if not forms:
            return Created({}, frozenset(), {})
        planned = {key: self._planned(form) for key, form in forms.items()}
        call_tasks.add(self.engine, planned.values())
        created = self._once().create(self._creations(forms))
        made = [planned[key].with_(state=TaskState.OPEN, task_id=task_id) for key, task_id in created.ids.items()]
        call_tasks.add(self.engine, made)
        refused = [key for key, error in created.failures.items() if isinstance(error, RequestRefused)]
        call_tasks.drop_planned(self.engine, self.portal.host, refused)
        return created

    def settle_plans(self) -> None:
        """A plan with an answer is a task; one without is looked for, and counts as «not made» only when nothing that
        was sent can still be on its way.
        """
        host = self.portal.host
        planned = {row.key: row for row in call_tasks.in_state(self.engine, host, TaskState.PLANNED)}
        answered = {key: int(own) for key, own in effects.done(self.engine, host, KIND, planned).items()}
        found = settled(self.portal, self._sent_at(planned.keys() - answered.keys()), self._find, settle=self.settle)
        made = answered | found
        tasks = [planned[key].with_(state=TaskState.OPEN, task_id=task_id) for key, task_id in made.items()]
        call_tasks.add(self.engine, tasks)
        call_tasks.drop_planned(self.engine, host, planned.keys() - made.keys())

    def sent_lately(self, keys: Collection[str]) -> frozenset[str]:
        """Those whose task may still be on its way, or stand in the portal and not be shown yet."""
        since = moment(self.portal) - self.settle
        return effects.claimed_since(self.engine, self.portal.host, KIND, keys, since)

    def adopt(self, deal_ids: Collection[int]) -> None:
        """Take over what stands in the portal about these purchases, so that an emptied store makes no twin."""
        found = find_calls(self.portal, deal_ids, self.zone)
        rows = [
            CallTask(
                portal=self.portal.host,
                client=live.client,
                deal_id=live.deal_id,
                task_id=live.id,
                responsible_id=live.responsible_id,
                day=live.day or live.made_on or self.today,
                asked_on=live.made_on or self.today,
                state=live.state,
                done_on=live.done_on,
                done_by=live.done_by,
            )
            for live in found
        ]
        call_tasks.add(self.engine, rows)

    def _planned(self, form: CallForm) -> CallTask:
        return CallTask(
            portal=self.portal.host,
            client=form.client,
            deal_id=form.about,
            responsible_id=form.responsible_id,
            day=form.deadline.astimezone(self.zone).date(),
            asked_on=self.today,
        )

    def _creations(self, forms: Mapping[str, CallForm]) -> dict[str, Creation]:
        if not self.rest_3:
            return {key: Creation(key, {"fields": form.fields()}) for key, form in forms.items()}
        creator = int(self.portal.call("profile")["ID"])
        return {key: Creation(key, {"fields": form.third_fields(creator)}) for key, form in forms.items()}

    def _once(self) -> OnceOnly:
        carrier = KeyedWrites(self.portal, lambda key: f"backoffice {key}") if self.rest_3 else self.portal
        return OnceOnly(carrier, self.engine, KIND, ADD, self._find, read_task_id, self.settle)

    def _find(self, keys: Collection[str]) -> dict[str, int]:
        """Of two tasks with one mark, which only people can make, the first."""
        deal_ids = {call_of(key)[1] for key in keys}
        return {
            live.key: live.id for live in reversed(find_calls(self.portal, deal_ids, self.zone)) if live.key in keys
        }

    def _sent_at(self, keys: Collection[str]) -> dict[str, datetime]:
        """When at the latest the plans were sent."""
        now, lately = moment(self.portal), self.sent_lately(keys)
        return {key: now if key in lately else now - self.settle for key in keys}
