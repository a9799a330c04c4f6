"""docs/licences.md: the licences that it lists are those that the installed packages state."""

import re
from importlib.metadata import Distribution, distribution, distributions

import pytest

from analysis.stackfiles import ROOT

TEXT = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "BSD 3": "BSD-3-Clause",
    "MIT License": "MIT",
}
"""What packages say that are older than the expressions of SPDX."""
COPYLEFT = re.compile(r"GPL|MPL|EPL|CDDL|EUPL|Mozilla|GNU|Affero")


def said(package: Distribution, key: str) -> list[str]:
    """Values of a key in a package's metadata."""
    return [str(value) for value in package.metadata.get_all(key) or ()]


def stated(package: Distribution) -> list[str]:
    """Everything that a package says about its licence: an expression, or the older field and classifiers."""
    fields = [field.splitlines()[0] for field in said(package, "License") if field]
    classifiers = [text.rpartition(":: ")[2] for text in said(package, "Classifier") if text.startswith("License ::")]
    return said(package, "License-Expression") or [*fields, *classifiers]


def licence(name: str) -> str:
    """The licence of a package as SPDX writes it."""
    first = stated(distribution(name))[0]
    return SPDX.get(first, first)


def direct(*files: str) -> set[str]:
    """Packages that requirements files name."""
    lines = [line for file in files for line in (ROOT / file).read_text(encoding="utf-8").splitlines()]
    return {found[1] for line in lines if (found := re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", line))}


def table(name: str) -> list[tuple[str, str]]:
    """Rows of two cells between the marks of a table."""
    (block,) = re.findall(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", TEXT, flags=re.DOTALL)
    rows = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", block, flags=re.MULTILINE)
    return [row for row in rows[1:] if not row[0].startswith("---")]


@pytest.mark.parametrize(
    ("name", "packages"),
    [
        ("program", direct("requirements.in", "bootstrap/requirements.in")),
        ("development", direct("requirements-dev.in")),
    ],
    ids=["program", "development"],
)
def test_every_package_is_listed_under_what_it_states(name: str, packages: set[str]) -> None:
    listed = {package: terms for terms, names in table(name) for package in names.split(", ")}
    assert listed == {package: licence(package) for package in packages}


def test_every_copyleft_licence_is_told() -> None:
    locked = direct("requirements-dev.txt")  # not what a package carries inside itself, and puts on the path
    packages = {re.sub(r"[-_.]+", "-", package.name).lower(): package for package in distributions()}
    found = {name for name in packages.keys() & locked if COPYLEFT.search(" ".join(stated(packages[name])))}
    shipped = direct("requirements.txt", "bootstrap/requirements.txt")
    assert dict(table("copyleft")) == {name: "yes" if name in shipped else "no" for name in sorted(found)}
