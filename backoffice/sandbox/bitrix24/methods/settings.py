"""crm.settings.mode.get. Official source: crm/crm-settings-mode-get.md."""

from backoffice.sandbox.bitrix24.call import Call
from backoffice.sandbox.bitrix24.registry import method


@method("crm.settings.mode.get", "read", scope="crm")
def mode_get(call: Call) -> int:
    """1 classic (with leads), 2 simple."""
    return call.portal.config.crm_mode
