"""docs/sandbox.md names all that can be ordered."""

import re
from pathlib import Path
from typing import get_args

from backoffice.sandbox.faults.fault import DeliveryKind, MailKind, RequestKind, SmsKind
from backoffice.sandbox.seeds import SEEDS

PAGE = Path(__file__).parents[3] / "docs" / "sandbox.md"


def first_column(title: str) -> list[str]:
    """The names in the first column of the table under the title."""
    page = PAGE.read_text(encoding="utf-8")
    section = page.split(f"\n## {title}\n")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]


def test_every_kind_of_fault_is_on_the_page() -> None:
    """Once, in the order of the code."""
    assert first_column("The faults") == [
        kind for kinds in (RequestKind, DeliveryKind, MailKind, SmsKind) for kind in get_args(kinds)
    ]


def test_every_seed_is_on_the_page() -> None:
    """Once, in the order of the code."""
    assert first_column("The seeds") == list(SEEDS)
