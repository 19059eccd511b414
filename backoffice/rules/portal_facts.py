"""How a portal behaves where its official documents are silent. portal-probe tries it; the code obeys.

The defaults are what the code assumes of a portal that was never probed.
"""

from dataclasses import dataclass
from typing import Literal

EmailLookUp = Literal["findbycomm", "filter", "everyone"]
OriginLookUp = Literal["crm.contact.list", "crm.item.list", "everyone"]


@dataclass(frozen=True)
class PortalFacts:
    """The first part changes what the code does; of the second the code takes every form, and it is only recorded."""

    findbycomm_ignores_case: bool = True
    """`crm.duplicate.findbycomm` finds an e-mail written with other capital letters."""
    findbycomm_most: int = 20
    """An answer of so many ids may be a part of the truth."""
    filters_by_email: bool = True
    """`crm.contact.list` obeys the filter EMAIL."""
    email_filter_ignores_case: bool = True
    """That filter finds an e-mail written with other capital letters."""
    contact_list_finds_origins: bool = True
    """`crm.contact.list` obeys the filter ORIGINATOR_ID, ORIGIN_ID."""
    item_list_finds_origins: bool = True
    """`crm.item.list` obeys the filter originatorId, originId."""
    item_add_takes_fm: bool = True
    """`crm.item.add` keeps the e-mail addresses and phones sent as `fm`."""
    section_filter: Literal["IBLOCK_SECTION_ID", "SECTION_ID", ""] = "IBLOCK_SECTION_ID"
    """The name by which `lists.element.get` filters by section; empty if by none."""
    finds_sections_by_code: bool = True
    """`lists.section.get` obeys the filter CODE."""
    list_datetime: str = "%d.%m.%Y %H:%M:%S"
    """How lists show a moment, as strftime has it."""
    naive_shift_minutes: int = 0
    """How much later than written a list shows a moment that was sent without an offset."""

    catalog_datetime: str = "iso"
    """How a product shows a moment: `iso`, with an offset or without, or as strptime has it."""
    catalog_shift_minutes: int = 0
    """How much later than it is a product shows a moment; what has no offset counts as the portal's time."""
    product_edits_move_timestamp: bool = True
    """An edit of a product's fields of our own moves its `timestampX`, and the filter `>=timestampX` finds it."""
    comments_keep_marks: bool = True
    """`crm.timeline.comment.list` gives back what `crm.timeline.comment.add` wrote."""
    activities_keep_origins: bool = True
    """`crm.activity.list` gives back the ORIGIN_ID of an activity of the owner asked for."""
    activity_html_type: int = 3
    """The DESCRIPTION_TYPE of an e-mail in HTML. Cannot be tried without sending one: set by hand."""
    notes_replace_by_tag: bool = True
    """A notification with TAG and CLIENT_ID replaces the former one. Cannot be read back: set by hand."""
    rest_3: bool = False
    """The webhook may work with tasks by REST 3.0."""
    task_comments_keep_marks: bool = True
    """`task.commentitem.getlist` gives back what `task.commentitem.add` wrote."""

    list_fields_as: Literal["by_field_id", "by_type", "list"] = "by_field_id"
    """How `lists.field.get` answers for all fields."""
    missing_property: Literal["absent", "null", "false", "text", "map"] = "absent"
    """How `lists.element.get` shows a property without a value: `text` is an empty one, `map` one of empty values."""
    section_codes_unique: bool = False
    """The portal refuses a second section with the same code."""
    keeps_order_of_values: bool = True
    """A multiple user field gives its values back in the order written."""
    idle_update_saves: bool = False
    """`crm.item.update` with the values that are there already counts as a change."""
    filters_by_email_list: bool = True
    """The filter EMAIL takes several addresses."""
    wrong_secret_status: int = 401
    """HTTP status for a webhook with a wrong secret."""
    missing_scope_status: int = 401
    """HTTP status for a method outside the webhook's scopes."""
    tells_operating: bool = True
    """Answers tell the operating time spent."""
    operating_window: int = 600
    """In how many seconds spent operating time is given back."""
    product_list_sees_every_type: bool = True
    """`catalog.product.list` gives products with offers and services too."""
    missing_products_left_out: bool = True
    """A list of products by ids gives those that there are, when others are gone."""

    @property
    def filter_finds_addresses(self) -> bool:
        """Whether the filter EMAIL finds everybody with an address."""
        return self.filters_by_email and self.email_filter_ignores_case

    @property
    def email_look_up(self) -> EmailLookUp:
        """The cheapest way to everybody with an address."""
        if self.findbycomm_ignores_case:
            return "findbycomm"
        return "filter" if self.filter_finds_addresses else "everyone"

    @property
    def origin_look_up(self) -> OriginLookUp:
        """The cheapest way to the contact with a key of an outside system."""
        if self.contact_list_finds_origins:
            return "crm.contact.list"
        return "crm.item.list" if self.item_list_finds_origins else "everyone"

    @property
    def course_datetime(self) -> str:
        """The form in which to read a lesson's start that is not in ISO, as strptime has it."""
        return self.list_datetime if self.catalog_datetime == "iso" else self.catalog_datetime


ASSUMED = PortalFacts()
BY_HAND = ("activity_html_type", "notes_replace_by_tag")
"""Facts that no probe can find out: what a person wrote into the file stays."""
