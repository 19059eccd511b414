"""Timepad in a box: events, orders, introspection and signed hooks, as help.timepad.ru and its users describe them."""

from backoffice.sandbox.timepad.api import routes

__all__ = ["routes"]
