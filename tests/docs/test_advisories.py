"""docs/advisories.yaml: each advisory has a verdict that rests on something, and the tree is the one that was read."""

import re
from collections.abc import Iterator

import pytest
from pydantic import ValidationError

from analysis.stackfiles import ROOT
from components.app import AppSettings
from pages.advisories import MEANINGS, PATH, Advisory, load, page

GUARDS = ROOT / "image" / "preload" / "guards"
ALL = load().advisories
IMAGE = f"registry.example.com/flowise@sha256:{'0' * 64}"


def just_before(fixed_in: str) -> str:
    """The newest version that still has the fault: `3.1.2` when it was fixed in 3.1.3."""
    (numbers,) = re.findall(r"(\d+)\.(\d+)\.(\d+)", fixed_in)
    major, minor, patch = (int(number) for number in numbers)
    if "-patch." in fixed_in:
        return f"{major}.{minor}.{patch}"
    if patch:
        return f"{major}.{minor}.{patch - 1}"
    return f"{major}.{minor - 1}.999" if minor else f"{major - 1}.999.999"


def test_a_verdict_rests_on_something() -> None:
    wrong = {advisory.id: found for advisory in ALL if (found := list(faults(advisory)))}
    assert not wrong, str(wrong)


def faults(advisory: Advisory) -> Iterator[str]:
    """Why nobody can rely on a verdict."""
    if not re.fullmatch(r"CVE-\d{4}-\d{4,}|GHSA(-[23456789cfghjmpqrvwx]{4}){3}", advisory.id):
        yield "it is no identifier of an advisory"
    if bool(advisory.holds) != (advisory.verdict in {"fixed", "part", "live"}):
        yield f"holds and the verdict {advisory.verdict} contradict each other"
    if bool(advisory.lacks) != (advisory.verdict == "gone"):
        yield f"lacks and the verdict {advisory.verdict} contradict each other"
    if advisory.verdict in {"part", "live"} and not advisory.ours:
        yield "a fault in the installed code is closed or bounded by something, or said to be open"
    if (advisory.holds or advisory.lacks) and advisory.where not in load().files:
        yield f"{advisory.where} is none of the files that were read"
    for match in re.finditer(r"(?:guards?|and) `(\w+)`", advisory.ours):
        if not (GUARDS / f"{match[1]}.cjs").exists():
            yield f"there is no guard {match[1]}"


def test_each_advisory_stands_there_once() -> None:
    names = [name for advisory in ALL for name in (advisory.id, *advisory.also)]
    assert len(names) == len(set(names)) > 280
    assert {advisory.verdict for advisory in ALL} <= set(MEANINGS)


@pytest.mark.parametrize("version", sorted({advisory.fixed_in for advisory in ALL if advisory.fixed_in}))
def test_a_flowise_with_a_published_fault_is_refused(version: str) -> None:
    app = {"image": IMAGE, "flowise_version": just_before(version), "owner": {"email": "owner@example.com"}}
    with pytest.raises(ValidationError, match="published vulnerabilities"):
        AppSettings.model_validate(app)


def test_the_lock_installs_the_tree_that_was_read() -> None:
    """With another Flowise every row is read again: tests/e2e/test_guards.py then names the files that changed."""
    lock = (ROOT / "image" / "bun.lock").read_text(encoding="utf-8")
    for name, integrity in load().packages.items():
        assert re.search(rf'^    "{re.escape(name)}": \[.*"{re.escape(integrity)}"\],$', lock, re.MULTILINE), name


def test_guards_and_table_were_made_for_the_same_files() -> None:
    found = {
        match[1]: match[2]
        for guard in GUARDS.glob("*.cjs")
        for match in re.finditer(r"'(flowise[^']*\.js)': \{\s*sha256: '([0-9a-f]{64})'", guard.read_text("utf-8"))
    }
    assert len(found) > 5
    both = found.keys() & load().files.keys()
    assert {name: found[name] for name in both} == {name: load().files[name] for name in both}


def test_what_a_guard_says_that_it_closes_is_in_the_table() -> None:
    named = {name for guard in GUARDS.glob("*.cjs") for name in re.findall(r"CVE-\d{4}-\d+", guard.read_text("utf-8"))}
    known = {name for advisory in ALL for name in (advisory.id, *advisory.also)}
    assert named
    assert named <= known


def test_the_page_is_in_sync() -> None:
    assert page() == PATH.read_text(encoding="utf-8"), "run `make docs`"


def test_the_front_page_counts_the_verdicts() -> None:
    """`unread` is for the three working days in which SECURITY.md promises a verdict."""
    unread = sum(advisory.verdict == "unread" for advisory in ALL)
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    counted = f"All {len(ALL)}" if not unread else f"{len(ALL) - unread} of the {len(ALL)}"
    assert f"{counted} advisories that were found have a verdict by the installed code" in readme
