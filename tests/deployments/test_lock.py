"""requirements.lock: what pyproject.toml asks for, and nothing about where it was found."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deployments.environment import CHECKOUT

PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)
LOCK = (CHECKOUT / "requirements.lock").read_text(encoding="utf-8")


def asked_for() -> list[str]:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    return [
        *project["project"]["dependencies"],
        *project["dependency-groups"]["dev"],
        *project["build-system"]["requires"],
    ]


@pytest.mark.parametrize("wanted", asked_for())
def test_the_lock_satisfies_pyproject(wanted: str) -> None:
    """Every dependency is pinned, to versions within its bounds."""
    requirement = Requirement(wanted)
    versions = [version for name, version in PINNED.findall(LOCK) if canonicalize_name(name) == requirement.name]
    assert versions
    assert all(requirement.specifier.contains(version) for version in versions)


def test_everything_is_hashed() -> None:
    """pip refuses the whole file if one hash is missing."""
    entries = re.split(r"\n(?=[a-z0-9])", LOCK.strip(), flags=re.IGNORECASE)
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_no_host_is_named() -> None:
    """The lock serves whatever package index a machine has."""
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host", LOCK)
