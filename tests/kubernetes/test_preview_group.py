"""What the role of previews may do, on a real API server: dry runs of everything that a preview sends, nothing else."""

import copy
import time
from typing import Any

import pytest

from analysis.recorder import Record
from components.cluster_access import PREVIEW_GROUP
from engine.kubernetes import Cluster
from engine.kubernetes.client import Client
from tests.components.objects_in_cluster import everything, in_cluster, is_private
from tests.conftest import recorded

FORBIDDEN = 403
TOKEN_REQUEST = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600}}
TOKENS = "/api/v1/namespaces/flowise/serviceaccounts/flowise/token"


def body(record: Record) -> dict[str, Any]:
    """The object as the provider sends it, with the name that it was given."""
    found = copy.deepcopy(dict(record.inputs))
    found["metadata"]["name"] = record.outputs["metadata"]["name"]
    return found


def objects(*, private: bool) -> list[dict[str, Any]]:
    """Objects of prod with every section and of dev, those that others need first; Helm makes its own elsewhere."""
    found = {
        record.urn: body(record)
        for recording in (recorded("dev"), everything())
        for record in in_cluster(recording)
        if not record.type.endswith((":Release", ":ConfigMapPatch")) and is_private(recording, record) == private
    }
    return sorted(found.values(), key=lambda made: made["kind"] != "Namespace")


def rules(kind: str) -> list[dict[str, Any]]:
    """Rights and rules of the group, as recorded."""
    return [
        made for made in objects(private=True) if made["kind"] == kind and made["metadata"]["name"] == PREVIEW_GROUP
    ]


def config_map(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "default"}, "data": {}}


@pytest.fixture(scope="module")
def admin(cluster: Cluster) -> Client:
    """The administrator, in a cluster that has the namespaces, and the rules and rights of the group in force."""
    for made in objects(private=False):
        if made["kind"] == "Namespace":
            assert cluster.admin.apply(made).is_success
    for namespace in ("keda", "datadog", "default"):
        namespace_body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
        assert cluster.admin.apply(namespace_body).is_success
    order = "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ClusterRole", "ClusterRoleBinding"
    for kind in order:
        (made,) = rules(kind)
        answer = cluster.admin.apply(made)
        assert answer.is_success, answer.text
    deadline = time.monotonic() + 60
    while cluster.admin.apply(config_map("probe"), group=PREVIEW_GROUP).status_code != FORBIDDEN:
        assert time.monotonic() < deadline, "the rule is not enforced"
        time.sleep(0.05)
    return cluster.admin


def test_a_preview_of_every_new_and_every_existing_object_is_answered(admin: Client) -> None:
    refused: list[str] = []
    for made in objects(private=False):
        name = f"{made['kind']} {made['metadata']['name']}"
        new = admin.apply(made, group=PREVIEW_GROUP, dry_run=True)
        if not new.is_success:
            refused.append(f"new {name}: {new.text}")
        assert admin.apply(made).is_success, name
        existing = admin.apply(made, group=PREVIEW_GROUP, dry_run=True)
        if not existing.is_success:
            refused.append(f"existing {name}: {existing.text}")
        read = admin.get(admin.path(made), group=PREVIEW_GROUP)
        if not read.is_success:
            refused.append(f"read {name}: {read.text}")
    assert refused == []


def test_nothing_is_written_in_earnest(admin: Client) -> None:
    for made in objects(private=False):
        answer = admin.apply(made, group=PREVIEW_GROUP)
        assert answer.status_code == FORBIDDEN, made["kind"]
        assert "only dry runs are allowed" in answer.text or "forbidden" in answer.text
        assert admin.delete(admin.path(made), group=PREVIEW_GROUP).status_code == FORBIDDEN


def test_secrets_and_roles_are_out_of_reach_in_a_dry_run_too(admin: Client) -> None:
    """So the provider must not ask: `private_provider` previews them by itself."""
    kinds = {made["kind"] for made in objects(private=True)}
    assert kinds >= {"Secret", "ClusterRole", "ClusterRoleBinding"}
    for made in objects(private=True):
        assert admin.apply(made).is_success, made["kind"]
        assert admin.apply(made, group=PREVIEW_GROUP, dry_run=True).status_code == FORBIDDEN, made["kind"]
    for secret in [made for made in objects(private=True) if made["kind"] == "Secret"]:
        path = admin.path(secret)
        for answer in (
            admin.get(path, group=PREVIEW_GROUP),
            admin.get(path.rpartition("/")[0], group=PREVIEW_GROUP),
            admin.post(f"{path.rpartition('/')[0]}?dryRun=All", secret, group=PREVIEW_GROUP),
        ):
            assert answer.status_code == FORBIDDEN
            for value in secret["stringData"].values():
                assert str(value) not in answer.text


def test_a_dry_run_gives_no_token_even_to_a_group_that_may_ask_for_one(admin: Client) -> None:
    """An access policy of EKS may bring the right one day; the API server then answers a dry run with a valid token."""
    name = "anybody-may-ask-for-tokens"
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": name},
        "rules": [{"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"]}],
    }
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name},
        "subjects": [
            {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": group}
            for group in (PREVIEW_GROUP, "others")
        ],
    }
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "flowise", "namespace": "flowise"}}
    for made in (role, binding, account):
        assert admin.apply(made).is_success
    other = admin.post(f"{TOKENS}?dryRun=All", TOKEN_REQUEST, group="others")
    assert other.json()["status"]["token"], "what this is about: without the rule a dry run gives a token"
    for path in (f"{TOKENS}?dryRun=All", TOKENS):
        answer = admin.post(path, TOKEN_REQUEST, group=PREVIEW_GROUP)
        assert answer.status_code == FORBIDDEN
        assert "token" not in answer.json().get("status", {})
    assert "even a dry run gives one" in admin.post(f"{TOKENS}?dryRun=All", TOKEN_REQUEST, group=PREVIEW_GROUP).text
