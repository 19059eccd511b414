"""Texts for people: letters, notes, and the pages of a run, from `templates/`."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


@lru_cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=select_autoescape(["html.j2"]),
    )


def render(template: str, **values: Any) -> str:
    """Render `templates/<template>`; a value that the template names and nobody gave is an error, never a blank."""
    return _environment().get_template(template).render(**values)
