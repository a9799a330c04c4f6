"""The SDKs, loaded by what is asked for: every name of a package is there, and means what it says."""

import importlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pulumi_aws as aws
import pytest
from pulumi import _types  # pyright: ignore[reportPrivateUsage]
from pulumi_kubernetes.core import v1

from analysis.pulumi_sdk import lazy_imports
from analysis.stackfiles import ROOT

PACKAGES = (
    "pulumi_aws.sqs",
    "pulumi_aws.backup",
    "pulumi_awsx.ec2",
    "pulumi_kubernetes.policy.v1",
    "pulumi_kubernetes.helm.v3",
)
NAMES = """
import importlib, json, sys
import pulumi_awsx  # as Python alone imports it, like all that follows until the program's own import

def classes(name):
    module = importlib.import_module(name)
    hasattr(module, "outputs")  # the SDK itself waits for that much
    return sorted(key for key, value in vars(module).items() if isinstance(value, type))

found = {name: classes(name) for name in sys.argv[1:]}

import analysis
import pulumi_awsx.ecs as ecs

found["after it"] = [ecs.FargateServiceTaskDefinitionArgs.__name__, type(ecs).__name__]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def eager() -> dict[str, list[str]]:
    """The classes of each package as Python alone imports them, and what is said of another that came after."""
    ran = subprocess.run([sys.executable, "-c", NAMES, *PACKAGES], capture_output=True, check=True, text=True, cwd=ROOT)
    return json.loads(ran.stdout)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_class_of_a_package_is_there(eager: dict[str, list[str]], package: str) -> None:
    module = importlib.import_module(package)
    assert eager[package]
    for name in eager[package]:
        found = getattr(module, name)
        assert isinstance(found, type)
        assert found.__name__ == name


def test_what_a_package_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"module 'pulumi_aws\.sqs' has no attribute 'Nothing'"):
        getattr(aws.sqs, "Nothing")  # noqa: B009
    assert not hasattr(aws.backup.outputs, "Nothing")


def test_a_class_wins_over_the_module_of_its_name() -> None:
    importlib.import_module("pulumi_kubernetes.core.v1.PodTemplate")
    assert isinstance(v1.PodTemplate, type)


def test_types_of_properties_are_found_in_classes_that_nothing_has_loaded() -> None:
    assert "ClusterCoreInstanceGroup" not in vars(aws.emr.outputs)
    hints = _types.resource_types(aws.emr.Cluster)
    assert hints["coreInstanceGroup"] is aws.emr.outputs.ClusterCoreInstanceGroup
    inputs = _types.input_type_types(aws.emr.ClusterArgs)
    assert inputs["coreInstanceGroup"] is aws.emr.ClusterCoreInstanceGroupArgs


def test_a_file_of_classes_loads_those_that_are_asked_for_and_keeps_their_byte_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    file = tmp_path / "outputs.py"
    file.write_text(
        "def sealed(found):\n    return found\n\n"
        "@sealed\nclass One(dict):\n    size = 1\n\nclass Two(dict):\n    1 / 0\n"
    )
    for _ in range(2):
        module = load(file)
        assert module.One.size == 1
        with pytest.raises(ZeroDivisionError):
            getattr(module, "Two")  # noqa: B009
    (kept,) = (tmp_path / "__pycache__").iterdir()
    assert kept.stat().st_size > 0
    kept.write_bytes(kept.read_bytes()[:-3])  # the process was ended while it wrote
    assert load(file).One.size == 1
    file.write_text("BASE = dict\nclass One(BASE):\n    size = 22\n")
    assert load(file).One.size == 22, "byte code of another text is not used"


def load(file: Path) -> Any:
    loader = lazy_imports.ClassesLoader("outputs", str(file))
    spec = importlib.util.spec_from_loader("outputs", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_an_sdk_that_python_has_imported_before_is_left_as_it_is(eager: dict[str, list[str]]) -> None:
    assert eager["after it"] == ["FargateServiceTaskDefinitionArgs", "module"]
