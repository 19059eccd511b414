"""What a portal has, as far as portal.toml asks about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from backoffice.rules.portal_words import Entity, Semantic, StageWords, folded

CrmMode = Literal["classic", "simple"]


@dataclass(frozen=True)
class PortalListField:
    """A field of a universal list. `binds` is None where the portal does not say what a CRM field may hold."""

    id: str
    code: str
    name: str
    type: str
    multiple: bool
    binds: frozenset[Entity] | None = None
    shown_in_card: bool | None = None


@dataclass(frozen=True)
class PortalList:
    """A universal list with its fields."""

    id: int
    code: str
    name: str
    fields: tuple[PortalListField, ...] = ()

    def field(self, code: str) -> PortalListField | None:
        """The field with this code, whatever its letter case."""
        return next((own for own in self.fields if own.code.casefold() == code.casefold()), None)


@dataclass(frozen=True)
class PortalUserField:
    """A user field of a CRM card."""

    code: str
    name: str
    type: str
    multiple: bool
    required: bool


@dataclass(frozen=True)
class PortalProductField:
    """A field of the product cards of one catalogue; one that is not `active` shows in no card."""

    id: int
    code: str
    name: str
    type: str
    multiple: bool
    active: bool = True


@dataclass(frozen=True)
class PortalCatalogue:
    """A catalogue of products, with those of its fields that portal.toml names.

    `offers_id` is the catalogue of the products' offers (variations), where there is one.
    """

    id: int
    name: str
    offers_id: int | None = None
    fields: tuple[PortalProductField, ...] = ()

    def field(self, code: str) -> PortalProductField | None:
        """The field with this code, whatever its letter case."""
        return next((own for own in self.fields if own.code.casefold() == code.casefold()), None)


@dataclass(frozen=True)
class PortalStage:
    """A stage of a funnel of deals; `id` is the whole one, `C9:NEW`."""

    id: str
    name: str
    semantic: Semantic


@dataclass(frozen=True)
class PortalFunnel:
    """A funnel of deals. Its stages are read only where portal.toml names the funnel."""

    id: int
    name: str
    stages: tuple[PortalStage, ...] = ()


@dataclass(frozen=True)
class PortalShape:
    """A portal at one moment. What the webhook has no scope to read is None or absent, never empty."""

    scopes: frozenset[str]
    owner_is_admin: bool
    server_time: datetime
    crm_mode: CrmMode | None = None
    lists: Mapping[str, PortalList] | None = None
    user_fields: Mapping[Entity, tuple[PortalUserField, ...]] = field(default_factory=dict)
    funnels: tuple[PortalFunnel, ...] | None = None
    catalogues: tuple[PortalCatalogue, ...] | None = None

    def user_field(self, entity: Entity, code: str) -> PortalUserField | None:
        """The user field with this code, or None."""
        return next((own for own in self.user_fields.get(entity, ()) if own.code == code), None)

    def catalogue(self, code: str) -> PortalCatalogue | None:
        """The catalogue whose products have the field with this code, or are to get it; None if that is not clear."""
        candidates = [own for own in self.catalogues or () if own.field(code)] or list(self.catalogues or ())
        return candidates[0] if len(candidates) == 1 else None

    def funnel(self, name: str) -> PortalFunnel | None:
        """The funnel with this name, whatever its letter case."""
        return next((own for own in self.funnels or () if folded(own.name) == folded(name)), None)


def find_stage(funnel: PortalFunnel, wanted: StageWords) -> PortalStage | None:
    """The stage meant: by its code, else by its name; the success stage is the funnel's only one, whatever its name."""
    if wanted.semantic == "success":
        return next((stage for stage in funnel.stages if stage.semantic == "success"), None)
    by_code = (stage for stage in funnel.stages if stage.id.rsplit(":", 1)[-1] == wanted.code)
    by_name = (stage for stage in funnel.stages if folded(stage.name) == folded(wanted.name))
    return next(by_code, None) or next(by_name, None)
