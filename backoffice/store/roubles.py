"""Sums of money as a column."""

from decimal import Decimal

from sqlalchemy import BigInteger, Dialect
from sqlalchemy.types import TypeDecorator

PARTS = 10_000


class Roubles(TypeDecorator[Decimal]):
    """A sum exact to a hundredth of a kopeck, the same in either database, and one that it can add up."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002 SQLAlchemy's signature
        return None if value is None else round(value * PARTS)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002 SQLAlchemy's signature
        return None if value is None else Decimal(value) / PARTS
