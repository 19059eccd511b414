"""How clients are called on the pages, and where their cards are."""

from backoffice.sandbox.bitrix24.crm.table import Item


def full_name(contact: Item) -> str:
    """Surname first, as the portal sorts them; a nameless contact is called by its number."""
    parts = (contact.values.get("LAST_NAME"), contact.values.get("NAME"), contact.values.get("SECOND_NAME"))
    return " ".join(part for part in parts if part) or f"Контакт {contact.id}"


def card_address(contact: Item) -> str:
    """The address of the contact's card."""
    return f"/crm/contact/details/{contact.id}/"


def company_address(company: Item) -> str:
    """The address of the company's card."""
    return f"/crm/company/details/{company.id}/"
