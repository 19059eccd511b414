"""Addresses of pages of the portal, for reports that people read."""

from collections.abc import Iterable


def contact_link(origin: str, contact_id: int) -> str:
    """The contact's card."""
    return f"{origin}/crm/contact/details/{contact_id}/"


def company_link(origin: str, company_id: int) -> str:
    """The company's card."""
    return f"{origin}/crm/company/details/{company_id}/"


def client_link(origin: str, client: str) -> str:
    """The card of a client as tasks name it: `CO_77` is a company, `C_5` a contact."""
    kind, _, number = client.partition("_")
    return (company_link if kind == "CO" else contact_link)(origin, int(number))


def user_link(origin: str, user_id: int) -> str:
    """The employee's profile."""
    return f"{origin}/company/personal/user/{user_id}/"


def task_link(origin: str, user_id: int, task_id: int) -> str:
    """The task as that employee sees it."""
    return f"{user_link(origin, user_id)}tasks/task/view/{task_id}/"


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
