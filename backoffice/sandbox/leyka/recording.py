"""What leyka-bridge delivered from a real WordPress with Leyka 3.32.2 to whom invented people had donated."""

import json
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).with_name("deliveries.jsonl")


def deliveries() -> list[dict[str, Any]]:
    """The bodies, in the order in which they were delivered: 18 events of five donations, the last of them deleted."""
    return [json.loads(line) for line in RECORDED.read_text(encoding="utf-8").splitlines()]
