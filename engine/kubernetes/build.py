"""Builds a Kubernetes control plane and Pulumi's provider from their Go modules, once for each of their versions.

A build is kept outside of the checkout, by the fingerprint of go.mod and go.sum, and shared by all checkouts.
"""

import fcntl
import hashlib
import importlib.metadata
import json
import os
import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from engine.build import BUILD_ENVIRONMENT, cache_directory, find_go
from engine.errors import EngineError

SOURCE: Final = Path(__file__).parent
PROVIDER_PROGRAM: Final = "pulumi-resource-kubernetes"
PROVIDER_MINUTES: Final = 20
"""On two cores with an empty build cache; it takes 4.4 GiB of memory."""
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


def version(module: str, source: Path) -> str:
    """Version of a module that a go.mod asks for. Raises `EngineError`."""
    found = re.search(rf"^\s*(?:require )?{re.escape(module)} (v\S+)", (source / "go.mod").read_text("utf-8"), re.M)
    if found is None:
        raise EngineError(f"{source / 'go.mod'} does not require {module}", hint="Restore the file from git.")
    return found[1]


def built(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the control plane and the kinds are in the cache, so that nothing is built."""
    return all(_directory(part, environment).exists() for part in ("server", "crds"))


def provider_built(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether Pulumi's provider is in the cache too."""
    return _directory("provider", environment).exists()


def programs(environment: Mapping[str, str] = os.environ) -> Path:
    """Directory of etcd, kube-apiserver and kube-controller-manager, built once in 7 minutes. Raises `EngineError`."""
    number = version("k8s.io/kubernetes", SOURCE / "server")
    _, minor, _ = number.split(".")
    named = {"gitVersion": number, "gitMajor": "1", "gitMinor": minor, "gitTreeState": "clean"}
    flags = " ".join(f"-X k8s.io/component-base/version.{key}={value}" for key, value in named.items())

    def make(go: Path, target: Path) -> None:
        for name, package in _CONTROL_PLANE.items():
            command = ["build", "-p", "2", "-trimpath", "-ldflags", f"-s -w {flags}", "-o", str(target / name), package]
            _go(go, SOURCE / "server", command, environment)

    return _provide("server", make, environment)


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
    """Program of Pulumi's Kubernetes provider, built once in 20 minutes. Raises `EngineError`."""

    def make(go: Path, target: Path) -> None:
        module = _module(go, "provider", f"{_PROVIDER}@{version(_PROVIDER, SOURCE / 'provider')}", environment)
        flags = f"-s -w -X {_PROVIDER}/pkg/version.Version={provider_version()}"
        with tempfile.TemporaryDirectory(prefix="provider-") as scratch:
            source = Path(scratch) / "provider"
            shutil.copytree(SOURCE / "provider", source)
            for name in _EMBEDDED:
                shutil.copyfile(module / "cmd" / PROVIDER_PROGRAM / name, source / name)
            output = str(target / PROVIDER_PROGRAM)
            _go(go, source, ["build", "-p", "2", "-trimpath", "-ldflags", flags, "-o", output, "."], environment)

    return _provide("provider", make, environment) / PROVIDER_PROGRAM


def provider_version() -> str:
    """Version for which the engine asks: that of the Python SDK."""
    return importlib.metadata.version("pulumi-kubernetes")


def _definitions(environment: Mapping[str, str]) -> Path:
    def make(go: Path, target: Path) -> None:
        for module, pattern in _CRDS.items():
            number = version(module, SOURCE / "crds")
            for file in sorted(_module(go, "crds", f"{module}@{number}", environment).glob(pattern)):
                shutil.copyfile(file, target / file.name)

    return _provide("crds", make, environment)


def _directory(part: str, environment: Mapping[str, str]) -> Path:
    digest = hashlib.sha256(platform.machine().encode())
    for file in sorted((SOURCE / part).glob("*")):
        digest.update(file.read_bytes())
    if part == "provider":
        digest.update(provider_version().encode())
    return cache_directory(environment) / f"kubernetes-{part}-{digest.hexdigest()[:16]}"


def _provide(part: str, make: Callable[[Path, Path], None], environment: Mapping[str, str]) -> Path:
    """Build into a directory beside the final one, and move it there when it is whole."""
    directory = _directory(part, environment)
    if directory.exists():
        return directory
    go = find_go(environment)
    if go is None:
        raise EngineError(
            f"engine/kubernetes/{part} is not built yet, and there is no Go to build it with",
            hint="`make setup` installs Go into .venv.",
        )
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EngineError(
            f"the cache directory {directory.parent} cannot be made: {error.strerror}",
            hint="Set XDG_CACHE_HOME to a directory that you may write to, then start again.",
        ) from None
    with _locked(directory.parent):
        if not directory.exists():  # else another process has built it meanwhile
            with tempfile.TemporaryDirectory(dir=directory.parent, prefix="build-") as scratch:
                target = Path(scratch) / "made"
                target.mkdir()
                make(go, target)
                target.rename(directory)
    return directory


@contextmanager
def _locked(directory: Path) -> Generator[None]:
    """Let one process build at a time; another one waits and finds the build."""
    with (directory / "kubernetes.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _module(go: Path, part: str, module: str, environment: Mapping[str, str]) -> Path:
    """Directory of a module; Go compares it with the checksum in the part's go.sum."""
    return Path(json.loads(_go(go, SOURCE / part, ["mod", "download", "-json", module], environment))["Dir"])


def _go(go: Path, source: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        [str(go), *arguments],
        cwd=source,
        env={**environment, **BUILD_ENVIRONMENT},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise EngineError(
            f"go {' '.join(arguments[:2])} failed in engine/kubernetes/{source.name}",
            hint="Nothing was left half made; starting again is safe. It needs the Go module proxy and 10 GiB of disk.",
            output="\n".join((done.stderr or done.stdout).strip().splitlines()[-15:]),
        )
    return done.stdout
