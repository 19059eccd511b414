"""What is known of the portal's methods: which only read, and how their listings are laid out."""

from dataclasses import dataclass

READING_ENDINGS = frozenset({"get", "list", "fields", "items", "types", "findbycomm", "current", "search", "getlist"})
READING_METHODS = frozenset({"profile", "scope", "methods", "server.time", "events"})
TAKING_METHODS = frozenset({"event.offline.get"})
"""They sound like reading and take what they give out of a queue."""


@dataclass(frozen=True)
class Listing:
    """Where a listing keeps its rows (in `result` itself if nowhere else), and the ID it can be filtered by, if any."""

    rows_at: str | None = None
    id_key: str | None = None


_LEGACY = Listing(id_key="ID")
_LISTINGS = {
    "catalog.catalog.list": Listing("catalogs"),
    "catalog.product.list": Listing("products", "id"),
    "catalog.product.offer.list": Listing("offers", "id"),
    "catalog.product.service.list": Listing("services", "id"),
    "catalog.product.sku.list": Listing("units", "id"),
    "catalog.productproperty.list": Listing("productProperties", "id"),
    "crm.activity.list": _LEGACY,
    "crm.category.list": Listing("categories"),
    "crm.company.list": _LEGACY,
    "crm.contact.list": _LEGACY,
    "crm.deal.list": _LEGACY,
    "crm.item.list": Listing("items", "id"),
    "crm.item.productrow.list": Listing("productRows"),
    "crm.lead.list": _LEGACY,
    "crm.stagehistory.list": Listing("items", "ID"),
    "crm.type.list": Listing("types"),
    "tasks.task.list": Listing("tasks"),
    "userfieldconfig.list": Listing("fields"),
}


def listing_of(method: str) -> Listing:
    """The layout of a listing method (source: settings/how-to-call-rest-api/list-methods-pecularities.md)."""
    return _LISTINGS.get(method.casefold(), Listing())


def is_reading(method: str) -> bool:
    """Whether the method changes nothing; an unknown one is taken for a write, which is the careful side."""
    folded = method.casefold()
    if folded in TAKING_METHODS:
        return False
    return folded in READING_METHODS or folded.rsplit(".", 1)[-1] in READING_ENDINGS
