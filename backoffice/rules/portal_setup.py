"""What to create on a portal so that the processes of portal.toml can work, and what only a human can do."""

from collections.abc import Iterator
from dataclasses import dataclass

from backoffice.rules.portal_actions import (
    REMEDY,
    Create,
    CreateFunnel,
    CreateList,
    CreateListField,
    CreateProductField,
    CreateStage,
    CreateUserField,
)
from backoffice.rules.portal_by_hand import HumanStep, human_steps
from backoffice.rules.portal_mismatches import mismatches
from backoffice.rules.portal_shape import PortalFunnel, PortalShape, find_stage
from backoffice.rules.portal_words import FunnelWords, ListWords, PortalWords, ProcessWords


class PortalLacks(Exception):
    """The portal is not ready for a process. `lacks`: one Russian sentence for each thing; `remedy` is told last."""

    def __init__(self, lacks: tuple[str, ...], remedy: str = "") -> None:
        super().__init__("\n".join((*lacks, remedy)).rstrip())
        self.lacks, self.remedy = lacks, remedy

    def __reduce__(self) -> tuple[type["PortalLacks"], tuple[tuple[str, ...], str]]:
        return type(self), (self.lacks, self.remedy)


@dataclass(frozen=True)
class SetupPlan:
    """`create`: parents before children, no natural key twice. `wrong`: what stands there, but not as it must.

    `permitted`: whether the webhook's owner may create at all.
    """

    create: tuple[Create, ...] = ()
    by_hand: tuple[HumanStep, ...] = ()
    wrong: tuple[str, ...] = ()
    permitted: bool = True

    @property
    def blocked(self) -> tuple[str, ...]:
        """What stops the processes and only a human can change."""
        return tuple(step.text for step in self.by_hand if step.blocks) + self.wrong

    @property
    def reminders(self) -> tuple[str, ...]:
        """What the program cannot see and a human should look at; it stops nothing."""
        return tuple(step.text for step in self.by_hand if not step.blocks)

    @property
    def lacks(self) -> tuple[str, ...]:
        """Everything that stops the processes, one sentence each."""
        return self.blocked + tuple(action.lack for action in self.create)

    def demand_rights(self) -> None:
        """Raise PortalLacks if there is something to create and the webhook's owner may not."""
        if self.create and not self.permitted:
            raise PortalLacks(self.lacks)

    def demand_nothing(self) -> None:
        """Raise PortalLacks unless the processes can work."""
        if self.lacks:
            raise PortalLacks(self.lacks, REMEDY if self.create else "")


def plan(words: PortalWords, shape: PortalShape) -> SetupPlan:
    """Compare the words with the portal. Nothing that exists is ever changed; what could not be read is not created."""
    missing = {action.key: action for process in words.processes.values() for action in _missing(process, shape)}
    return SetupPlan(
        create=tuple(missing.values()),
        by_hand=human_steps(words, shape, creating=bool(missing)),
        wrong=mismatches(words, shape),
        permitted=shape.owner_is_admin,
    )


def _missing(process: ProcessWords, shape: PortalShape) -> Iterator[Create]:
    for wanted in process.lists.values():
        yield from _missing_of_list(wanted, shape)
    for entity, field in process.user_fields():
        if entity in shape.user_fields and shape.user_field(entity, field.code) is None:
            yield CreateUserField(entity, field)
    yield from _missing_product_fields(process, shape)
    for funnel in process.funnels.values():
        yield from _missing_of_funnel(funnel, shape)


def _missing_of_list(wanted: ListWords, shape: PortalShape) -> Iterator[Create]:
    if shape.lists is None:
        return
    own = shape.lists.get(wanted.code)
    if own is None:
        yield CreateList(wanted.code, wanted.name)
    for field in wanted.fields.values():
        if own is None or own.field(field.code) is None:
            yield CreateListField(wanted, field)


def _missing_product_fields(process: ProcessWords, shape: PortalShape) -> Iterator[Create]:
    for field in process.product_fields.values():
        catalogue = shape.catalogue(field.code)
        if catalogue and catalogue.field(field.code) is None:
            yield CreateProductField(catalogue.id, field)


def _missing_of_funnel(wanted: FunnelWords, shape: PortalShape) -> Iterator[Create]:
    if shape.funnels is None:
        return
    own = shape.funnel(wanted.name)
    if own is None:
        yield CreateFunnel(wanted.name, wanted.sort)
    yield from _missing_stages(wanted, own)


def _missing_stages(wanted: FunnelWords, own: PortalFunnel | None) -> Iterator[Create]:
    for stage in wanted.stages.values():
        if own is None and stage.semantic == "success":
            continue  # a new funnel is born with its one success stage
        if own is None or find_stage(own, stage) is None:
            yield CreateStage(wanted.name, own.id if own else None, stage)
