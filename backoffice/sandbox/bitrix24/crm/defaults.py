"""What a new object has without being told. Official sources: crm-{contact,company,lead,deal}-add.md."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from backoffice.sandbox.bitrix24.config import PORTAL_ZONE
from backoffice.sandbox.bitrix24.crm.directories import Directories


def defaults(entity: str, sent: dict[str, Any], directories: Directories, now: datetime) -> dict[str, Any]:
    """Fields of a new object of this kind; `sent` decides the funnel whose first stage is taken."""
    return {"OPENED": "Y", **_BY_ENTITY[entity](sent, directories, now)}


def _contact(_: dict[str, Any], directories: Directories, __: datetime) -> dict[str, Any]:
    return {"EXPORT": "Y", "TYPE_ID": directories.first("CONTACT_TYPE"), "SOURCE_ID": directories.first("SOURCE")}


def _company(_: dict[str, Any], directories: Directories, __: datetime) -> dict[str, Any]:
    return {"COMPANY_TYPE": directories.first("COMPANY_TYPE"), "IS_MY_COMPANY": "N", "CURRENCY_ID": "RUB"}


def _lead(_: dict[str, Any], directories: Directories, __: datetime) -> dict[str, Any]:
    money = {"OPPORTUNITY": Decimal(0), "CURRENCY_ID": "RUB", "IS_MANUAL_OPPORTUNITY": "N", "IS_RETURN_CUSTOMER": "N"}
    return {**money, "STATUS_ID": directories.first("STATUS"), "SOURCE_ID": directories.first("SOURCE")}


def _deal(sent: dict[str, Any], directories: Directories, now: datetime) -> dict[str, Any]:
    today, category = now.astimezone(PORTAL_ZONE).date(), sent.get("CATEGORY_ID") or 0
    return {
        "CATEGORY_ID": category,
        "STAGE_ID": directories.first_stage(category),
        "TYPE_ID": directories.first("DEAL_TYPE"),
        "BEGINDATE": today,
        "CLOSEDATE": today + timedelta(days=7),
        "OPPORTUNITY": Decimal(0),
        "TAX_VALUE": Decimal(0),
        "CURRENCY_ID": "RUB",
        "IS_MANUAL_OPPORTUNITY": "N",
        "IS_NEW": "Y",
        "IS_RECURRING": "N",
        "IS_RETURN_CUSTOMER": "N",
        "IS_REPEATED_APPROACH": "N",
    }


_BY_ENTITY = {"CONTACT": _contact, "COMPANY": _company, "LEAD": _lead, "DEAL": _deal}
