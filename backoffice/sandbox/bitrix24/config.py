"""What can be set on the sandbox's portal, and its defaults: a commercial plan other than Enterprise."""

from dataclasses import dataclass, field
from typing import Literal
from zoneinfo import ZoneInfo

WEBHOOK_USER = 1
WEBHOOK_SECRET = "sandbox-webhook-secret"  # noqa: S105 - the sandbox has nothing to protect, its secrets are constants
APPLICATION_TOKEN = "sandbox-application-token"  # noqa: S105 - see above
APPLICATION_ID = "local.sandbox.application"
APPLICATION_SECRET = "sandbox-client-secret"  # noqa: S105 - see above
PORTAL_ZONE = ZoneInfo("Europe/Moscow")

Kind = Literal["page", "read", "add", "update", "delete", "other"]
WRITING_KINDS: frozenset[Kind] = frozenset({"add", "update", "delete"})

# Seconds of the portal's work, by kind of method; counting a large list costs more, see `count_seconds`.
COSTS: dict[Kind, float] = {"page": 0.07, "read": 0.03, "add": 0.3, "update": 0.3, "delete": 0.3, "other": 0.05}

# Which differing scalar fields do not make mergeBatch answer CONFLICT is undocumented: audit fields are our guess.
MERGE_IGNORES = frozenset(
    {
        "ID",
        "DATE_CREATE",
        "DATE_MODIFY",
        "CREATED_BY_ID",
        "MODIFY_BY_ID",
        "MOVED_TIME",
        "MOVED_BY_ID",
        "LAST_ACTIVITY_TIME",
        "LAST_ACTIVITY_BY",
        "OPENED",
        "EXPORT",
    }
)


@dataclass
class PortalConfig:
    """Changed between requests by tests, by `/_sandbox/portal` and by the command line."""

    strict: bool = True
    bucket_size: int = 50
    drain_per_second: float = 2.0
    operating_limit: float = 480.0
    operating_window: int = 600
    show_operating: bool = True
    request_seconds: float = 0.0  # real ones that pass at least from a request to its answer
    command_seconds: float = 0.0  # and as many more for each command of it
    count_seconds: float = 0.0  # operating time of a listing that counts, for each row counted
    costs: dict[str, float] = field(default_factory=dict)  # method name -> seconds, over those of its kind
    scopes: tuple[str, ...] = (
        *("crm", "im", "lists", "task", "user", "userfieldconfig", "catalog", "disk", "bizproc"),
        "tasks",  # of REST 3.0; the list of scopes calls it deprecated, the methods' pages name no other
    )
    insufficient_scope_status: int = 401  # the documents say 403, live portals answered 401
    crm_mode: int = 1  # 1 classic, 2 simple (without leads)
    site_datetime: str = "%d.%m.%Y %H:%M:%S"
    site_date: str = "%d.%m.%Y"
    findbycomm_case_sensitive: bool = False  # not documented for e-mails
    findbycomm_most: int = 20  # documented as «20 and more»
    filter_case_sensitive: bool = False  # not documented; a cloud portal's MySQL collation ignores case
    # From here to `wrong_secret_status`: not documented, or in a way that leaves room for both.
    filters_by_email: bool = True  # False: crm.contact.list ignores the filter
    filters_by_email_list: bool = True  # False: only the first address counts
    contact_list_finds_origins: bool = True  # False: crm.contact.list ignores ORIGINATOR_ID and ORIGIN_ID
    item_list_finds_origins: bool = True  # False: crm.item.list ignores originatorId and originId
    activity_list_finds_origins: bool = True  # False: crm.activity.list ignores ORIGINATOR_ID and ORIGIN_ID
    activity_list_finds_subjects: bool = True  # False: crm.activity.list ignores SUBJECT
    activity_list_shows_origins: bool = True  # False: crm.activity.list leaves ORIGIN_ID out
    comment_list_shows_text: bool = True  # False: crm.timeline.comment.list leaves COMMENT out
    html_content_type: Literal[2, 3] = 3  # DESCRIPTION_TYPE of HTML: 3 in the enumeration, 2 in the e-mail tutorial
    notification_tags: Literal["per_person", "per_portal", "ignored"] = "per_person"  # whose notes a tag replaces
    item_add_takes_fm: bool = True
    idle_update_saves: bool = False
    keeps_order_of_values: bool = True  # False: multiple user fields come back sorted
    element_section_filter: Literal["IBLOCK_SECTION_ID", "SECTION_ID", ""] = "IBLOCK_SECTION_ID"  # others are ignored
    finds_sections_by_code: bool = True
    section_codes_unique: bool = False
    list_fields_as: Literal["by_field_id", "by_type", "list"] = "by_field_id"
    missing_property: Literal["absent", "null", "false", "text", "map"] = "absent"
    naive_moments_in: Literal["portal", "utc"] = "portal"  # the zone of a list's moment sent without an offset
    # Of the catalogue: the documents show no value of a moment, and leave the rest to the reader.
    catalog_datetime: Literal["iso", "site", "iso_naive"] = "iso"
    catalog_naive_in: Literal["portal", "utc"] = "portal"  # the zone of a moment shown without an offset
    catalog_keeps_bad_dates: bool = True  # False: a text that is no date is refused when it is written
    catalog_readable: bool = True  # False: the webhook's owner has no rights to the catalogue
    missing_product: Literal["not_exists", "access_denied"] = "not_exists"
    missing_product_in_list: Literal["left_out", "refused"] = "left_out"  # of a list by ids
    product_edits_move_timestamp: bool = True  # False: an edit of properties alone leaves timestampX as it is
    product_methods_see_every_type: bool = True  # False: catalog.product.* knows simple products only
    rows_of_many_owners: bool = False  # True: crm.item.productrow.list takes an array in =ownerId
    product_rows_touch_owner: bool = False  # True: a change of rows moves updatedTime and is announced
    rest_3: bool = False
    rest_3_access_denied_status: int = 403  # the overview says 403, the pages of the methods 400
    # Of tasks.
    task_naive_in: Literal["user", "portal", "utc"] = "user"  # the zone of a moment sent without an offset
    tasks_go_to_dismissed: bool = True  # False: a dismissed employee is «not found» as a responsible person
    task_list_takes_many_bindings: bool = True  # False: only the first value of UF_CRM_TASK counts
    task_add_shows_bindings: bool = True  # captured; False: as the page of tasks.task.add shows its answer
    new_task_card: bool = False  # True: comments go to the task's chat, task.commentitem.getlist finds nothing
    wrong_secret_status: int = 401  # the documents say 403 and 401, live portals answered 401
    refresh_token_serves_once: bool = True  # not documented; the documents only say: store the new one
    refresh_ends_access_token: bool = False  # not documented
    merge_ignores: frozenset[str] = MERGE_IGNORES
    employees_have_mailboxes: bool = True  # connected to the CRM; the sender where an e-mail names none
    crm_mailbox: str = ""  # the sender where the responsible employee has no mailbox
    application_page: str = ""  # the handler's address in the card of our local application
