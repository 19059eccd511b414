"""One request to a provider: what was sent, and the trouble that its answer has to tell of."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from backoffice.sandbox.sms.outbox import Provider, SmsOutbox


class Unknown(Exception):
    """The sandbox does not understand a request where the provider would ignore a part of it."""


@dataclass(frozen=True)
class Call:
    """`params` of the query and of the form together; `trouble` is the kind of fault ordered for phones `struck`."""

    outbox: SmsOutbox
    params: Mapping[str, str]
    trouble: str = ""
    struck: frozenset[str] = frozenset()

    def meets(self, trouble: str, phone: str) -> bool:
        """Whether this trouble was ordered for this phone."""
        return self.trouble == trouble and phone in self.struck

    def know(self, names: Collection[str]) -> None:
        """Unknown for a parameter that is none of these, unless lenient; `to[…]` counts as `to`."""
        strange = [name for name in self.params if name.partition("[")[0] not in names]
        if strange and self.outbox.strict:
            raise Unknown(f"unknown parameter {strange[0]!r}; known here: {', '.join(sorted(names))}")


@dataclass(frozen=True)
class Method:
    """An address of a provider. One that sends has `phones`: its recipients in E.164, so that faults find them."""

    provider: Provider
    path: str
    answer: Callable[[Call], Any]
    phones: Callable[[Mapping[str, str]], Collection[str]] | None = None


def e164(phone: str) -> str:
    """A number with a plus and nothing but digits."""
    return "+" + "".join(character for character in phone if character.isdigit())


def is_mobile(phone: str) -> bool:
    """Whether the number, in E.164, is a Russian one that takes text messages."""
    return len(phone) == 12 and phone.startswith("+79")
