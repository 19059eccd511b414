"""Files for spreadsheets."""

import csv
from pathlib import Path

from backoffice.spreadsheets import write_sheet


def test_a_sheet_opens_by_a_double_click(tmp_path: Path) -> None:
    """With the mark of UTF-8 and semicolons; a text that looks like a formula is none; the folder is made."""
    file = tmp_path / "reports" / "sheet.csv"
    write_sheet(file, ["Что", "Сколько"], [{"Что": '=HYPERLINK("https://example.net")', "Сколько": 5}])
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    [row] = csv.DictReader(file.read_text("utf-8-sig").splitlines(), delimiter=";")
    assert row == {"Что": '\'=HYPERLINK("https://example.net")', "Сколько": "5"}
    write_sheet(file, ["Что", "Сколько"], [])
    assert file.read_text("utf-8-sig") == "Что;Сколько\n"
