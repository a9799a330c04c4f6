"""`make outdated`: what is pinned where no updater looks, and what is newer where a registry can be asked."""

import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import boto3
import typer
import yaml
from botocore.exceptions import BotoCoreError, ClientError

from analysis.stackfiles import ROOT
from components.cluster import ClusterSettings
from components.database import DatabaseSettings

FOLLOWED = (
    "Python packages, GitHub's actions, Flowise and its packages (bun.lock), the packages of the local environment and "
    "the base image of the Dockerfile are followed by Dependabot (.github/dependabot.yml) and not asked here"
)
_SECONDS = 20


class CannotAskError(Exception):
    """Nobody here can say what is newest; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Pin:
    """Something with a version that a person has to raise."""

    name: str
    version: str
    where: str
    newest: Callable[[], str]
    """Asks for the newest one. Raises `CannotAskError`."""
    moves: bool = False
    """Looked up by each preview, so never outdated by itself: the next deployment takes what is newest."""


def pins() -> Iterator[Pin]:
    """All of them: the one list of what is pinned outside of Dependabot's reach."""
    for path in sorted((ROOT / "components").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if version := re.search(r'^CHART_VERSION: Final = "([^"]+)"', text, flags=re.MULTILINE):
            chart, repository = _argument(text, "chart"), _argument(text, "repo")
            where = str(path.relative_to(ROOT))
            ask = partial(_chart, repository, chart)
            yield Pin(name=f"chart {chart}", version=version[1], where=where, newest=ask)
    for name, image in sorted(_images()):
        yield Pin(name=name, version=image, where="components/telemetry/settings.py", newest=partial(_image, image))
    kubernetes = str(ClusterSettings.model_fields["kubernetes_version"].default)
    for addon, where in sorted(_addons()):
        ask = partial(_addon, addon, kubernetes)
        default = f"(EKS's default for Kubernetes {kubernetes})"
        yield Pin(name=f"EKS add-on {addon}", version=default, where=where, newest=ask, moves=True)
    postgres = str(DatabaseSettings.model_fields["postgres_version"].default)
    yield Pin(name="Kubernetes", version=kubernetes, where="components/cluster.py", newest=_kubernetes)
    yield Pin(name="PostgreSQL", version=postgres, where="components/database/settings.py", newest=_postgres)
    for package, version in re.findall(r"go install (\S+)@(v\S+)", (ROOT / "Makefile").read_text(encoding="utf-8")):
        module = str(package).partition("/cmd/")[0]
        yield Pin(name=f"Go program {module}", version=version, where="Makefile", newest=partial(_go_module, module))
    cli = re.search(r"pulumi/pkg/v3 v(\S+)", (ROOT / "engine/cli/go.mod").read_text(encoding="utf-8"))
    where = "engine/cli/go.mod and the workflows"
    yield Pin(name="Pulumi's CLI", version=cli[1] if cli else "?", where=where, newest=_by_hand)


def _argument(text: str, name: str) -> str:
    """What a chart's file gives as `chart=` or `repo=`, as text or as a constant of the file."""
    found = re.search(rf'["\']?\b{name}["\']?\s*[=:]\s*(?:"([^"]+)"|(\w+))', text)
    if found is None:
        return "?"
    constant = found[2] and re.search(rf'^{found[2]}(?:: Final)? = "([^"]+)"', text, flags=re.MULTILINE)
    return constant[1] if constant else found[1] or "?"


def _images() -> Iterator[tuple[str, str]]:
    """Images that the defaults of the telemetry settings pin by digest."""
    text = (ROOT / "components/telemetry/settings.py").read_text(encoding="utf-8")
    joined = re.sub(r'"\s*\n\s*"', "", text)
    for image in re.findall(r'"([\w./-]+:[\w.-]+@sha256:[0-9a-f]{64})"', joined):
        yield f"image {image.partition(':')[0].rpartition('/')[2]}", image


def _addons() -> Iterator[tuple[str, str]]:
    """Add-ons of EKS that a component installs."""
    for path in (ROOT / "components").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for constant in re.findall(r"\baddon_name=(_\w+),", text):
            name = re.search(rf'^{constant} = "([^"]+)"', text, flags=re.MULTILINE)
            yield name[1] if name else "?", str(path.relative_to(ROOT))


def _chart(repository: str, chart: str) -> str:
    try:
        address = f"{repository.rstrip('/')}/index.yaml"
        with urllib.request.urlopen(address, timeout=_SECONDS) as answer:  # noqa: S310  # an address of our own code
            entries = cast("dict[str, Any]", yaml.load(answer.read(), yaml.CSafeLoader))["entries"][chart]
    except (OSError, ValueError, KeyError) as error:
        raise CannotAskError(f"{repository} does not answer: {error}") from error
    plain = [str(e["version"]) for e in entries if re.fullmatch(r"[\d.]+", str(e["version"]))]
    return max(plain, key=lambda version: [int(part) for part in version.split(".")])


def _image(image: str) -> str:
    """Return the digest that the same tag has now: a newer tag nobody knows without a person."""
    if shutil.which("docker") is None:
        raise CannotAskError("needs docker; newer tags are on the project's page of releases")
    tag = image.partition("@")[0]
    command = ["docker", "buildx", "imagetools", "inspect", tag, "--format", "{{.Manifest.Digest}}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=6 * _SECONDS)
    if done.returncode:
        raise CannotAskError(f"docker cannot ask: {done.stderr.strip().splitlines()[-1:]}")
    return f"{tag}@{done.stdout.strip()}"


def _go_module(module: str) -> str:
    """Return the newest version of this major one, from wherever Go takes its modules."""
    go = shutil.which("go") or str(Path(sys.prefix) / "bin" / "go")
    command = [go, "list", "-m", "-f", "{{.Version}}", f"{module}@latest"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=6 * _SECONDS, cwd="/")
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotAskError(f"needs Go: {error}") from error
    if done.returncode:
        raise CannotAskError(f"Go cannot ask: {done.stderr.strip().splitlines()[-1:]}")
    return done.stdout.strip()


def _kubernetes() -> str:
    client = cast("Any", boto3).client("eks", region_name="us-east-1")
    found = _aws(lambda: client.describe_cluster_versions()["clusterVersions"])
    return max((str(v["clusterVersion"]) for v in found), key=lambda v: [int(part) for part in v.split(".")])


def _addon(name: str, kubernetes: str) -> str:
    client = cast("Any", boto3).client("eks", region_name="us-east-1")
    found = _aws(lambda: client.describe_addon_versions(addonName=name, kubernetesVersion=kubernetes)["addons"])
    defaults = [
        str(version["addonVersion"])
        for addon in found
        for version in addon["addonVersions"]
        if any(fits["defaultVersion"] for fits in version["compatibilities"])
    ]
    if not defaults:
        raise CannotAskError(f"EKS has no version of it for Kubernetes {kubernetes}")
    return defaults[0]


def _postgres() -> str:
    client = cast("Any", boto3).client("rds", region_name="us-east-1")
    found = _aws(lambda: client.describe_db_major_engine_versions(Engine="postgres")["DBMajorEngineVersions"])
    return max((str(v["MajorEngineVersion"]) for v in found), key=int)


def _aws(ask: Callable[[], list[Any]]) -> list[Any]:
    try:
        return ask()
    except (BotoCoreError, ClientError) as error:
        raise CannotAskError(f"needs AWS: {error}") from error


def _by_hand() -> str:
    raise CannotAskError("its releases are asked by nobody here; raise it with the packages pulumi*")


def lines(found: list[Pin]) -> Iterator[str]:
    """One line each: what is pinned, where, and what is newer."""
    for pin in found:
        try:
            newest = pin.newest()
            said = "up to date" if newest == pin.version else f"OUTDATED, newest is {newest}"
            said = f"looked up by each preview, now {newest}" if pin.moves else said
        except CannotAskError as error:
            said = f"not asked: {error}"
        yield f"{pin.name} {pin.version} ({pin.where}): {said}"


def main() -> None:
    """Say what is pinned outside of Dependabot's reach, and what of it is outdated."""
    for line in lines(list(pins())):
        typer.echo(line)
    typer.echo(FOLLOWED)


if __name__ == "__main__":
    typer.run(main)
