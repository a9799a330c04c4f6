"""The providers refuse what AWS refuses, and pass on a failure that a test asks for."""

import re
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from components.common.catalogue import AWS
from engine.provider import Backend, serve
from engine.provider.refusals import refuse_delete, refuse_update
from engine.provider.schema import schema
from engine.provider.values import UNKNOWN, secret
from tests.engine.provider_client import BUCKET, Client

INSTANCE = "aws:rds/instance:Instance"
VAULT = "aws:backup/vault:Vault"
SECRET = "aws:secretsmanager/secret:Secret"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
ORIGIN = "aws:cloudfront/vpcOrigin:VpcOrigin"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
ENTRY = "aws:eks/accessEntry:AccessEntry"
ROLE = "aws:iam/role:Role"

BEHAVIOR = {
    "allowedMethods": ["GET"],
    "cachedMethods": ["GET"],
    "targetOriginId": "a",
    "viewerProtocolPolicy": "https-only",
}


def refused(call: Any) -> str:
    """What the provider says when it refuses."""
    with pytest.raises(grpc.RpcError) as caught:
        call()
    error: Any = caught.value
    return str(error.details())


def distribution(origin: str, *aliases: str) -> dict[str, Any]:
    return {
        "enabled": True,
        "aliases": list(aliases),
        "origins": [{"originId": "a", "domainName": "b", "vpcOriginConfig": {"vpcOriginId": origin}}],
        "defaultCacheBehavior": BEHAVIOR,
        "restrictions": {"geoRestriction": {"restrictionType": "none"}},
        "viewerCertificate": {},
    }


def origin(aws: Client) -> str:
    config = {
        "arn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/x/1",
        "httpPort": 80,
        "httpsPort": 443,
        "name": "x",
        "originProtocolPolicy": "https-only",
        "originSslProtocols": {"items": ["TLSv1.2"], "quantity": 1},
    }
    return aws.create(ORIGIN, {"vpcOriginEndpointConfig": config})[0]


@pytest.mark.parametrize(
    "rule",
    [
        rule
        for entry in AWS.values()
        for rule in (entry.unique, entry.protection, entry.container, *entry.used_by)
        if rule
    ],
    ids=lambda rule: rule.code,
)
def test_every_refusal_names_awss_page(rule: Any) -> None:
    assert re.fullmatch(r"https://docs\.aws\.amazon\.com/\S+\.html", rule.source)


@pytest.mark.parametrize("type_", [t for t, e in AWS.items() if e.unique or e.protection or e.used_by])
def test_every_refusal_looks_at_properties_that_the_types_have(type_: str) -> None:
    known, entry = schema(type_).outputs, AWS[type_]
    assert set(entry.unique.keys if entry.unique else ()) <= known.keys()
    assert ({entry.protection.key} if entry.protection else set()) <= known.keys()
    for rule in entry.used_by:
        assert rule.path.split(".")[0] in schema(rule.user).outputs


def test_a_bucket_with_objects_stays_unless_it_may_be_emptied(aws: Client, backend: Backend) -> None:
    kept, _ = aws.create(BUCKET, {"bucket": "kept"})
    emptied, _ = aws.create(BUCKET, {"bucket": "emptied", "forceDestroy": True})
    for name in (kept, emptied):
        backend.account.inventory.contents[BUCKET, "us-east-1", name] = 2
    assert "BucketNotEmpty" in refused(lambda: aws.delete(BUCKET, kept))
    aws.delete(BUCKET, emptied)
    assert aws.read(BUCKET, kept).id == kept
    assert not aws.read(BUCKET, emptied).id


def test_a_vault_with_a_recovery_point_stays(aws: Client, backend: Backend) -> None:
    vault, _ = aws.create(VAULT, {"name": "vault"})
    backend.account.inventory.contents[VAULT, "us-east-1", vault] = 1
    assert "contains recovery points" in refused(lambda: aws.delete(VAULT, vault))


