import re
from pathlib import Path

import pytest

from deployments.environment import CHECKOUT
from deployments.pictures import LARGEST_BYTES, PICTURES

PAGES = sorted([*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md"), *(CHECKOUT / "deployments").glob("*.md")])
NAMED = [(page, link) for page in PAGES for link in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text("utf-8"))]


@pytest.mark.parametrize(("page", "link"), NAMED, ids=[f"{page.name} {link}" for page, link in NAMED])
def test_a_picture_that_a_page_shows_is_there(page: Path, link: str) -> None:
    """Beside the page, under the name that the page gives."""
    assert (page.parent / link).is_file()


@pytest.mark.parametrize("picture", sorted(PICTURES.iterdir()), ids=lambda picture: picture.name)
def test_a_picture_is_small_and_shown(picture: Path) -> None:
    """A PNG of at most 250 KB, on some page."""
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size <= LARGEST_BYTES
    assert picture.name in {Path(link).name for _, link in NAMED}
