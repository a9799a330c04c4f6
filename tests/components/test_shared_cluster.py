"""Three teams on one cluster: no two of their Kubernetes objects, and no two of their names in AWS, are the same."""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest

from analysis.cost.estimate import estimate
from analysis.recorder import Record, Recording
from components.common.catalogue import AWS
from tests.components.test_existing_cluster import EDITS
from tests.conftest import recorded, recorded_with

TEAMS = ("team-a", "team-b", "team-c")
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
INSTANCE = "aws:rds/instance:Instance"
BUCKET = "aws:s3/bucket:Bucket"


def objects(recording: Recording) -> Iterator[tuple[str, str, str]]:
    """Kind, namespace and name of what is in the cluster, where a stack gives the name.

    The provider makes up the others' names, each with a random end (pulumi-kubernetes, "Auto-naming").
    """
    for each in recording.records:
        kind = each.type.rpartition(":")[2]
        metadata: Any = each.inputs.get("metadata")
        if each.type.startswith("kubernetes:") and metadata and metadata.get("name"):
            yield kind, str(metadata.get("namespace", "")), str(metadata["name"])


def value(record: Record, path: str) -> Any:
    found: Any = record.inputs
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return found  # pyright: ignore[reportUnknownVariableType]


def names(recording: Recording) -> Iterator[tuple[str, str]]:
    """Names that a stack gives to what is in AWS; records of a zone differ by name and type."""
    for each in recording.records:
        rules = AWS.get(each.type)
        for rule in rules.names if rules else ():
            given = value(each, rule.property)
            # Inside of what is the stack's own, a name is not of the account: rules of a bus, policies of a role.
            if given and rule.property not in {"targetId", "username"} and not each.type.endswith(":RolePolicy"):
                yield each.type, f"{given} {each.inputs.get('type', '')} {each.inputs.get('region', '')}"


def associations(recording: Recording) -> Iterator[tuple[str, str]]:
    """EKS has one association for a service account of a cluster (EKS API, CreatePodIdentityAssociation)."""
    for each in recording.of_type(ASSOCIATION):
        yield each.inputs["namespace"], each.inputs["serviceAccount"]


@pytest.mark.parametrize(("one", "other"), list(combinations(TEAMS, 2)))
def test_no_two_are_called_the_same(one: str, other: str) -> None:
    for told in (objects, names, associations):
        first, second = Counter(told(recorded(one))), Counter(told(recorded(other)))
        assert first.most_common(1)[0][1] == 1, told.__name__
        assert first
        assert second
        assert set(first) & set(second) == set(), told.__name__


def test_the_same_would_be_seen() -> None:
    """With the namespace that they have by default, two stacks collide."""
    default = recorded_with("team-a", {"app.namespace": "flowise"})
    other = recorded_with("team-b", {"app.namespace": "flowise"})
    shared = set(objects(default)) & set(objects(other))
    assert {("Namespace", "", "flowise"), ("PriorityClass", "", "flowise-server")} <= shared
    assert set(associations(default)) & set(associations(other))


def test_each_has_its_own_data_and_address() -> None:
    for type_ in (INSTANCE, BUCKET, "aws:lb/loadBalancer:LoadBalancer", "aws:cloudfront/distribution:Distribution"):
        assert all(recorded(team).of_type(type_) for team in TEAMS), type_
    hosts = [recorded(team).exports["url"] for team in TEAMS]
    assert len(set(hosts)) == len(TEAMS)


def test_cluster_and_network_are_in_no_team() -> None:
    shared = ("eks:index:Cluster", "awsx:ec2:Vpc", "aws:ec2/natGateway:NatGateway", "aws:eks/addon:Addon")
    assert not [each.urn for team in TEAMS for type_ in shared for each in recorded(team).of_type(type_)]


def test_pods_of_one_team_are_denied_those_of_another() -> None:
    for team in TEAMS:
        for policy in recorded(team).of_type("kubernetes:networking.k8s.io/v1:NetworkPolicy"):
            assert policy.inputs["metadata"]["namespace"].startswith(team)
            text = str(policy.inputs["spec"])
            assert not [other for other in TEAMS if other != team and other in text]
        denied = {
            policy.inputs["metadata"]["namespace"]
            for policy in recorded(team).of_type("kubernetes:networking.k8s.io/v1:NetworkPolicy")
            if policy.inputs["metadata"]["name"] == "default-deny"
        }
        made = {each.inputs["metadata"]["name"] for each in recorded(team).of_type("kubernetes:core/v1:Namespace")}
        assert denied == made


def test_a_role_is_trusted_for_its_own_namespace() -> None:
    for team in TEAMS:
        for each in recorded(team).of_type(ASSOCIATION):
            role = recorded(team).only("aws:iam/role:Role", each.name)
            (statement,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
            trusted = statement["Condition"]["StringEquals"]["aws:RequestTag/kubernetes-namespace"]
            assert trusted == each.inputs["namespace"]


def test_what_the_owner_of_a_cluster_exports_is_what_the_others_name() -> None:
    exported = recorded("prod").exports
    assert exported["cluster"] == "flowise-prod"
    assert exported["network"].keys() == EDITS["network.existing"].keys()


def test_the_control_plane_and_nat_are_in_no_teams_price() -> None:
    own = {item.what for item in estimate(recorded("prod"), stack="prod", region="us-east-1").items}
    assert "EKS cluster" in own
    assert [what for what in own if "NAT" in what]
    for team in TEAMS:
        paid = {item.what for item in estimate(recorded(team), stack=team, region="us-east-1").items}
        assert not [what for what in paid if what == "EKS cluster" or "NAT" in what]
