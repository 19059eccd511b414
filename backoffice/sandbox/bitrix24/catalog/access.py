"""What the `catalog.*` methods share: who may read the catalogue, which block is meant, how a parameter is refused."""

from typing import Any

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.catalog.store import Catalog, Iblock
from backoffice.sandbox.bitrix24.errors import Refusal, missing_parameter

NO_CATALOGUE, NO_ELEMENT, NO_IBLOCK = 200040300010, 200040300040, 200040300000


def catalog_of(call: Call, code: int | str = NO_CATALOGUE) -> Catalog:
    """The catalogue, unless the webhook's owner has no rights to it: `code` says so."""
    if not call.portal.config.catalog_readable:
        raise Refusal(code, "Access Denied")
    return call.portal.catalog


def sent_fields(call: Call) -> dict[str, Any]:
    """Parameter `fields`, neither absent nor empty."""
    sent = call.map("fields")
    if not sent:
        raise missing_parameter("fields")
    return sent


def the_iblock(catalog: Catalog, raw: Any) -> Iblock:
    found = catalog.iblocks.get(int(raw)) if str(raw).isdigit() else None
    if found is None:
        raise Refusal(NO_IBLOCK, "Iblock not found")  # the real text is unknown
    return found


def wrong_value(name: str) -> Refusal:
    """The documents give the code 0 to «other errors»; the real text is unknown."""
    return Refusal(0, f"Wrong format of field `{name}`")
