"""A fund's WordPress site with Leyka and leyka-bridge in a box: donations, the outbox, signed deliveries and pulls."""

from backoffice.sandbox.leyka.api import routes

__all__ = ["routes"]