@pytest.mark.parametrize(
    ("type_", "inputs", "says"),
    [
        (
            INSTANCE,
            {"instanceClass": "db.t4g.medium", "deletionProtection": True},
            "Cannot delete protected DB Instance",
        ),
        (
            "aws:eks/cluster:Cluster",
            {"roleArn": "r", "vpcConfig": {"subnetIds": ["s"]}, "deletionProtection": True},
            "deletion protection is enabled",
        ),
        ("aws:lb/loadBalancer:LoadBalancer", {"enableDeletionProtection": True}, "OperationNotPermitted"),
    ],
)
def test_deletion_protection_is_taken_away_before_the_resource(
    aws: Client, type_: str, inputs: dict[str, Any], says: str
) -> None:
    id_, outputs = aws.create(type_, inputs)
    assert says in refused(lambda: aws.delete(type_, id_))
    without = {key: value for key, value in inputs.items() if not key.lower().endswith("deletionprotection")}
    aws.update(type_, id_, outputs, aws.checked(type_, without, olds=aws.checked(type_, inputs)))
    aws.delete(type_, id_)
    assert not aws.read(type_, id_).id


def test_a_security_group_stays_while_another_groups_rule_names_it(aws: Client) -> None:
    one, _ = aws.create(GROUP, {"vpcId": "vpc-1"}, name="one")
    two, _ = aws.create(GROUP, {"vpcId": "vpc-1"}, name="two")
    rule = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    of_two, _ = aws.create(
        rule, {"securityGroupId": two, "referencedSecurityGroupId": one, "ipProtocol": "tcp"}, name="of-two"
    )
    aws.create(rule, {"securityGroupId": one, "referencedSecurityGroupId": one, "ipProtocol": "tcp"}, name="of-one")
    assert "DependencyViolation" in refused(lambda: aws.delete(GROUP, one))
    aws.delete(rule, of_two)
    aws.delete(GROUP, one)


def test_a_vpc_and_a_subnet_stay_while_something_lies_in_them(aws: Client) -> None:
    vpc, _ = aws.create("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"})
    subnet, _ = aws.create("aws:ec2/subnet:Subnet", {"vpcId": vpc, "cidrBlock": "10.0.0.0/24"})
    aws.create("aws:lb/loadBalancer:LoadBalancer", {"subnets": [subnet]})
    assert "DependencyViolation" in refused(lambda: aws.delete("aws:ec2/vpc:Vpc", vpc))
    assert "LoadBalancer" in refused(lambda: aws.delete("aws:ec2/subnet:Subnet", subnet))


def test_a_parameter_group_stays_while_an_instance_uses_it(aws: Client) -> None:
    group, _ = aws.create("aws:rds/parameterGroup:ParameterGroup", {"family": "postgres17"})
    instance, _ = aws.create(INSTANCE, {"instanceClass": "db.t4g.medium", "parameterGroupName": group})
    assert "InvalidDBParameterGroupState" in refused(lambda: aws.delete("aws:rds/parameterGroup:ParameterGroup", group))
    aws.delete(INSTANCE, instance)
    aws.delete("aws:rds/parameterGroup:ParameterGroup", group)


def test_a_secrets_name_stays_taken_while_it_can_be_restored(aws: Client) -> None:
    first, _ = aws.create(SECRET, {"name": "keys"})
    aws.delete(SECRET, first)
    assert "already scheduled for deletion" in refused(lambda: aws.create(SECRET, {"name": "keys"}))
    second, _ = aws.create(SECRET, {"name": "other", "recoveryWindowInDays": 0})
    aws.delete(SECRET, second)
    aws.create(SECRET, {"name": "other"})


def test_a_vpc_origin_in_use_is_neither_changed_nor_deleted(aws: Client, backend: Backend) -> None:
    id_ = origin(aws)
    made, _ = aws.create(DISTRIBUTION, distribution(id_))
    held = backend.account.inventory.find(ORIGIN, id_, "us-east-1")
    assert held
    change = refuse_update(backend.account.inventory, held, {})
    assert change is not None
    assert "409, CannotUpdateEntityWhileInUse" in change.message
    assert "409, CannotDeleteEntityWhileInUse" in refused(lambda: aws.delete(ORIGIN, id_))
    aws.delete(DISTRIBUTION, made)
    assert refuse_delete(backend.account.inventory, held) is None


