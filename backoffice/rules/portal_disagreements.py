"""Words that cannot both be true: one thing of the portal described in two ways."""

from collections.abc import Iterator
from typing import Any

from backoffice.rules.portal_words import FunnelWords, PortalWords, ProcessWords, folded


def disagreements(words: PortalWords) -> tuple[str, ...]:
    """One Russian sentence for each natural key with two different descriptions.

    Processes may share a list, a field or a funnel as long as they describe it alike.
    """
    first: dict[str, Any] = {}
    found = {}
    for process in words.processes.values():
        for key, description in _descriptions(process):
            if first.setdefault(key, description) != description:
                found[key] = f"{key} описано в portal.toml дважды и по-разному"
    return tuple(found.values())


def _descriptions(process: ProcessWords) -> Iterator[tuple[str, Any]]:
    for wanted in process.lists.values():
        yield f"список {wanted.code}", wanted.name
        for field in wanted.fields.values():
            yield f"поле {field.code} списка {wanted.code}", field
    for entity, user_field in process.user_fields():
        yield f"поле {user_field.code} карточки {entity}", user_field
    for product_field in process.product_fields.values():
        yield f"поле {product_field.code} карточки товара", product_field
    for funnel in process.funnels.values():
        yield from _stages(funnel)


def _stages(funnel: FunnelWords) -> Iterator[tuple[str, Any]]:
    """A stage is found by its code or by its name, and the success stage by being one: none may be ambiguous."""
    for stage in funnel.stages.values():
        yield f"стадия {stage.code} воронки «{folded(funnel.name)}»", stage
        yield f"стадия «{folded(stage.name)}» воронки «{folded(funnel.name)}»", stage
        if stage.semantic == "success":
            yield f"стадия успеха воронки «{folded(funnel.name)}»", stage
