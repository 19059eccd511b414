"""The ids behind the words of portal.toml, for one process."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.shape import read_shape
from backoffice.rules.portal_setup import PortalLacks, plan
from backoffice.rules.portal_shape import PortalShape, find_stage
from backoffice.rules.portal_words import (
    FunnelWords,
    ListWords,
    PortalWords,
    ProductFieldWords,
    SalesWords,
    UserFieldWords,
    folded,
)


@dataclass(frozen=True)
class ListNames:
    """A universal list: `fields` maps our word to the id, `participant` to `PROPERTY_101`."""

    id: int
    code: str
    fields: Mapping[str, str]


@dataclass(frozen=True)
class FunnelNames:
    """A funnel of deals: `stages` maps our word to the stage's whole id, `C9:BO_REMIND`."""

    id: int
    stages: Mapping[str, str]


@dataclass(frozen=True)
class ProductField:
    """A field of the products of the catalogue `iblock_id`, whose offers (variations) are in `offers_id`, if at all."""

    id: int
    iblock_id: int
    offers_id: int | None = None

    @property
    def key(self) -> str:
        """How a product shows it."""
        return f"property{self.id}"


@dataclass(frozen=True)
class SalesNames:
    """Which deals are sales: those of `funnels`, or of all but `other_funnels` where None are named.

    `undone_stages` undo a sale, and so does `undone_field`, if anything is filled in.
    """

    funnels: frozenset[int] | None = None
    other_funnels: frozenset[int] = frozenset()
    undone_stages: frozenset[str] = frozenset()
    undone_field: str = ""


@dataclass(frozen=True)
class ProcessNames:
    """What a process calls things, and what the portal calls them. The keys are those of portal.toml."""

    lists: Mapping[str, ListNames]
    contact_fields: Mapping[str, str]
    deal_fields: Mapping[str, str]
    company_fields: Mapping[str, str]
    lead_fields: Mapping[str, str]
    funnels: Mapping[str, FunnelNames]
    product_fields: Mapping[str, ProductField] = field(default_factory=dict)
    sales: SalesNames | None = None


def read_names(portal: Portal, words: PortalWords, process: str) -> ProcessNames:
    """The same from the portal as it is now: one request, two where the process has funnels."""
    return resolve(words, read_shape(portal, _section(words, process)), process)


def resolve(words: PortalWords, shape: PortalShape, process: str) -> ProcessNames:
    """The ids of everything in the process's section. PortalLacks names each thing missing, and the remedy."""
    section = _section(words, process)
    plan(section, shape).demand_nothing()
    own = section.processes[process]
    return ProcessNames(
        lists={word: _list(wanted, shape) for word, wanted in own.lists.items()},
        contact_fields=_codes(own.contact_fields),
        deal_fields=_codes(own.deal_fields),
        company_fields=_codes(own.company_fields),
        lead_fields=_codes(own.lead_fields),
        funnels={word: _funnel(wanted, shape) for word, wanted in own.funnels.items()},
        product_fields={word: _product_field(wanted, shape) for word, wanted in own.product_fields.items()},
        sales=_sales(own.sales, shape, _made_by_others(words, process)) if own.sales else None,
    )


def _section(words: PortalWords, process: str) -> PortalWords:
    if process not in words.processes:
        raise PortalLacks((f"в portal.toml нет раздела [{process}]",))
    return words.only(process)


def _codes(fields: Mapping[str, UserFieldWords]) -> dict[str, str]:
    return {word: wanted.code for word, wanted in fields.items()}


def _list(wanted: ListWords, shape: PortalShape) -> ListNames:
    own = (shape.lists or {})[wanted.code]
    ids = {word: found.id for word, listed in wanted.fields.items() if (found := own.field(listed.code))}
    return ListNames(own.id, own.code, ids)


def _product_field(wanted: ProductFieldWords, shape: PortalShape) -> ProductField:
    catalogue = shape.catalogue(wanted.code)
    own = catalogue.field(wanted.code) if catalogue else None
    if catalogue is None or own is None:
        raise PortalLacks((f"в карточке товара нет поля «{wanted.name}»",))
    return ProductField(own.id, catalogue.id, catalogue.offers_id)


def _funnel(wanted: FunnelWords, shape: PortalShape) -> FunnelNames:
    own = shape.funnel(wanted.name)
    if own is None:
        raise PortalLacks((f"в CRM нет воронки сделок «{wanted.name}»",))
    ids = {word: found.id for word, stage in wanted.stages.items() if (found := find_stage(own, stage))}
    return FunnelNames(own.id, ids)


def _made_by_others(words: PortalWords, process: str) -> list[str]:
    """The funnels into which another process puts deals of its own, which are no sales."""
    others = [own for name, own in words.processes.items() if name != process and "deal" in own.creates]
    return [funnel.name for own in others for funnel in own.funnels.values()]


def _sales(wanted: SalesWords, shape: PortalShape, others: Iterable[str]) -> SalesNames:
    named = [own for name in wanted.funnels if (own := shape.funnel(name))]
    stages = [stage for own in (named if wanted.funnels else shape.funnels or ()) for stage in own.stages]
    undone = {folded(name) for name in wanted.undone_stages}
    return SalesNames(
        funnels=frozenset(own.id for own in named) if wanted.funnels else None,
        other_funnels=frozenset(own.id for name in others if (own := shape.funnel(name))),
        undone_stages=frozenset(stage.id for stage in stages if folded(stage.name) in undone),
        undone_field=wanted.undone_field,
    )