def test_a_name_belongs_to_one_distribution(aws: Client) -> None:
    aws.create(DISTRIBUTION, distribution("o", "ai.example.com"), name="one")
    said = refused(lambda: aws.create(DISTRIBUTION, distribution("o", "ai.example.com", "b.example.com"), name="two"))
    assert "409, CNAMEAlreadyExists" in said


def test_a_principal_has_one_access_entry_a_cluster(aws: Client) -> None:
    aws.create(ENTRY, {"clusterName": "c", "principalArn": "arn:aws:iam::123456789012:role/a"}, name="one")
    again = {"clusterName": "c", "principalArn": "arn:aws:iam::123456789012:role/a"}
    assert "409, ResourceInUseException" in refused(lambda: aws.create(ENTRY, again, name="two"))
    aws.create(ENTRY, {**again, "clusterName": "d"}, name="three")


def test_storage_does_not_shrink_and_a_major_version_is_asked_for(aws: Client) -> None:
    given = {"instanceClass": "db.t4g.medium", "allocatedStorage": 100, "engineVersion": "17.4"}
    id_, outputs = aws.create(INSTANCE, given)
    checked = aws.checked(INSTANCE, {**given, "identifier": outputs["identifier"]})
    smaller = {**checked, "allocatedStorage": 20}
    assert "can't be reduced" in refused(lambda: aws.update(INSTANCE, id_, outputs, smaller))
    newer = {**checked, "engineVersion": "18.1"}
    assert "AllowMajorVersionUpgrade" in refused(lambda: aws.update(INSTANCE, id_, outputs, newer))
    aws.update(INSTANCE, id_, outputs, {**newer, "allowMajorVersionUpgrade": True})


@pytest.mark.parametrize("operation", ["create", "update", "delete", "read"])
def test_a_failure_that_is_asked_for_comes_once(aws: Client, backend: Backend, operation: Any) -> None:
    id_, outputs = aws.create(BUCKET, {"bucket": "b"})
    inputs = aws.checked(BUCKET, {"bucket": "b", "forceDestroy": True})
    backend.fail_next(BUCKET, operation, "ThrottlingException: Rate exceeded")
    calls = {
        "create": lambda: aws.create(BUCKET, {"bucket": "c"}),
        "update": lambda: aws.update(BUCKET, id_, outputs, inputs),
        "read": lambda: aws.read(BUCKET, id_),
        "delete": lambda: aws.delete(BUCKET, id_),
    }
    assert refused(calls[operation]) == "ThrottlingException: Rate exceeded"
    calls[operation]()


def test_a_creation_that_ends_half_way_leaves_the_resource_and_its_id(aws: Client, backend: Backend) -> None:
    backend.fail_next(BUCKET, "create", "timeout while waiting for state", partial=True)
    with pytest.raises(grpc.RpcError) as caught:
        aws.create(BUCKET, {"bucket": "half"})
    error: Any = caught.value
    [(_, packed)] = [pair for pair in error.trailing_metadata() if pair[0] == "grpc-status-details-bin"]
    assert provider_pb2.ErrorResourceInitFailed.DESCRIPTOR.full_name.encode() in packed
    assert aws.read(BUCKET, "half").id == "half"


def test_a_preview_knows_what_is_given_and_nothing_that_is_computed(aws: Client, backend: Backend) -> None:
    id_, outputs = aws.create(BUCKET, {"bucket": "b", "forceDestroy": True}, preview=True)
    assert not id_
    assert (outputs["bucket"], outputs["forceDestroy"]) == ("b", True)
    assert outputs["arn"] == outputs["id"] == outputs["region"] == UNKNOWN
    assert "policy" not in outputs or outputs["policy"] == UNKNOWN
    assert not backend.account.inventory.held


