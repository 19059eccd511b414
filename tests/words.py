"""portal.toml of an administrator who does not need a process."""

import re


def without(process: str, text: str) -> str:
    """The text less every section whose name begins with that of the process."""
    sections = re.split(r"^(?=\[)", text, flags=re.MULTILINE)
    return "".join(section for section in sections if not section.startswith(f"[{process}"))
