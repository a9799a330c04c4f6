"""A fork of Flowise in place of Flowise: its pods follow `app.distribution`."""

import json
from typing import Any, cast

import pytest

from analysis.recorder import Recording
from components.app.distribution import DistributionSettings
from tests.conftest import recorded_with

FORK = {
    "package": "@acme/flow",
    "components_package": "@acme/flow-nodes",
    "root": "/srv/flow",
    "program": "node_modules/@acme/flow/bin/serve",
    "user_id": 2001,
    "node_major": 22,
    "liveness_path": "/api/v1/alive",
    "guards": "aside",
}
"""Differs from Flowise in every point that pods follow."""


def _edits(distribution: dict[str, Any]) -> dict[str, Any]:
    return {"app.distribution": distribution, "app.flowise_version": "1.0.2"}


@pytest.fixture(scope="module")
def fork() -> Recording:
    return recorded_with("dev", _edits(FORK))


def _pods(recording: Recording) -> dict[str, dict[str, Any]]:
    """Pod specifications of Flowise, its Jobs and the canary."""
    found: dict[str, dict[str, Any]] = {}
    for record in recording.records:
        spec: dict[str, Any] = record.inputs.get("spec") or {}
        spec = cast("dict[str, Any]", spec.get("jobTemplate", {}).get("spec") or spec)
        template: dict[str, Any] = spec.get("template") or {}
        pod: dict[str, Any] = template.get("spec") or {}
        images: list[str] = [container["image"] for container in pod.get("containers", [])]
        if any("/flowise" in image for image in images):
            found[record.name] = pod
    return found


def test_every_pod_of_the_image_runs_from_the_forks_folder_as_its_user(fork: Recording) -> None:
    pods = _pods(fork)
    assert {"flowise-server", "flowise-migration", "flowise-owner"} <= set(pods)
    for name, pod in pods.items():
        assert {pod["securityContext"][key] for key in ("runAsUser", "runAsGroup", "fsGroup")} == {2001}, name
        assert {c["workingDir"] for c in (*pod["containers"], *pod.get("initContainers", []))} == {"/srv/flow"}, name
        assert "/opt/flowise" not in json.dumps(pod), name


def test_the_server_starts_the_forks_program_and_is_probed_at_its_path(fork: Recording) -> None:
    (server,) = _pods(fork)["flowise-server"]["containers"]
    assert server["command"] == ["node", "node_modules/@acme/flow/bin/serve", "start"]
    assert server["livenessProbe"]["httpGet"]["path"] == "/api/v1/alive"
    assert server["env"][0]["value"].startswith("--require /srv/flow/preload.cjs")


def test_preload_migration_and_owner_are_told_what_the_image_holds(fork: Recording, dev: Recording) -> None:
    maps = [r.inputs["data"] for r in fork.of_type("kubernetes:core/v1:ConfigMap") if "HOME" in r.inputs["data"]]
    assert len(maps) == 3
    for data in maps:
        described = json.loads(data["FLOWISE_DISTRIBUTION"])
        assert (described["package"], described["version"]) == ("@acme/flow", "1.0.2")
        assert (described["nodeMajor"], described["guards"]) == (22, "aside")
    assert {data["NODE_EXTRA_CA_CERTS"] for data in maps if "DATABASE_HOST" in data} == {"/srv/flow/certs/rds.pem"}
    assert "FLOWISE_DISTRIBUTION" not in json.dumps([r.inputs for r in dev.of_type("kubernetes:core/v1:ConfigMap")])


def test_a_fork_with_a_login_of_its_own_gets_no_owner_job() -> None:
    own = {**FORK, "owner_account": "none"}
    recording = recorded_with("dev", _edits(own))
    assert "flowise-owner" not in _pods(recording)
    assert "flowise-server" in _pods(recording)


def test_the_migration_is_told_which_unknown_migrations_are_accepted(dev: Recording) -> None:
    accepted = recorded_with("dev", {"app.accepted_migrations": ["Newer1", "Newer2"]})
    found: list[list[dict[str, Any]]] = []
    for recording in (accepted, dev):
        (migrate,) = _pods(recording)["flowise-migration"]["containers"]
        found.append([each for each in migrate["env"] if each["name"] == "FLOWISE_ACCEPTED_MIGRATIONS"])
    assert found == [[{"name": "FLOWISE_ACCEPTED_MIGRATIONS", "value": "Newer1,Newer2"}], []]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("package", "Flowise", "has capital letters"),
        ("package", "node_modules/flowise", "it is a path, not a name"),
        ("root", "opt/flowise", "does not begin with /"),
        ("root", "/opt/../etc", "it has .."),
        ("program", "/opt/flowise/run", "it begins with /"),
        ("program", "node run.js", "it holds the word node"),
        ("user_id", 0, "greater than or equal to 1"),
        ("liveness_path", "https://x/ping", "it is a whole URL"),
        ("added_migrations", ["1700000000000-Add.ts"], "it is a file"),
    ],
)
def test_a_wrong_value_is_refused(key: str, value: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        DistributionSettings.model_validate({key: value})


def test_a_path_is_added_or_missing() -> None:
    both = {"added_paths": ["/api/v1/a", "/api/v1/b"], "missing_paths": ["/api/v1/b"]}
    with pytest.raises(ValueError, match="/api/v1/b cannot be in added_paths and in missing_paths"):
        DistributionSettings.model_validate(both)
