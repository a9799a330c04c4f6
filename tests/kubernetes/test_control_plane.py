"""The control plane that these tests start, and what it says when it cannot."""

import os
import socket
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from engine import go_builds
from engine.errors import EngineError
from engine.kubernetes import Cluster, build, control_plane, start

DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "default"},
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "web", "image": "example.com/web"}]},
        },
    },
}


def test_pods_become_ready_and_go_with_their_deployment(cluster: Cluster) -> None:
    """Deletion in the foreground, as Pulumi's provider asks for it, ends only with the garbage collector."""
    assert cluster.admin.apply(DEPLOYMENT).is_success
    path = cluster.admin.path(DEPLOYMENT)
    deadline = time.monotonic() + 120
    while cluster.admin.get(path).json()["status"].get("readyReplicas") != DEPLOYMENT["spec"]["replicas"]:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    cluster.admin.delete(f"{path}?propagationPolicy=Foreground")
    while cluster.admin.get(path).is_success:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert cluster.admin.get("/api/v1/namespaces/default/pods?labelSelector=app%3Dweb").json()["items"] == []


def test_a_wrong_selector_and_a_wrong_kind_of_value_are_refused(cluster: Cluster) -> None:
    wrong = DEPLOYMENT["spec"] | {"selector": {"matchLabels": {"app": "other"}}}
    answer = cluster.admin.apply(DEPLOYMENT | {"metadata": {"name": "wrong"}, "spec": wrong})
    assert "`selector` does not match template `labels`" in answer.text
    numbers = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "numbers"}, "data": {"PORT": 3000}}
    assert not cluster.admin.apply(numbers).is_success


def test_a_port_that_is_taken_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(EngineError, match="a port is taken"), start(port=taken.getsockname()[1]):
            pass


def test_an_api_server_that_does_not_come_up_is_said_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that ends at once: the error has its last lines, and etcd does not run on without it."""
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "etcd").symlink_to(build.programs() / "etcd")
    (broken / "kube-apiserver").write_text("#!/bin/sh\necho 'no such flag: --cert-dir' >&2\nexit 1\n", encoding="utf-8")
    (broken / "kube-apiserver").chmod(0o755)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(control_plane, "programs", lambda: broken)
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    with pytest.raises(EngineError, match="did not answer") as refused, start():
        pass
    assert "no such flag: --cert-dir" in refused.value.output
    assert "starting again is safe" in refused.value.hint
    assert list(scratch.iterdir()) == []
    assert not [p for p in Path("/proc").glob("[0-9]*/cmdline") if str(broken).encode() in read(p)]


def read(path: Path) -> bytes:
    """The command line of a process, or nothing once it has ended."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.mark.parametrize("part", [build.programs, build.provider, build.keda_definitions])
def test_without_a_build_and_without_go_it_says_what_to_do(
    part: Callable[[Mapping[str, str]], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(_: object) -> None: ...

    monkeypatch.setattr(go_builds, "find_go", nothing)
    with pytest.raises(EngineError, match="no Go to build it with") as refused:
        part({**os.environ, "XDG_CACHE_HOME": str(tmp_path)})
    assert "make setup" in refused.value.hint
    assert list(tmp_path.iterdir()) == []
