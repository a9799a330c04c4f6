"""Deletes in moto what was created there, asks whether it still exists, and repeats what a change puts in its place."""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from botocore.exceptions import ClientError

from engine.provider.held import Held
from local.aws.clients import Clients

Client = Any
Call = tuple[str, str, Mapping[str, str]]
"""Service, operation, and for each of its arguments the output that it takes."""

_DELETE: Final[Mapping[str, Call]] = {
    "aws:acm/certificate:Certificate": ("acm", "delete_certificate", {"CertificateArn": "id"}),
    "aws:backup/plan:Plan": ("backup", "delete_backup_plan", {"BackupPlanId": "id"}),
    "aws:backup/vault:Vault": ("backup", "delete_backup_vault", {"BackupVaultName": "id"}),
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": (
        "backup",
        "delete_backup_vault_lock_configuration",
        {"BackupVaultName": "id"},
    ),
    "aws:cloudwatch/eventRule:EventRule": ("events", "delete_rule", {"Name": "name"}),
    "aws:cloudwatch/logGroup:LogGroup": ("logs", "delete_log_group", {"logGroupName": "id"}),
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": (
        "logs",
        "delete_subscription_filter",
        {"logGroupName": "logGroup", "filterName": "name"},
    ),
    "aws:codebuild/project:Project": ("codebuild", "delete_project", {"name": "name"}),
    "aws:ec2/eip:Eip": ("ec2", "release_address", {"AllocationId": "id"}),
    "aws:ec2/natGateway:NatGateway": ("ec2", "delete_nat_gateway", {"NatGatewayId": "id"}),
    "aws:ec2/route:Route": (
        "ec2",
        "delete_route",
        {"RouteTableId": "routeTableId", "DestinationCidrBlock": "destinationCidrBlock"},
    ),
    "aws:ec2/routeTable:RouteTable": ("ec2", "delete_route_table", {"RouteTableId": "id"}),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": ("ec2", "disassociate_route_table", {"AssociationId": "id"}),
    "aws:ec2/securityGroup:SecurityGroup": ("ec2", "delete_security_group", {"GroupId": "id"}),
    "aws:ec2/subnet:Subnet": ("ec2", "delete_subnet", {"SubnetId": "id"}),
    "aws:ec2/vpc:Vpc": ("ec2", "delete_vpc", {"VpcId": "id"}),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": ("ecr", "delete_lifecycle_policy", {"repositoryName": "repository"}),
    "aws:ecr/repository:Repository": ("ecr", "delete_repository", {"repositoryName": "id"}),
    "aws:eks/cluster:Cluster": ("eks", "delete_cluster", {"name": "id"}),
    "aws:elasticache/replicationGroup:ReplicationGroup": (
        "elasticache",
        "delete_replication_group",
        {"ReplicationGroupId": "id"},
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": (
        "iam",
        "delete_open_id_connect_provider",
        {"OpenIDConnectProviderArn": "id"},
    ),
    "aws:iam/policy:Policy": ("iam", "delete_policy", {"PolicyArn": "id"}),
    "aws:iam/role:Role": ("iam", "delete_role", {"RoleName": "id"}),
    "aws:iam/rolePolicy:RolePolicy": ("iam", "delete_role_policy", {"RoleName": "role", "PolicyName": "name"}),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (
        "iam",
        "detach_role_policy",
        {"RoleName": "role", "PolicyArn": "policyArn"},
    ),
    "aws:kms/alias:Alias": ("kms", "delete_alias", {"AliasName": "id"}),
    "aws:lb/listener:Listener": ("elbv2", "delete_listener", {"ListenerArn": "id"}),
    "aws:lb/listenerRule:ListenerRule": ("elbv2", "delete_rule", {"RuleArn": "id"}),
    "aws:lb/targetGroup:TargetGroup": ("elbv2", "delete_target_group", {"TargetGroupArn": "id"}),
    "aws:rds/eventSubscription:EventSubscription": ("rds", "delete_event_subscription", {"SubscriptionName": "id"}),
    "aws:rds/parameterGroup:ParameterGroup": ("rds", "delete_db_parameter_group", {"DBParameterGroupName": "id"}),
    "aws:rds/subnetGroup:SubnetGroup": ("rds", "delete_db_subnet_group", {"DBSubnetGroupName": "id"}),
    "aws:s3/bucket:Bucket": ("s3", "delete_bucket", {"Bucket": "id"}),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": (
        "s3",
        "delete_bucket_lifecycle",
        {"Bucket": "bucket"},
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": (
        "s3",
        "delete_bucket_ownership_controls",
        {"Bucket": "bucket"},
    ),
    "aws:s3/bucketPolicy:BucketPolicy": ("s3", "delete_bucket_policy", {"Bucket": "bucket"}),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": (
        "s3",
        "delete_public_access_block",
        {"Bucket": "bucket"},
    ),
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": (
        "s3",
        "delete_bucket_replication",
        {"Bucket": "bucket"},
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        "s3",
        "delete_bucket_encryption",
        {"Bucket": "bucket"},
    ),
    "aws:sns/topic:Topic": ("sns", "delete_topic", {"TopicArn": "id"}),
    "aws:sns/topicSubscription:TopicSubscription": ("sns", "unsubscribe", {"SubscriptionArn": "id"}),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": (
        "wafv2",
        "delete_logging_configuration",
        {"ResourceArn": "id"},
    ),
}

