"""The contacts that every client adds, and what it knows about them afterwards."""

from dataclasses import dataclass, field

ORIGINATOR = "bench"


@dataclass
class Known:
    """Ids by key, and why the others were not added."""

    ids: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def fields(key: str) -> dict[str, str]:
    """A contact; a key that begins with «bad» is one that the portal refuses."""
    name = {} if key.startswith("bad") else {"NAME": "Гость", "LAST_NAME": f"Номер {key}"}
    return {**name, "ORIGINATOR_ID": ORIGINATOR, "ORIGIN_ID": key}


def keys(count: int, prefix: str = "") -> list[str]:
    """So many different ones."""
    return [f"{prefix}{number}" for number in range(count)]
