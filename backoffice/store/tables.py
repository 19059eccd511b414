"""Every table of the store, for the migrations: `metadata` is complete once this module is imported."""

from sqlmodel import SQLModel

from backoffice.store.aliases import ContactAlias
from backoffice.store.call_tasks import CallTask
from backoffice.store.counters import Counter
from backoffice.store.courses import CourseRow
from backoffice.store.cursors import Cursor
from backoffice.store.donation_rows import DonationRow
from backoffice.store.effects import Effect
from backoffice.store.enrolments import EnrolmentCourse, EnrolmentRow, ProductCard
from backoffice.store.events import KnownEvent
from backoffice.store.inbox import InboxRow
from backoffice.store.messages import Message
from backoffice.store.oauth_tokens import OAuthTokens
from backoffice.store.participations import Participation
from backoffice.store.portal_budget import PortalBudget
from backoffice.store.sales import SaleRow

__all__ = [
    "CallTask",
    "ContactAlias",
    "Counter",
    "CourseRow",
    "Cursor",
    "DonationRow",
    "Effect",
    "EnrolmentCourse",
    "EnrolmentRow",
    "InboxRow",
    "KnownEvent",
    "Message",
    "OAuthTokens",
    "Participation",
    "PortalBudget",
    "ProductCard",
    "SaleRow",
    "metadata",
]

metadata = SQLModel.metadata
