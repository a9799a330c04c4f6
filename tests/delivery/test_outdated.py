"""The list of what is pinned outside of Dependabot's reach holds everything that is, and says what it cannot ask."""

import re
from typing import Any, cast

import boto3
import pytest
from botocore.stub import Stubber

from analysis.stackfiles import ROOT
from delivery import outdated
from delivery.outdated import CannotAskError, Pin, lines, pins
from tests.conftest import recorded


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
    installed = {addon.inputs["addonName"] for addon in recorded("prod").of_type("aws:eks/addon:Addon")}
    assert {f"EKS add-on {name}" for name in installed} == {p.name for p in pins() if p.moves}


def test_what_moves_by_itself_is_never_outdated() -> None:
    moving = Pin(name="EKS add-on x", version="(default)", where="components/x.py", newest=lambda: "v2", moves=True)
    assert list(lines([moving])) == ["EKS add-on x (default) (components/x.py): looked up by each preview, now v2"]


def test_the_default_version_of_an_addon_is_the_one_that_eks_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    """EKS API Reference, DescribeAddonVersions: `compatibilities[].defaultVersion`."""
    eks = cast("Any", boto3).client("eks", region_name="us-east-1")
    versions = [
        {"addonVersion": name, "compatibilities": [{"clusterVersion": "1.36", "defaultVersion": name == "v1"}]}
        for name in ("v2", "v1")
    ]

    def client(*_: str, **_region: str) -> Any:
        return eks

    monkeypatch.setattr(boto3, "client", client)
    with Stubber(eks) as stub:
        expected = {"addonName": "metrics-server", "kubernetesVersion": "1.36"}
        stub.add_response("describe_addon_versions", {"addons": [{"addonVersions": versions}]}, expected)
        stub.add_response("describe_addon_versions", {"addons": []}, expected)
        (found,) = (p for p in pins() if p.name == "EKS add-on metrics-server")
        assert found.newest() == "v1"
        with pytest.raises(CannotAskError, match=r"no version of it for Kubernetes 1\.36"):
            found.newest()


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
