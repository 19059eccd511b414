"""The catalogues of a portal and the fields of their products (catalog/catalog, catalog/product-property)."""

from collections.abc import Iterable, Mapping
from typing import Any

from backoffice.bitrix24.wire import as_map
from backoffice.rules.portal_shape import PortalCatalogue, PortalProductField


def read_catalogues(listed: Any, fields: Iterable[Any]) -> tuple[PortalCatalogue, ...]:
    """The catalogues of products with their fields, out of `catalog.catalog.list` and `catalog.productProperty.list`.

    A catalogue that names another as its `productIblockId` holds that one's offers. Fields of offers are left out.
    """
    catalogues = [dict(row) for row in as_map(as_map(listed).get("catalogs")).values()]
    offers = {int(row["productIblockId"]): _id(row) for row in catalogues if row.get("productIblockId")}
    rows = [row for answer in fields for row in as_map(as_map(answer).get("productProperties")).values()]
    return tuple(
        PortalCatalogue(
            id=_id(row),
            name=str(row.get("name") or _id(row)),
            offers_id=offers.get(_id(row)),
            fields=tuple(_field(own) for own in rows if int(own["iblockId"]) == _id(row)),
        )
        for row in catalogues
        if not row.get("productIblockId")
    )


def _id(row: Mapping[str, Any]) -> int:
    return int(row.get("iblockId") or row["id"])


def _field(row: Mapping[str, Any]) -> PortalProductField:
    kind, user_type = str(row["propertyType"]), row.get("userType")
    return PortalProductField(
        id=int(row["id"]),
        code=str(row.get("code") or ""),
        name=str(row["name"]),
        type=f"{kind}:{user_type}" if user_type else kind,
        multiple=row.get("multiple") == "Y",
        active=row.get("active") != "N",
    )
