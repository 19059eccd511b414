"""Files that spreadsheets open by a double click."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

FORMULA = ("=", "+", "-", "@")
"""How a cell begins that a spreadsheet would calculate instead of showing it."""


def write_sheet(file: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """UTF-8 with its mark, semicolons, everything as text; its folder is made if need be, an earlier file replaced."""
    file.parent.mkdir(parents=True, exist_ok=True)
    cells = [{name: _harmless(str(value)) for name, value in row.items()} for row in rows]
    pd.DataFrame(cells, columns=list(columns), dtype=object).to_csv(file, sep=";", encoding="utf-8-sig", index=False)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
