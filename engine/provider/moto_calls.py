"""Deletes in moto what was created there, asks whether it still exists, and repeats what a change puts in its place."""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from botocore.exceptions import ClientError

from components.common.catalogue import AWS
from components.common.catalogue.entry import Call
from engine.provider.held import Held
from local.aws.clients import Clients

Client = Any


def delete_in_moto(clients: Clients, held: Held) -> None:
    """Delete what stands for a resource. Raises what boto3 raises, unless it is gone already."""
    with _unless_gone():
        delete = AWS[held.type].moto.delete if held.type in AWS else None
        if delete == "function":
            DELETIONS[held.type](cast("Any", clients), held)
        elif delete:
            _call(clients, held, delete)


def exists_in_moto(clients: Clients, held: Held) -> bool:
    """Whether moto still has it, where moto can be asked."""
    read = AWS[held.type].moto.read if held.type in AWS else None
    if read is None:
        return True
    try:
        answer = _call(clients, held, read)
    except ClientError as error:
        if _is_gone(error):
            return False
        raise
    return answer.get("KeyMetadata", {}).get("KeyState") != "PendingDeletion" and "DeletedDate" not in answer


def empty_bucket(clients: Clients, held: Held, *, delete: bool) -> int:
    """Count the versions of a bucket, or delete them; returns how many are left."""
    s3: Client = cast("Any", clients)("s3", held.region)
    answer = s3.list_object_versions(Bucket=held.id)
    versions = [*answer.get("Versions", []), *answer.get("DeleteMarkers", [])]
    if not delete:
        return len(versions)
    for version in versions:
        s3.delete_object(Bucket=held.id, Key=version["Key"], VersionId=version["VersionId"])
    return 0


def _call(clients: Clients, held: Held, call: Call) -> Any:
    client: Client = cast("Any", clients)(call.service, held.region)
    given = {
        name.removesuffix("[]"): [held.value(key)] if name.endswith("[]") else held.value(key)
        for name, key in call.arguments.items()
    }
    return getattr(client, call.operation)(**given)


_GONE = ("NotFound", "NoSuch", "ResourceNotFound", "404", "does not exist", "NonExistent")


def _is_gone(error: ClientError) -> bool:
    code = str(error.response.get("Error", {}).get("Code", ""))
    return any(word in code for word in _GONE)


@contextlib.contextmanager
def _unless_gone() -> Any:
    try:
        yield
    except ClientError as error:
        if not _is_gone(error):
            raise


def _key(client: Client, held: Held) -> None:
    days = int(held.value("deletionWindowInDays") or 30)
    client("kms", held.region).schedule_key_deletion(KeyId=held.id, PendingWindowInDays=days)


def _secret(client: Client, held: Held) -> None:
    manager = client("secretsmanager", held.region)
    replicas = [replica["region"] for replica in cast("list[Any]", held.value("replicas") or [])]
    if replicas:
        manager.remove_regions_from_replication(SecretId=held.id, RemoveReplicaRegions=replicas)
    days = held.value("recoveryWindowInDays")
    if days == 0:
        manager.delete_secret(SecretId=held.id, ForceDeleteWithoutRecovery=True)
    else:
        manager.delete_secret(SecretId=held.id, RecoveryWindowInDays=int(days or 30))


def _instance(client: Client, held: Held) -> None:
    final = held.value("finalSnapshotIdentifier")
    skip = bool(held.value("skipFinalSnapshot"))
    snapshot = {} if skip else {"FinalDBSnapshotIdentifier": final}
    name, rds = held.value("identifier"), client("rds", held.region)
    # What was taken away by a change is still in moto's first form; the inventory has refused where it is not.
    rds.modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=False)
    rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=skip, **snapshot)


def _load_balancer(client: Client, held: Held) -> None:
    elb = client("elbv2", held.region)
    unprotected = [{"Key": "deletion_protection.enabled", "Value": "false"}]  # as for an instance
    elb.modify_load_balancer_attributes(LoadBalancerArn=held.id, Attributes=unprotected)
    elb.delete_load_balancer(LoadBalancerArn=held.id)


