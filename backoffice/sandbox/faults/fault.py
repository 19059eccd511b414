"""A fault as it is ordered: what happens, to which methods, how often."""

from fnmatch import fnmatchcase
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

RequestKind = Literal[
    "busy",  # 503 QUERY_LIMIT_EXCEEDED, not executed
    "operating_time",  # 429 OPERATION_TIME_LIMIT, not executed; inside a batch only the commands that match
    "html_500",  # a page of some proxy, not executed
    "broken_after",  # executed, answered with 500 INTERNAL_SERVER_ERROR
    "slow",  # executed, answered `seconds` later
    "cut_after",  # executed, the connection is cut
    "cut_before",  # never executed, the connection is cut
    "late_write",  # the connection is cut, and the request is executed `seconds` later
    "cut_midway",  # the first commands of a batch are executed, then the connection is cut
    "short_answer",  # the first commands of a batch are executed, and the answer has only those
    "bad_page",  # one listing among the commands answers with an error
    "stale_read",  # answered from the state before the last write, if that was less than `seconds` ago
    "moved",  # 302 to `host`, where the same portal answers
    "expired_token",  # 401, not executed
    "invalid_credentials",  # 401, not executed
]
DeliveryKind = Literal[
    "hook_lost",
    "hook_doubled",
    "hook_reordered",  # overtaken by the next one, if that comes within `seconds`
    "hook_late",  # `seconds` later
]
MailKind = Literal[  # `methods` are patterns of recipients, or `smtp` for all of them
    "mail_greylist",  # 451 to a recipient
    "mail_later",  # 421 to a recipient, and the connection is closed
    "mail_reject",  # 550 to a recipient
    "mail_later_data",  # 452 to the text, not kept
    "mail_reject_data",  # 554 to the text, not kept
    "mail_cut_before_data",  # the connection is cut before the text was invited
    "mail_cut_after_data",  # the text has come and is kept, the connection is cut
    "mail_cut_unkept",  # the text has come and is not kept, the connection is cut: to the sender it looks the same
    "mail_slow",  # kept, answered `seconds` later
]
SmsKind = Literal[  # `methods` are patterns of phones (+79990000101), of a provider (sms.ru, smsc) or of its address
    "sms_busy",  # 503, not sent; the only one that strikes where nothing is sent, too
    "sms_broken_after",  # sent, answered with 500
    "sms_cut_after",  # sent, the connection is cut
    "sms_cut_before",  # not sent, the connection is cut
    "sms_slow",  # sent, answered `seconds` later
    "sms_later",  # the provider's own word for «try again later», not sent
    "sms_refuse",  # the number is refused
    "sms_no_money",  # not sent for lack of money
]
Kind = RequestKind | DeliveryKind | MailKind | SmsKind
DELIVERY_KINDS: frozenset[str] = frozenset(get_args(DeliveryKind))
SMS_KINDS: frozenset[str] = frozenset(get_args(SmsKind))


class Fault(BaseModel):
    """A frozen order. What fits it is counted, and of that it strikes by `probability`, from the `start`-th on.

    `methods` are patterns separated by spaces, as `crm.*.add batch`; a batch fits when it or a command of it matches,
    a delivery when its event does (`oncrmcontactadd`, `timepad.ticket`), a letter or an SMS when a recipient of it
    does. Having struck, a fault strikes `burst` times in a row; after `times` strikes it is spent. Without `seconds`
    the seed chooses from 1 to 60.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    methods: str = "*"
    probability: float = Field(1.0, ge=0, le=1)
    seed: str = ""
    start: int = Field(1, ge=1)
    burst: int = Field(1, ge=1)
    times: int | None = Field(None, ge=1)
    seconds: float | None = Field(None, ge=0)
    host: str = "localhost"

    def matches(self, name: str) -> bool:
        """Whether the method or event is meant, in any letter case."""
        return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in self.methods.split())
