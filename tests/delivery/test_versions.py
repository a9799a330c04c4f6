"""One Pulumi: the CLI that workflows install is the engine that the tests build, and no older than the SDK."""

import re

import yaml

from analysis.stackfiles import ROOT


def test_workflows_install_the_engine_that_the_tests_build() -> None:
    (built,) = re.findall(r"pulumi/pkg/v3 v(\S+)", (ROOT / "engine" / "cli" / "go.mod").read_text(encoding="utf-8"))
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))]
    installed = [version for text in texts for version in re.findall(r"pulumi-version: (\S+)", text)]
    assert set(installed) == {built}
    assert len(installed) == sum(text.count("uses: pulumi/actions@") for text in texts)


def test_a_cli_older_than_the_sdk_is_refused() -> None:
    (sdk,) = re.findall(r"^pulumi==(\S+)", (ROOT / "requirements.in").read_text(encoding="utf-8"), re.MULTILINE)
    for project in ("Pulumi.yaml", "bootstrap/Pulumi.yaml"):
        content = yaml.safe_load((ROOT / project).read_text(encoding="utf-8"))
        assert content["requiredPulumiVersion"] == f">={sdk}"
