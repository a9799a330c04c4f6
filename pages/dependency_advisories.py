"""docs/dependency-advisories.md: advisories about the packages of the image, with and without our overrides."""

from collections import Counter
from typing import Final

from analysis.dependency_advisories import SEVERITIES, Match, load, locked, matches, without_overrides
from analysis.stackfiles import ROOT

PATH: Final = ROOT / "docs" / "dependency-advisories.md"
_INTRODUCTION: Final = """\
# Advisories about packages of the image

Made by `make docs` from `docs/dependency-advisories.yaml` and `image/bun.lock`. Flowise pins its packages, and nobody
moves them any more; where a published advisory has a fix within the same major version, `image/package.json` overrides
the pin ([why](decisions/0061-overrides-of-vulnerable-packages.md)).

```console
$ make vulnerabilities             # the lock against this page's table, and against the registry where it answers
$ make vulnerabilities OFFLINE=1   # the table only
```

The command prints every advisory about an installed version and the counts by severity, and fails where a compatible
fix is not taken. It asks npm's endpoint for advisories in bulk, which many mirrors do not have; it then says so and
compares with the table alone.
"""
_LIMITS: Final = """\
**What the table is not.** No source with all advisories was reachable when it was made, so it holds what its sources
name, and more exist. An advisory is about a version, not about a use: many of these packages belong to nodes that no
flow of yours has. What only the UI uses is in the tree but not loaded: Flowise ships its UI built, and an override
changes the tree, not that build. GitHub's Dependabot reports new advisories about pinned versions in your repository,
and the registry's scanner looks at each image.
"""


def page() -> str:
    """The page as the data and the lock make it."""
    table, tree = load(), locked()
    before, after = matches(without_overrides(tree, table), table.advisories), matches(tree, table.advisories)
    lines = [
        _INTRODUCTION,
        f"Looked up on {table.looked_up}, in: {'; '.join(table.sources)}.",
        "",
        "## Before and after",
        "",
        "A count is of pairs of an installed version and an advisory about it.",
        "",
        "| severity | without overrides | with overrides |",
        "| --- | --- | --- |",
        *_counts(before, after),
        "",
        _LIMITS,
        "## Overridden",
        "",
        "| package | without | with | advisories |",
        "| --- | --- | --- | --- |",
        *(_overridden(package, versions, tree, before) for package, versions in table.replaced.items()),
        "",
        "## Left",
        "",
        "| version | severity | advisory | what | fixed in | why it stays |",
        "| --- | --- | --- | --- | --- | --- |",
        *(_left(match, table.held) for match in after),
    ]
    return "\n".join(lines) + "\n"


def _counts(before: list[Match], after: list[Match]) -> list[str]:
    then, now = (Counter(match.row.severity for match in found) for found in (before, after))
    rows = [f"| {severity} | {then[severity]} | {now[severity]} |" for severity in SEVERITIES]
    versions = [len({match.name for match in found}) for found in (before, after)]
    return [
        *rows,
        f"| **all** | **{len(before)}** | **{len(after)}** |",
        f"| versions with at least one | {versions[0]} | {versions[1]} |",
    ]


def _overridden(package: str, versions: list[str], tree: dict[str, list[str]], before: list[Match]) -> str:
    closed = {match.row.id for match in before if match.package == package and match.version in versions}
    return f"| {package} | {', '.join(versions)} | {', '.join(tree[package])} | {len(closed)} |"


def _left(match: Match, held: dict[str, str]) -> str:
    if match.compatible:
        why = held.get(match.name, "**a compatible fix is not taken**")
    elif match.row.fixed:
        why = "no fix of its interface: other packages want the old one"
    else:
        why = "no fixed release in the registry"
    row = match.row
    return f"| {match.name} | {row.severity} | {row.id} | {row.what} | {row.fixed or 'none'} | {why} |"
