"""What the local copy of the portal's deals is filled with."""

from dataclasses import dataclass
from datetime import datetime

from backoffice.rules.sales import SaleDeal


@dataclass(frozen=True, slots=True)
class SeenDeal:
    """A deal as it was read, and when it had been changed last."""

    deal: SaleDeal
    changed_at: datetime


@dataclass(frozen=True)
class WholeReading:
    """A reading of all deals in the order of their ids, which any run may take up where another one left it.

    `source`: by which words of portal.toml deals are sales; `began` by the portal's clock; `read_until`: a deal's id.
    """

    number: int
    source: str
    began: datetime
    read_until: int = 0
