"""portal.toml read and checked, before anybody asks the portal."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from backoffice.rules.portal_disagreements import disagreements
from backoffice.rules.portal_words import PortalWords

IN_RUSSIAN = {"extra_forbidden": "неизвестный ключ", "missing": "нет обязательного ключа"}


class InvalidWords(Exception):
    """portal.toml cannot be used; the message (Russian) names each key and what is wrong with it."""


def read_words(path: Path) -> PortalWords:
    """The words of the file: a table but `[portal]` and `[messages]` is a process. InvalidWords names all faults."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        words = PortalWords.model_validate(_processes_apart(tables))
    except FileNotFoundError:
        raise InvalidWords(f"нет файла {path}") from None
    except tomllib.TOMLDecodeError as fault:
        raise InvalidWords(f"{path.name}: не читается как TOML: {fault}") from None
    except ValidationError as faults:
        raise InvalidWords("\n".join(_fault(path.name, fault) for fault in faults.errors())) from None
    if found := disagreements(words):
        raise InvalidWords("\n".join(f"{path.name}: {text}" for text in found))
    return words


def _processes_apart(tables: dict[str, Any]) -> dict[str, Any]:
    own = {"portal", "messages"} & tables.keys()
    return {name: tables[name] for name in own} | {"processes": {k: v for k, v in tables.items() if k not in own}}


def _fault(file: str, fault: Any) -> str:
    where = ".".join(str(part) for part in fault["loc"] if part != "processes")
    return f"{file}: {where}: {IN_RUSSIAN.get(fault['type'], fault['msg'])}{_half_removed(fault)}"


def _half_removed(fault: Any) -> str:
    """What to add where somebody removed the table of a process and left its subtables; empty elsewhere."""
    if fault["type"] != "missing" or fault["loc"][-1] != "start_from":
        return ""
    process, table = fault["loc"][-2], fault["input"]
    if not table or not all(isinstance(value, dict) for value in table.values()):
        return ""
    return f" — впишите его в раздел [{process}] или удалите и все разделы [{process}.…], если процесс не нужен"
