"""Every method of the portal; a new module here registers its methods by being imported."""

from importlib import import_module
from pkgutil import iter_modules

from backoffice.sandbox.bitrix24.registry import METHODS

__all__ = ["METHODS"]

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
