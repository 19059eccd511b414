"""Addresses of pages of the site, for reports that people read."""


def donation_link(site: str, donation_id: int) -> str:
    """The donation in the site's admin (Leyka, inc/admin-lists/leyka-class-donations-list-table.php)."""
    return f"{site}/wp-admin/admin.php?page=leyka_donation_info&donation={donation_id}"
