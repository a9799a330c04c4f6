"""Builds a Kubernetes control plane and Pulumi's provider from their Go modules, once for each of their versions."""

import importlib.metadata
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from engine.go_builds import Build, cache_directory, fingerprint, required_version

SOURCE: Final = Path(__file__).parent
PROVIDER_PROGRAM: Final = "pulumi-resource-kubernetes"
_KEDA: Final = "keda.sh_*.yaml"
_CRDS: Final = {
    "github.com/kedacore/keda/v2": f"config/crd/bases/{_KEDA}",
    "sigs.k8s.io/karpenter": "pkg/apis/crds/karpenter.sh_*.yaml",
}
"""Where a module keeps the kinds that it brings."""
_PROVIDER: Final = "github.com/pulumi/pulumi-kubernetes/provider/v4"
_EMBEDDED: Final = ("schema.json", "terraform-mapping.json")
"""Files of the provider's module that its program embeds."""
_CONTROL_PLANE: Final = {
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
    "etcd": "go.etcd.io/etcd/server/v3",
}
_WHAT: Final = {
    "server": ("Kubernetes' control plane", 6),
    "crds": ("the list of KEDA's and Karpenter's kinds", 1),
    "provider": ("Pulumi's Kubernetes provider", 10),
}
"""Parts, as messages name them, and the disk in GiB that each needs while it is built."""


def built(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the control plane and the kinds are in the cache, so that nothing is built."""
    return all(_build(part, environment).directory.exists() for part in ("server", "crds"))


def provider_built(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether Pulumi's provider is in the cache too."""
    return _build("provider", environment).directory.exists()


def programs(environment: Mapping[str, str] = os.environ) -> Path:
    """Directory of etcd, kube-apiserver and kube-controller-manager, built once in 7 minutes. Raises `EngineError`."""
    build = _build("server", environment)
    number = required_version("k8s.io/kubernetes", SOURCE / "server")
    _, minor, _ = number.split(".")
    named = {"gitVersion": number, "gitMajor": "1", "gitMinor": minor, "gitTreeState": "clean"}
    flags = " ".join(f"-X k8s.io/component-base/version.{key}={value}" for key, value in named.items())

    def make(go: Path, target: Path) -> None:
        for name, package in _CONTROL_PLANE.items():
            command = ["build", "-p", "2", "-trimpath", "-ldflags", f"-s -w {flags}", "-o", str(target / name), package]
            build.run(go, command, SOURCE / "server", environment)

    return build.provide(make, environment)


def definitions(environment: Mapping[str, str] = os.environ) -> list[Path]:
    """Custom resource definitions of KEDA and Karpenter, from their modules, and of EKS Auto Mode, from here."""
    return [*keda_definitions(environment), *auto_mode_definitions(environment)]


def keda_definitions(environment: Mapping[str, str] = os.environ) -> list[Path]:
    """Those that KEDA's chart brings."""
    return sorted(_definitions(environment).glob(_KEDA))


def auto_mode_definitions(environment: Mapping[str, str] = os.environ) -> list[Path]:
    """Those that a cluster of EKS Auto Mode has from its first minute: Karpenter's, and EKS's own."""
    brought = set(keda_definitions(environment))
    found = sorted(set(_definitions(environment).glob("*.yaml")) - brought)
    return [*found, SOURCE / "crds" / "auto_mode.yaml"]


def provider(environment: Mapping[str, str] = os.environ) -> Path:
    """Pulumi's Kubernetes provider, built once in 20 minutes with 4.4 GiB of memory. Raises `EngineError`."""
    build = _build("provider", environment)

    def make(go: Path, target: Path) -> None:
        module = _module(go, build, _PROVIDER, environment)
        flags = f"-s -w -X {_PROVIDER}/pkg/version.Version={provider_version()}"
        with tempfile.TemporaryDirectory(prefix="provider-") as scratch:
            source = Path(scratch) / "provider"
            shutil.copytree(SOURCE / "provider", source)
            for name in _EMBEDDED:
                shutil.copyfile(module / "cmd" / PROVIDER_PROGRAM / name, source / name)
            output = str(target / PROVIDER_PROGRAM)
            build.run(go, ["build", "-p", "2", "-trimpath", "-ldflags", flags, "-o", output, "."], source, environment)

    return build.provide(make, environment) / PROVIDER_PROGRAM


def provider_version() -> str:
    """Version for which the engine asks: that of the Python SDK."""
    return importlib.metadata.version("pulumi-kubernetes")


def _definitions(environment: Mapping[str, str]) -> Path:
    build = _build("crds", environment)

    def make(go: Path, target: Path) -> None:
        for module, pattern in _CRDS.items():
            for file in sorted(_module(go, build, module, environment).glob(pattern)):
                shutil.copyfile(file, target / file.name)

    return build.provide(make, environment)


def _build(part: str, environment: Mapping[str, str]) -> Build:
    what, needed_gib = _WHAT[part]
    contents = [file.read_bytes() for file in sorted((SOURCE / part).glob("*"))]
    also = [provider_version().encode()] if part == "provider" else []
    return Build(
        directory=cache_directory(environment) / f"kubernetes-{part}-{fingerprint([*contents, *also])}",
        what=what,
        source=f"engine/kubernetes/{part}",
        needed_gib=needed_gib,
        missing=f"engine/kubernetes/{part} is not built yet, and there is no Go to build it with",
    )


def _module(go: Path, build: Build, module: str, environment: Mapping[str, str]) -> Path:
    """Directory of a module; Go compares it with the checksum in go.sum."""
    source = SOURCE.parent.parent / build.source
    named = f"{module}@{required_version(module, source)}"
    return Path(json.loads(build.run(go, ["mod", "download", "-json", named], source, environment))["Dir"])
