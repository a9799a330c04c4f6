"""What previews may do in the cluster, and the boundary of roles."""

from typing import Any

import pulumi
import pytest

from analysis.recorder import Recording
from components.cluster_access import PREVIEW_GROUP
from components.common.boundary import bounded
from tests.components.objects_in_cluster import ROLES, everything, in_cluster, is_private
from tests.conftest import recorded_with

CLUSTER_ROLE = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"
BOUNDARY = "arn:aws:iam::123456789012:policy/flowise-bootstrap/boundary-dev"


@pytest.fixture(scope="module")
def readable() -> Recording:
    """The dev stack with both roles."""
    return recorded_with("dev", {"cluster.preview_role_arns": ROLES, "permissions_boundary_arn": BOUNDARY})


def allowed(recording: Recording, verb: str, group: str, resource: str) -> bool:
    """What the API server answers by the cluster role."""
    rules: list[Any] = recording.only(CLUSTER_ROLE, "cluster-preview").inputs["rules"]
    return any(
        verb in rule["verbs"]
        and group in rule["apiGroups"]
        and (resource in rule["resources"] or "*" in rule["resources"])
        for rule in rules
    )


def test_a_stack_that_names_no_preview_role_gives_none(dev: Recording) -> None:
    assert dev.of_type(CLUSTER_ROLE) == []


def test_the_roles_enter_as_a_group_with_no_policy_of_aws(readable: Recording) -> None:
    entries = {e.inputs["principalArn"]: e for e in readable.of_type("aws:eks/accessEntry:AccessEntry")}
    assert entries.keys() == set(ROLES)
    assert all(entry.inputs["kubernetesGroups"] == [PREVIEW_GROUP] for entry in entries.values())
    assert readable.of_type("aws:eks/accessPolicyAssociation:AccessPolicyAssociation") == []


def test_secrets_cannot_be_read(readable: Recording) -> None:
    for verb in ("get", "list", "watch", "create", "patch", "update", "delete", "deletecollection", "*"):
        assert not allowed(readable, verb, "", "secrets"), "the answer to each would show the data"
    for subresource in ("pods/exec", "pods/attach", "pods/log", "pods/portforward", "serviceaccounts/token"):
        for verb in ("get", "create"):
            assert not allowed(readable, verb, "", subresource)
    assert not any("*" in rule["apiGroups"] for rule in readable.only(CLUSTER_ROLE).inputs["rules"])


def test_no_right_can_be_handed_on(readable: Recording) -> None:
    group = "rbac.authorization.k8s.io"
    for verb in ("create", "patch", "bind", "escalate", "impersonate"):
        for kind in ("clusterroles", "clusterrolebindings", "roles", "rolebindings"):
            assert not allowed(readable, verb, group, kind)


def test_a_dry_run_of_everything_that_the_program_makes_is_allowed() -> None:
    """What `private_provider` makes is not previewed by a dry run, and Helm makes its objects outside a preview."""
    for record in in_cluster(everything()):
        if record.type.endswith((":Release", ":ConfigMapPatch")) or is_private(everything(), record):
            continue
        api, kind = record.type.removeprefix("kubernetes:").split(":")
        group = "" if api.startswith("core/") else api.rpartition("/")[0]
        plural = kind.lower() + ("es" if kind.endswith("s") else "s")
        plural = plural[:-2] + "ies" if plural.endswith("ys") else plural
        for verb in ("create", "patch"):
            assert allowed(everything(), verb, group, plural), record.type


def test_secrets_and_roles_are_previewed_without_the_api() -> None:
    """A dry run of them needs a right that would show Secrets, or that nobody may give: so `pulumi preview` failed."""
    private = {record.type.rsplit(":", 1)[1] for record in in_cluster(everything()) if is_private(everything(), record)}
    assert private == {
        "Secret", "ClusterRole", "ClusterRoleBinding", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
    }  # fmt: skip
    for record in in_cluster(everything()):
        kind = record.type.rsplit(":", 1)[1]
        assert is_private(everything(), record) == (kind in private), record.urn


def test_whatever_is_no_dry_run_is_refused(readable: Recording) -> None:
    api = "kubernetes:admissionregistration.k8s.io/v1"
    rule = readable.only(f"{api}:ValidatingAdmissionPolicy")
    spec = rule.inputs["spec"]
    assert spec["failurePolicy"] == "Fail"
    (everything,) = spec["matchConstraints"]["resourceRules"]
    assert everything == {
        "apiGroups": ["*"],
        "apiVersions": ["*"],
        "resources": ["*/*"],
        "operations": ["CREATE", "UPDATE", "DELETE", "CONNECT"],
    }
    assert [c["expression"] for c in spec["matchConditions"]] == [f"'{PREVIEW_GROUP}' in request.userInfo.groups"]
    assert [v["expression"] for v in spec["validations"]] == [
        "has(request.dryRun) && request.dryRun",
        "request.resource.resource != 'serviceaccounts' || !has(request.subResource) || request.subResource != 'token'",
    ]
    binding = readable.only(f"{api}:ValidatingAdmissionPolicyBinding")
    assert binding.inputs["spec"] == {"policyName": PREVIEW_GROUP, "validationActions": ["Deny"]}
    assert binding.urn in readable.only(f"{CLUSTER_ROLE}Binding").depends_on


def test_every_role_gets_the_boundary() -> None:
    def args(type_: str) -> Any:
        return pulumi.ResourceTransformArgs(
            custom=True, type_=type_, name="x", props={"path": "/"}, opts=pulumi.ResourceOptions()
        )

    answer = bounded(args("aws:iam/role:Role"), BOUNDARY)
    assert answer is not None
    assert answer.props == {"path": "/", "permissionsBoundary": BOUNDARY}
    assert bounded(args("aws:iam/rolePolicy:RolePolicy"), BOUNDARY) is None
