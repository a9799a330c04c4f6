"""The list of what is pinned outside of Dependabot's reach holds everything that is, and says what it cannot ask."""

import re

import pytest

from delivery import outdated
from delivery.outdated import CannotAskError, Pin, lines, pins
from local.stackfiles import ROOT


def test_everything_pinned_in_the_components_is_listed() -> None:
    listed = "\n".join(f"{pin.name} {pin.version}" for pin in pins())
    for path in (ROOT / "components").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for version in re.findall(r'^CHART_VERSION: Final = "([^"]+)"', text, flags=re.MULTILINE):
            assert version in listed, path
        for digest in re.findall(r"@sha256:([0-9a-f]{64})", text):
            assert digest in listed, path
    assert "?" not in listed
    assert {"chart keda", "chart datadog"} <= {pin.name for pin in pins()}
    assert {"Kubernetes", "PostgreSQL", "Pulumi's CLI"} <= {pin.name for pin in pins()}
    programs = re.findall(r"go install (\S+)/cmd/\S+@(v\S+)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert {(f"Go program {module}", version) for module, version in programs} <= {(p.name, p.version) for p in pins()}
    assert "helm.sh/helm/v3" in dict(programs)


def pin(newest: str | None) -> Pin:
    def ask() -> str:
        if newest is None:
            raise CannotAskError("needs docker")
        return newest

    return Pin(name="chart keda", version="2.20.2", where="components/keda.py", newest=ask)


@pytest.mark.parametrize(
    ("newest", "says"),
    [("2.20.2", "up to date"), ("2.21.0", "OUTDATED, newest is 2.21.0"), (None, "not asked: needs docker")],
)
def test_each_line_says_what_is_known(newest: str | None, says: str) -> None:
    assert list(lines([pin(newest)])) == [f"chart keda 2.20.2 (components/keda.py): {says}"]


def test_what_dependabot_follows_is_followed_by_it() -> None:
    updates = (ROOT / ".github" / "dependabot.yml").read_text(encoding="utf-8")
    for ecosystem in ("pip", "github-actions", "bun", "npm", "docker"):
        assert f"package-ecosystem: {ecosystem}" in updates
    assert "Dependabot" in outdated.FOLLOWED