def _gateway(client: Client, held: Held) -> None:
    ec2 = client("ec2", held.region)
    ec2.detach_internet_gateway(InternetGatewayId=held.id, VpcId=held.value("vpcId"))
    ec2.delete_internet_gateway(InternetGatewayId=held.id)


def _distribution(client: Client, held: Held) -> None:
    cloudfront = client("cloudfront")
    answer = cloudfront.get_distribution_config(Id=held.id)
    config = {**answer["DistributionConfig"], "Enabled": False}
    tag = cloudfront.update_distribution(Id=held.id, IfMatch=answer["ETag"], DistributionConfig=config)["ETag"]
    cloudfront.delete_distribution(Id=held.id, IfMatch=tag)


def _firewall(kind: str) -> Callable[[Client, Held], None]:
    def delete(client: Client, held: Held) -> None:
        waf = client("wafv2", held.region)
        named = {"Name": held.value("name"), "Scope": held.value("scope"), "Id": held.id}
        token = getattr(waf, f"get_{kind}")(**named)["LockToken"]
        getattr(waf, f"delete_{kind}")(**named, LockToken=token)

    return delete


def _target(client: Client, held: Held) -> None:
    client("events", held.region).remove_targets(Rule=held.value("rule"), Ids=[held.value("targetId") or held.name])


def _rule(direction: str) -> Callable[[Client, Held], None]:
    def delete(client: Client, held: Held) -> None:
        revoke = getattr(client("ec2", held.region), f"revoke_security_group_{direction}")
        revoke(GroupId=held.value("securityGroupId"), SecurityGroupRuleIds=[held.id])

    return delete


DELETIONS: Final[Mapping[str, Callable[[Client, Held], None]]] = {
    "aws:budgets/budget:Budget": lambda client, held: client("budgets").delete_budget(
        AccountId=client("sts").get_caller_identity()["Account"], BudgetName=held.value("name")
    ),
    "aws:cloudfront/distribution:Distribution": _distribution,
    "aws:cloudwatch/dashboard:Dashboard": lambda client, held: client("cloudwatch", held.region).delete_dashboards(
        DashboardNames=[held.value("dashboardName")]
    ),
    "aws:cloudwatch/eventTarget:EventTarget": _target,
    "aws:cloudwatch/metricAlarm:MetricAlarm": lambda client, held: client("cloudwatch", held.region).delete_alarms(
        AlarmNames=[held.value("name")]
    ),
    "aws:ec2/flowLog:FlowLog": lambda client, held: client("ec2", held.region).delete_flow_logs(FlowLogIds=[held.id]),
    "aws:ec2/internetGateway:InternetGateway": _gateway,
    "aws:ec2/vpcEndpoint:VpcEndpoint": lambda client, held: client("ec2", held.region).delete_vpc_endpoints(
        VpcEndpointIds=[held.id]
    ),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": lambda client, held: client(
        "firehose", held.region
    ).delete_delivery_stream(DeliveryStreamName=held.value("name")),
    "aws:kms/key:Key": _key,
    "aws:lb/loadBalancer:LoadBalancer": _load_balancer,
    "aws:rds/instance:Instance": _instance,
    "aws:s3/bucketVersioning:BucketVersioning": lambda client, held: client("s3", held.region).put_bucket_versioning(
        Bucket=held.value("bucket"), VersioningConfiguration={"Status": "Suspended"}
    ),
    "aws:secretsmanager/secret:Secret": _secret,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _rule("egress"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _rule("ingress"),
    "aws:wafv2/ipSet:IpSet": _firewall("ip_set"),
    "aws:wafv2/regexPatternSet:RegexPatternSet": _firewall("regex_pattern_set"),
    "aws:wafv2/webAcl:WebAcl": _firewall("web_acl"),
}
"""Deletions that take more than one call, or a value that is no output: `delete="function"` in the catalogue."""