READ: Final[Mapping[str, Call]] = {
    "aws:backup/vault:Vault": ("backup", "describe_backup_vault", {"BackupVaultName": "id"}),
    "aws:ec2/subnet:Subnet": ("ec2", "describe_subnets", {"SubnetIds[]": "id"}),
    "aws:ec2/securityGroup:SecurityGroup": ("ec2", "describe_security_groups", {"GroupIds[]": "id"}),
    "aws:ec2/vpc:Vpc": ("ec2", "describe_vpcs", {"VpcIds[]": "id"}),
    "aws:eks/cluster:Cluster": ("eks", "describe_cluster", {"name": "id"}),
    "aws:elasticache/replicationGroup:ReplicationGroup": (
        "elasticache",
        "describe_replication_groups",
        {"ReplicationGroupId": "id"},
    ),
    "aws:iam/policy:Policy": ("iam", "get_policy", {"PolicyArn": "id"}),
    "aws:iam/role:Role": ("iam", "get_role", {"RoleName": "id"}),
    "aws:iam/rolePolicy:RolePolicy": ("iam", "get_role_policy", {"RoleName": "role", "PolicyName": "name"}),
    "aws:kms/key:Key": ("kms", "describe_key", {"KeyId": "id"}),
    "aws:lb/loadBalancer:LoadBalancer": ("elbv2", "describe_load_balancers", {"LoadBalancerArns[]": "id"}),
    "aws:lb/targetGroup:TargetGroup": ("elbv2", "describe_target_groups", {"TargetGroupArns[]": "id"}),
    "aws:rds/instance:Instance": ("rds", "describe_db_instances", {"DBInstanceIdentifier": "identifier"}),
    "aws:rds/parameterGroup:ParameterGroup": ("rds", "describe_db_parameter_groups", {"DBParameterGroupName": "id"}),
    "aws:s3/bucket:Bucket": ("s3", "head_bucket", {"Bucket": "id"}),
    "aws:s3/bucketPolicy:BucketPolicy": ("s3", "get_bucket_policy", {"Bucket": "bucket"}),
    "aws:secretsmanager/secret:Secret": ("secretsmanager", "describe_secret", {"SecretId": "id"}),
    "aws:sns/topic:Topic": ("sns", "get_topic_attributes", {"TopicArn": "id"}),
}
"""Types that can be lost behind Pulumi's back: a refresh asks moto for them."""

PUT_AGAIN: Final = frozenset(
    {
        "aws:backup/vaultLockConfiguration:VaultLockConfiguration",
        "aws:cloudwatch/dashboard:Dashboard",
        "aws:cloudwatch/eventRule:EventRule",
        "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:route53/record:Record",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketVersioning:BucketVersioning",
        "aws:sns/topicPolicy:TopicPolicy",
        "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
    }
)
"""Types whose creation is a Put in AWS's API: a change is the same call. Of the others moto keeps the first form."""


def delete_in_moto(clients: Clients, held: Held) -> None:
    """Delete what stands for a resource. Raises what boto3 raises, unless it is gone already."""
    with _unless_gone():
        if held.type in _DELETE:
            service, operation, arguments = _DELETE[held.type]
            _call(clients, held, service, operation, arguments)
        elif held.type in _SPECIAL:
            _SPECIAL[held.type](cast("Any", clients), held)


def exists_in_moto(clients: Clients, held: Held) -> bool:
    """Whether moto still has it, where moto can be asked."""
    if held.type not in READ:
        return True
    service, operation, arguments = READ[held.type]
    try:
        answer = _call(clients, held, service, operation, arguments)
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


def _call(clients: Clients, held: Held, service: str, operation: str, arguments: Mapping[str, str]) -> Any:
    client: Client = cast("Any", clients)(service, held.region)
    given = {
        name.removesuffix("[]"): [held.value(key)] if name.endswith("[]") else held.value(key)
        for name, key in arguments.items()
    }
    return getattr(client, operation)(**given)


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


_SPECIAL: Final[Mapping[str, Callable[[Client, Held], None]]] = {
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
