"""Addresses of pages of the portal, for reports that people read."""

from collections.abc import Iterable


def contact_link(origin: str, contact_id: int) -> str:
    """The contact's card."""
    return f"{origin}/crm/contact/details/{contact_id}/"


def deal_link(origin: str, deal_id: int) -> str:
    """The deal's card."""
    return f"{origin}/crm/deal/details/{deal_id}/"


def product_link(origin: str, catalogue_id: int, product_id: int) -> str:
    """The product's card."""
    return f"{origin}/crm/catalog/{catalogue_id}/product/{product_id}/"


def merge_link(origin: str, contact_ids: Iterable[int]) -> str:
    """The page where a person merges contacts; the first one survives (crm/duplicates/crm-entity-merge-batch.md)."""
    return f"{origin}/crm/contact/merge/?id={','.join(map(str, contact_ids))}"


def section_link(origin: str, list_id: int, section_id: int) -> str:
    """A section of a universal list."""
    return f"{origin}/company/lists/{list_id}/view/{section_id}/"
