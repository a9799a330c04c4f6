"""The lock of the image against the dated table of advisories: no version stays that has a compatible fix."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest
from typing_extensions import override

from analysis.dependency_advisories import Match, Row, affected, avoidable, load, locked, matches, without_overrides
from analysis.stackfiles import ROOT
from delivery.vulnerabilities import RegistryError, ask, check
from pages.dependency_advisories import PATH, page

TABLE, TREE = load(), locked()
PINS: dict[str, str | dict[str, str]] = json.loads((ROOT / "image" / "package.json").read_text("utf-8"))["overrides"]
BROUGHT = {"seroval": "solid-js"}
"""What came with the fixed release of another package."""
OTHER_REASONS = {"@langchain/langgraph-checkpoint", "react-router-dom"}
"""Overrides that close nothing themselves: the first is in image/README.md, the second goes with react-router."""


def test_every_compatible_fix_is_taken_or_held() -> None:
    assert [f"{match.name}: {match.row.id} is fixed in {match.row.fixed}" for match in avoidable(_now(), TABLE)] == []


def test_a_version_that_is_vulnerable_again_is_red() -> None:
    for package in TABLE.replaced.keys() - BROUGHT.keys():
        back = avoidable(matches({package: TABLE.replaced[package]}, TABLE.advisories), TABLE)
        assert {match.version for match in back} == set(TABLE.replaced[package]), package


def test_what_is_replaced_is_gone_and_each_override_replaces_something() -> None:
    for package, versions in TABLE.replaced.items():
        assert not set(versions) & set(TREE[package]), package
    pinned = {name for key, value in PINS.items() for name in ([key] if isinstance(value, str) else value)}
    assert pinned - OTHER_REASONS == TABLE.replaced.keys() - BROUGHT.keys()


def test_a_held_version_is_installed_and_has_a_compatible_fix() -> None:
    assert TABLE.held.keys() == {match.name for match in _now() if match.compatible}


def test_no_advisory_stands_there_twice_and_each_was_about_this_tree() -> None:
    keys = [(row.package, row.id, row.affected) for row in TABLE.advisories]
    assert len(keys) == len(set(keys))
    stock = without_overrides(TREE, TABLE)
    for row in TABLE.advisories:
        assert re.fullmatch(r"CVE-\d{4}-\d{4,}|GHSA(-[23456789cfghjmpqrvwx]{4}){3}", row.id)
        assert matches(stock, [row]), (row.package, row.id)
        assert not row.fixed or not affected(row.fixed, row.affected), (row.package, row.id)


def test_the_page_is_in_sync() -> None:
    assert page() == PATH.read_text(encoding="utf-8"), "run `make docs`"


@pytest.mark.parametrize(
    ("version", "ranges", "expected"),
    [
        ("1.15.0", ">=1.0.0 <1.18.0", True),
        ("1.18.0", ">=1.0.0 <1.18.0", False),
        ("2.88.2", "<=2.88.2", True),
        ("1.4.5-lts.2", ">=1.4.4-lts.1 <2.0.0", True),
        ("0.5.0", "<0.3.0 || =0.5.0", True),
        ("0.4.0", "<0.3.0 || 0.5.0", False),
        ("7.0.0", "*", True),
        ("1.2.3", ">1.0.0, <=1.2.3", True),
    ],
)
def test_ranges_are_those_of_npm(version: str, ranges: str, *, expected: bool) -> None:
    assert affected(version, ranges) is expected


@pytest.mark.parametrize("ranges", ["", "next", ">=1.0", "<1.0.0 or so"])
def test_a_range_that_nobody_can_read_is_no_range_without_matches(ranges: str) -> None:
    with pytest.raises(ValueError, match="not a range"):
        affected("1.0.0", ranges)


@pytest.mark.parametrize(
    ("version", "fixed", "compatible"),
    [
        ("1.2.3", "1.9.0", True),
        ("1.2.3", "2.0.0", False),
        ("0.3.1", "0.3.9", True),
        ("0.3.1", "0.4.0", False),
        ("1.2.3", "", False),
    ],
)
def test_compatible_is_the_same_major_and_below_one_the_same_minor(
    version: str, fixed: str, *, compatible: bool
) -> None:
    row = Row(package="a", id="CVE-2026-0001", affected="<9.0.0", fixed=fixed, severity="high", what="")
    (match,) = matches({"a": [version]}, [row])
    assert match.compatible is compatible


class Registry(BaseHTTPRequestHandler):
    """npm's endpoint for advisories, as a registry has it that knows one."""

    status: ClassVar = 200
    body: ClassVar[object] = {}

    def do_POST(self) -> None:
        """Answer as the test wants."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(json.dumps(self.body).encode())

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    """A registry on this machine."""
    server = HTTPServer(("127.0.0.1", 0), Registry)
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_advisory_that_only_the_registry_has_fails_the_command(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (version,) = TREE["axios"]
    major = version.split(".")[0]
    entry = {"id": 1, "url": "https://github.com/advisories/GHSA-2222-3333-4444", "title": "new", "severity": "high"}
    monkeypatch.setattr(
        Registry, "body", {"axios": [{**entry, "vulnerable_versions": f"<0.1.0 || >=1.0.0 <{major}.999.0"}]}
    )
    lines, failed = check(TREE, lambda: ask(address, TREE))
    assert failed
    assert f"  axios@{version}: GHSA-2222-3333-4444, fixed in {major}.999.0" in lines
    assert check(TREE, None)[1] is False


def test_a_registry_without_advisories_is_said_and_the_table_is_used(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Registry, "status", 405)
    with pytest.raises(RegistryError, match="405"):
        ask(address, TREE)
    lines, failed = check(TREE, lambda: ask(address, TREE))
    assert not failed
    assert any("our table only" in line for line in lines)
    assert f"all: {len(_now())}" in lines


def _now() -> list[Match]:
    return matches(TREE, TABLE.advisories)
