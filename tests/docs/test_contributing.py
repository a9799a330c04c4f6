"""What CONTRIBUTING.md and the docstrings of packages name is there: files, modules, commands, names of the code.

Links, commands and paths from the top of the repository are held for every page by `test_links.py` and
`test_commands.py`; here it is what those leave to the reader: a file without its folder, a class, an argument.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
import typer

from pages.site import markdown_pages as pages
from tests.docs.test_commands import PROGRAMS, targets

PAGE = "CONTRIBUTING.md"
PACKAGES = sorted(
    name for name in pages.tracked() if name.endswith("/__init__.py") and not name.startswith(("tests/", "image/"))
)


@cache
def code() -> dict[str, str]:
    """Text of every file of the program."""
    names = (path for path in pages.tracked() if path.endswith(".py") and not path.startswith("tests/docs/test_"))
    return {path: pages.read(path) for path in names}


@cache
def names_in(path: str) -> frozenset[str]:
    """Everything that a file defines, imports, reads or passes by name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(code()[path])):
        for field in ("id", "attr", "arg", "name"):
            value = getattr(node, field, None)
            found |= {value} if isinstance(value, str) else set()
    return frozenset(found)


@cache
def is_in_code(word: str) -> bool:
    """Whether the program has something of this name; the smallest files that have the word are asked first."""
    having = sorted((len(text), path) for path, text in code().items() if word in text)
    return any(word in names_in(path) for _, path in having)


@cache
def subcommands() -> frozenset[str]:
    """Commands of `python -m local` and `python -m ops`."""
    groups = [typer.main.get_command(program.make_app(name)) for name, program in PROGRAMS.items()]
    return frozenset(name for group in groups for name in getattr(group, "commands", {}))


def problem(span: str, package: str = "") -> str:
    """What is wrong with something in backquotes; a package may name its own modules."""
    if span.startswith(("make ", ".venv/bin/", "pulumi ", "python -m ", "--")):
        target = re.match(r"make ([a-z][a-z0-9-]*)", span)
        return f"no target {target[1]}" if target and target[1] not in targets() else ""
    if "/" in span or re.search(r"\.[a-z]+$", span):
        return "" if is_path(span.rstrip("/"), package) else "no such path"
    if package and re.fullmatch(r"[a-z]+", span):
        return "" if is_module(span, package) or span in subcommands() else f"no module of {package}, and no command"
    words = re.findall(r"[A-Za-z_]\w+", re.sub(r'"[^"]*"', "", span))
    unknown = [word for word in words if not is_in_code(word) and not is_module(word, package)]
    return f"the code knows no {', '.join(unknown)}" if unknown else ""


def is_path(span: str, package: str) -> bool:
    """Whether it is a folder, a file, or the end of a file's path."""
    return bool({span, f"{package}/{span}"} & pages.folders()) or any(
        Path(name).match(span) for name in pages.tracked()
    )


def is_module(name: str, package: str) -> bool:
    """Whether it is a module or a package, of the package or at the top."""
    places = {f"{package}/{name}", name} if package else {name}
    return bool(places & pages.folders()) or bool({f"{place}.py" for place in places} & pages.tracked())


def test_what_contributing_names_is_there() -> None:
    spans = pages.spans(pages.read(PAGE))
    assert len(spans) > 50
    assert {span: said for span in spans if (said := problem(span))} == {}


@pytest.mark.parametrize("name", PACKAGES)
def test_what_the_docstring_of_a_package_names_is_there(name: str) -> None:
    text = ast.get_docstring(ast.parse(pages.read(name)))
    assert text, "a package says what it is for"
    package = str(Path(name).parent)
    assert {span: said for span in re.findall(r"`([^`]+)`", text) if (said := problem(span, package))} == {}


@pytest.mark.parametrize(
    ("span", "package", "says"),
    [
        ("make docs", "", ""),
        ("make dogs", "", "no target dogs"),
        ("peers.yaml", "", ""),
        ("piers.yaml", "", "no such path"),
        ("analysis/cost/rules.py", "", ""),
        ("analysis/cost/rulers.py", "", "no such path"),
        ("MonitoringTargets", "", ""),
        ("MonitoringTarget", "", "the code knows no MonitoringTarget"),
        ("model_config = example(...)", "", ""),
        ("recorder", "analysis", ""),
        ("recorders", "analysis", "no module of analysis, and no command"),
        ("export", "ops/portable", ""),
    ],
)
def test_what_is_not_there_is_told_from_what_is(span: str, package: str, says: str) -> None:
    assert problem(span, package) == says