def test_outputs_hold_the_id_the_region_all_tags_and_secrets_as_secrets(aws: Client) -> None:
    id_, outputs = aws.create(BUCKET, {"region": "eu-west-1", "tags": {"a": "b"}})
    assert (outputs["id"], outputs["region"], outputs["tagsAll"]) == (id_, "eu-west-1", {"stack": "dev", "a": "b"})
    version = "aws:secretsmanager/secretVersion:SecretVersion"
    id_, outputs = aws.create(version, {"secretId": "s", "secretString": secret("hidden")})
    assert outputs["secretString"] == secret("hidden")


def test_a_change_keeps_what_is_computed_and_drops_what_is_taken_away(aws: Client) -> None:
    given = {"bucket": "b", "forceDestroy": True}
    id_, outputs = aws.create(BUCKET, given)
    news = aws.checked(BUCKET, {"bucket": "b", "tags": {"a": "b"}})
    for preview in (True, False):
        changed = aws.update(BUCKET, id_, outputs, news, old_inputs=aws.checked(BUCKET, given), preview=preview)
        assert changed["arn"] == outputs["arn"]
        assert changed["tagsAll"] == {"stack": "dev", "a": "b"}
        assert "forceDestroy" not in changed


def test_a_change_keeps_what_aws_adds_to_a_structure_of_the_program(aws: Client, backend: Backend) -> None:
    cluster = "aws:eks/cluster:Cluster"
    network = {"subnetIds": ["s"], "publicAccessCidrs": ["10.0.0.0/8"]}
    given = {"name": "c", "roleArn": "r", "vpcConfig": network}
    id_, outputs = aws.create(cluster, given)
    held = backend.account.inventory.find(cluster, id_, "us-east-1")
    assert held
    held.outputs["vpcConfig"] = outputs["vpcConfig"] = {**network, "clusterSecurityGroupId": "sg-1"}
    old = aws.checked(cluster, given)
    news = aws.checked(cluster, {**given, "vpcConfig": {"subnetIds": ["s", "t"]}}, olds=old)
    for preview in (True, False):
        changed = aws.update(cluster, id_, outputs, news, old_inputs=old, preview=preview)
        assert changed["vpcConfig"] == {"subnetIds": ["s", "t"], "clusterSecurityGroupId": "sg-1"}


@pytest.fixture
def moto() -> Iterator[tuple[Client, Backend]]:
    """The provider over an account in moto."""
    backend = Backend()
    with serve(backend) as ports:
        client = Client(ports["aws"])
        yield client, backend
        client.close()
    backend.close()


def test_what_is_created_is_in_moto_and_what_moto_loses_is_gone(moto: tuple[Client, Backend]) -> None:
    aws, backend = moto
    policy = '{"Version": "2012-10-17", "Statement": []}'
    role, _ = aws.create(ROLE, {"assumeRolePolicy": policy})
    bucket, _ = aws.create(BUCKET, {})
    cloud = backend.account.moto
    assert cloud
    assert cloud.client("iam").get_role(RoleName=role)["Role"]["RoleName"] == role
    cloud.client("s3").put_object(Bucket=bucket, Key="a", Body=b"b")
    assert "BucketNotEmpty" in refused(lambda: aws.delete(BUCKET, bucket))
    cloud.client("s3").delete_object(Bucket=bucket, Key="a")
    aws.delete(BUCKET, bucket)
    cloud.client("iam").delete_role(RoleName=role)
    assert not aws.read(ROLE, role).id


def test_protection_that_a_change_takes_away_is_gone_in_moto_too(moto: tuple[Client, Backend]) -> None:
    aws, _ = moto
    given = {
        "instanceClass": "db.t4g.medium",
        "engine": "postgres",
        "allocatedStorage": 20,
        "username": "owner",
        "manageMasterUserPassword": True,
        "skipFinalSnapshot": True,
        "deletionProtection": True,
    }
    id_, outputs = aws.create(INSTANCE, given)
    old = aws.checked(INSTANCE, given)
    news = aws.checked(INSTANCE, {**given, "deletionProtection": False}, olds=old)
    aws.update(INSTANCE, id_, outputs, {**news, "identifier": outputs["identifier"]})
    aws.delete(INSTANCE, id_)
    assert not aws.read(INSTANCE, id_).id
