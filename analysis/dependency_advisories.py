"""docs/dependency-advisories.yaml against image/bun.lock: the installed versions that advisories are about."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, cast

import yaml
from pydantic import BaseModel, ConfigDict
from semver import Version

from analysis.stackfiles import ROOT

DATA: Final = ROOT / "docs" / "dependency-advisories.yaml"
LOCK: Final = ROOT / "image" / "bun.lock"
Severity = Literal["critical", "high", "moderate", "low", "unrated"]
SEVERITIES: Final[tuple[Severity, ...]] = ("critical", "high", "moderate", "low", "unrated")
_OPERATORS: Final[dict[str | None, str]] = {None: "==", "=": "=="}
"""npm's signs that `semver` writes in another way."""
_COMPARATOR: Final = re.compile(r"(<=|>=|<|>|=)?\s*v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)(?:[\s,]+|$)")


class Row(BaseModel):
    """One advisory about one range of one package."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    package: str
    id: str
    affected: str
    fixed: str = ""
    severity: Severity
    what: str


class Table(BaseModel):
    """The advisories of one day, and what was done about them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    looked_up: str
    sources: list[str]
    replaced: dict[str, list[str]]
    held: dict[str, str]
    advisories: list[Row]


@dataclass(frozen=True, kw_only=True)
class Match:
    """An advisory about a version that is installed."""

    package: str
    version: str
    row: Row

    @property
    def name(self) -> str:
        """As `held` names it."""
        return f"{self.package}@{self.version}"

    @property
    def compatible(self) -> bool:
        """Whether the fixed release keeps the interface of the installed one, by semantic versioning."""
        return bool(self.row.fixed) and _interface(self.row.fixed) == _interface(self.version)


@cache
def load() -> Table:
    """The data file."""
    return Table.model_validate(yaml.safe_load(DATA.read_text(encoding="utf-8")))


def locked(path: Path = LOCK) -> dict[str, list[str]]:
    """Every package of a lock file of Bun, with its versions. The file is JSON with commas at the end of lists."""
    text = re.sub(r",(\s*[}\]])", r"\1", path.read_text(encoding="utf-8"))
    rows = cast("dict[str, list[Any]]", json.loads(text)["packages"])
    found: dict[str, set[str]] = {}
    for row in rows.values():
        name, _, version = str(row[0]).rpartition("@")
        found.setdefault(name, set()).add(version)
    return {name: sorted(versions, key=Version.parse) for name, versions in sorted(found.items())}


def without_overrides(tree: dict[str, list[str]], table: Table) -> dict[str, list[str]]:
    """The tree as it would be without the overrides of image/package.json."""
    names = sorted(tree.keys() | table.replaced.keys())
    return {name: [*tree.get(name, []), *table.replaced.get(name, [])] for name in names}


def affected(version: str, ranges: str) -> bool:
    """Whether a version lies in ranges as advisories state them: `>=1.0.0 <1.8.2 || 0.5.0`. Raises `ValueError`."""
    return any(_within(Version.parse(version), part) for part in ranges.split("||"))


def matches(tree: dict[str, list[str]], rows: Iterable[Row]) -> list[Match]:
    """The advisories that are about an installed version, the most severe first."""
    found = [
        Match(package=row.package, version=version, row=row)
        for row in rows
        for version in tree.get(row.package, [])
        if affected(version, row.affected)
    ]
    return sorted(found, key=lambda match: (SEVERITIES.index(match.row.severity), match.name, match.row.id))


def avoidable(found: Iterable[Match], table: Table) -> list[Match]:
    """Those with a compatible fix that nobody has given a reason to hold."""
    return [match for match in found if match.compatible and match.name not in table.held]


def _within(version: Version, comparators: str) -> bool:
    text = comparators.strip()
    if text == "*":
        return True
    parsed = list(_COMPARATOR.finditer(text))
    if not parsed or "".join(match[0] for match in parsed) != text:
        raise ValueError(f"not a range of versions: {comparators!r}")
    return all(version.match(f"{_OPERATORS.get(match[1], match[1])}{match[2]}") for match in parsed)


def _interface(version: str) -> tuple[int, int]:
    parsed = Version.parse(version)
    return (parsed.major, 0 if parsed.major else parsed.minor)
