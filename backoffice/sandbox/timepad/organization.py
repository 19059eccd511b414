"""The organization the token belongs to, and what introspection tells about it."""

from typing import Any

from backoffice.sandbox.timepad.state import ORGANIZATION_ID, TimepadState

NAMES = {ORGANIZATION_ID: "Учебный центр «Перспектива»"}


def organization_body(organization_id: int) -> dict[str, Any]:
    """An organization as it stands in events and in introspection."""
    return {
        "id": organization_id,
        "name": NAMES.get(organization_id, "Чужая организация"),
        "description_html": "",
        "url": f"https://organization-{organization_id}.example.org/",
        "logo_image": {"default_url": "", "uploadcare_url": ""},
        "subdomain": f"organization-{organization_id}",
    }


def introspection(state: TimepadState, token: str) -> dict[str, Any]:
    """What `/introspect` answers: a bad token is `active: false`, not an error (help.timepad.ru, get-introspect)."""
    if token != state.token:
        return {"active": False}
    organization = organization_body(ORGANIZATION_ID) | {"permissions": list(state.switches.permissions)}
    return {
        "active": True,
        "client_id": "sandbox",
        "user_id": "50500",
        "user_email": "organizer@example.org",
        "organizations": [organization],
        "orders": [],
    }
