"""Two providers of text messages in a box, and one outbox where everything they took can be seen."""

from backoffice.sandbox.sms.front import routes

__all__ = ["routes"]
