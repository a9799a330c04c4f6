"""Choices that dev and prod of this repository do not make, as AWS would show them. One stack has all.

Sections that prod leaves out (runner, OpenSearch, DNS Firewall, scans), a NAT instance, logs in S3, certificates of the
owner's, sign-in.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from analysis.optional_sections import left_out_by_prod
from analysis.rights.stacks import CONNECTION_ARN
from local.aws import UNSUPPORTED_PROPERTIES, UNSUPPORTED_TYPES
from tests.aws_variants.made import Made, made
from tests.components.test_own_certificates import EDGE, brought
from tests.components.test_sign_in import SECRET, SIGN_IN, rules
from tests.conftest import edited

PROJECT, WEBHOOK = "aws:codebuild/project:Project", "aws:codebuild/webhook:Webhook"


@pytest.fixture(scope="module")
def stack() -> Iterator[Made]:
    optional = left_out_by_prod()
    changes: dict[str, Any] = {
        **{name: dict(section) for name, section in optional.items()},
        "retrieval": {**optional["retrieval"], "dedicated_master_type": "r6g.large.search"},
        "network.nat": "instance",
        **brought(edge_certificate_arn=EDGE),
        "load_balancer.sign_in": SIGN_IN,
        "telemetry": {"logs": {"archive": {"retention_days": 400}}},
    }
    with made(edited("dev", changes, {"oidc_client_secret": SECRET}), "run") as one:
        yield one


def test_the_machines_start_in_the_private_subnets_behind_a_closed_security_group(stack: Made) -> None:
    found = {r.type: r for r in stack.recording.records if r.type.startswith("aws:codebuild/")}
    assert {type_: r.backing for type_, r in found.items()} == {PROJECT: "moto", WEBHOOK: "recorded"}
    assert UNSUPPORTED_PROPERTIES[PROJECT].keys() <= found[PROJECT].inputs.keys()
    assert WEBHOOK in UNSUPPORTED_TYPES
    client = stack.client
    (made,) = client("codebuild").batch_get_projects(names=["flowise-run-runner"])["projects"]
    assert made["source"]["auth"] == {"type": "CODECONNECTIONS", "resource": CONNECTION_ARN}
    assert made["timeoutInMinutes"] == 120
    (group,) = client("ec2").describe_security_groups(GroupIds=made["vpcConfig"]["securityGroupIds"])["SecurityGroups"]
    assert group["IpPermissions"] == []
    ports = [(rule["FromPort"], rule["ToPort"]) for rule in group["IpPermissionsEgress"] if "FromPort" in rule]
    assert ports == [(443, 443)]
    subnets = client("ec2").describe_subnets(SubnetIds=made["vpcConfig"]["subnets"])["Subnets"]
    assert {subnet["MapPublicIpOnLaunch"] for subnet in subnets} == {False}
    assert len({subnet["AvailabilityZone"] for subnet in subnets}) == 2
    (log,) = client("logs").describe_log_groups(logGroupNamePrefix="flowise/run/runner")["logGroups"]
    assert made["logsConfig"]["cloudWatchLogs"]["groupName"] == log["logGroupName"]
    assert log["kmsKeyId"]


def test_the_domain_is_closed_and_encrypted_and_writes_its_logs(stack: Made) -> None:
    assert stack.recording.only("aws:opensearch/domain:Domain").backing == "moto"
    client = stack.client
    found = client("opensearch").describe_domain(DomainName="flowise-run")["DomainStatus"]
    assert found["EngineVersion"] == "OpenSearch_2.19"
    assert found["EBSOptions"] == {"EBSEnabled": True, "VolumeType": "gp3", "VolumeSize": 100}
    assert found["EncryptionAtRestOptions"]["Enabled"]
    assert ":key/" in found["EncryptionAtRestOptions"]["KmsKeyId"]
    assert found["NodeToNodeEncryptionOptions"] == {"Enabled": True}
    assert found["DomainEndpointOptions"]["EnforceHTTPS"]
    assert found["DomainEndpointOptions"]["TLSSecurityPolicy"] == "Policy-Min-TLS-1-2-PFS-2023-10"
    assert found["AdvancedSecurityOptions"]["Enabled"]
    cluster = found["ClusterConfig"]
    assert (cluster["InstanceCount"], cluster["InstanceType"]) == (4, "r7g.large.search")
    assert cluster["ZoneAwarenessConfig"] == {"AvailabilityZoneCount": 2}
    assert cluster["DedicatedMasterCount"] == 3
    lies_in = client("ec2").describe_subnets(SubnetIds=found["VPCOptions"]["SubnetIds"])["Subnets"]
    assert len({subnet["AvailabilityZone"] for subnet in lies_in}) == 2
    (group,) = client("ec2").describe_security_groups(GroupIds=found["VPCOptions"]["SecurityGroupIds"])[
        "SecurityGroups"
    ]
    assert [(rule["FromPort"], rule["ToPort"]) for rule in group["IpPermissions"]] == [(443, 443)]
    logs = {
        log["CloudWatchLogsLogGroupArn"].rpartition("/")[2]: type_
        for type_, log in found["LogPublishingOptions"].items()
    }
    assert logs == {"errors": "ES_APPLICATION_LOGS", "access": "AUDIT_LOGS"}
    tags = client("opensearch").list_tags(ARN=found["ARN"])["TagList"]
    assert {"project", "stack", "managed-by"} <= {tag["Key"] for tag in tags}


def test_queries_of_the_vpc_are_logged_into_an_encrypted_group(stack: Made) -> None:
    client = stack.client
    (association,) = client("route53resolver").list_resolver_query_log_config_associations()[
        "ResolverQueryLogConfigAssociations"
    ]
    vpcs = client("ec2").describe_vpcs(VpcIds=[association["ResourceId"]])["Vpcs"]
    assert len(vpcs) == 1
    config_id = association["ResolverQueryLogConfigId"]
    found = client("route53resolver").get_resolver_query_log_config(ResolverQueryLogConfigId=config_id)
    (group,) = client("logs").describe_log_groups(logGroupNamePrefix="flowise/run/dns")["logGroups"]
    assert found["ResolverQueryLogConfig"]["DestinationArn"] == group["arn"].removesuffix(":*")
    assert group["retentionInDays"] == 90
    assert ":key/" in group["kmsKeyId"]


def test_the_role_of_the_scans_and_what_flowise_may_not_read_are_about_the_bucket_of_the_files(stack: Made) -> None:
    iam, s3 = stack.client("iam"), stack.client("s3")
    statements: dict[str, Any] = {}
    for role in iam.list_roles()["Roles"]:
        for name in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role["RoleName"], PolicyName=name)["PolicyDocument"]
            document = json.loads(document) if isinstance(document, str) else document
            statements |= {statement["Sid"]: statement for statement in document["Statement"]}
    (scanned,) = statements["ScanAndTag"]["Resource"]
    assert scanned in {f"arn:aws:s3:::{bucket['Name']}/*" for bucket in s3.list_buckets()["Buckets"]}
    assert statements["NoMalware"]["Resource"] == statements["ReadWriteFiles"]["Resource"] == [scanned]
    assert {statements[sid]["Effect"] for sid in ("NoMalware", "OnlyClean")} == {"Deny"}


def test_private_subnets_go_out_by_an_instance_that_keeps_its_address(stack: Made) -> None:
    ec2 = stack.client("ec2")
    machine = stack.recording.only("aws:ec2/instance:Instance")
    (reservation,) = ec2.describe_instances(InstanceIds=[machine.id])["Reservations"]
    (instance,) = reservation["Instances"]
    assert instance["InstanceType"] == "t4g.nano"
    (attached,) = instance["NetworkInterfaces"]
    (interface,) = ec2.describe_network_interfaces(NetworkInterfaceIds=[attached["NetworkInterfaceId"]])[
        "NetworkInterfaces"
    ]
    assert interface["SourceDestCheck"] is False
    (address,) = ec2.describe_addresses(Filters=[{"Name": "tag:Name", "Values": ["network-nat"]}])["Addresses"]
    assert address["NetworkInterfaceId"] == interface["NetworkInterfaceId"]
    assert not ec2.describe_nat_gateways()["NatGateways"]
    private = ec2.describe_subnets(Filters=[{"Name": "tag:SubnetType", "Values": ["Private"]}])["Subnets"]
    assert len(private) == 2
    for subnet in private:
        filters = [{"Name": "association.subnet-id", "Values": [subnet["SubnetId"]]}]
        (table,) = ec2.describe_route_tables(Filters=filters)["RouteTables"]
        out = {
            r["DestinationCidrBlock"]
            for r in table["Routes"]
            if r.get("NetworkInterfaceId") == interface["NetworkInterfaceId"]
        }
        assert out == {"0.0.0.0/1", "128.0.0.0/1"}


def test_what_the_log_group_takes_in_goes_to_a_closed_bucket_for_as_long_as_asked(stack: Made) -> None:
    client = stack.client
    [subscription] = client("logs").describe_subscription_filters(logGroupName="flowise/run/containers")[
        "subscriptionFilters"
    ]
    assert subscription["filterPattern"] == ""
    stream = client("firehose").describe_delivery_stream(DeliveryStreamName="flowise-run-logs")[
        "DeliveryStreamDescription"
    ]
    assert subscription["destinationArn"] == stream["DeliveryStreamARN"]
    target = stream["Destinations"][0]["ExtendedS3DestinationDescription"]
    bucket = stack.recording.only("aws:s3/bucket:Bucket", "telemetry-archive").id
    assert target["BucketARN"] == f"arn:aws:s3:::{bucket}"
    s3 = client("s3")
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]["RestrictPublicBuckets"]
    [encryption] = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert encryption["ApplyServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": stack.recording.only("aws:kms/key:Key", "key").outputs["arn"],
    }
    [rule] = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert rule["Expiration"]["Days"] == 400


def test_the_stack_is_made_without_a_zone(stack: Made) -> None:
    elb = stack.client("elbv2")
    (listener,) = elb.describe_listeners(ListenerArns=[stack.recording.only("aws:lb/listener:Listener").id])[
        "Listeners"
    ]
    assert listener["Protocol"] == "HTTPS"
    assert listener["Certificates"]
    assert stack.client("route53").list_hosted_zones()["HostedZones"] == []
    cloudfront = stack.client("cloudfront")
    found = cloudfront.get_distribution(Id=stack.recording.only("aws:cloudfront/distribution:Distribution").id)
    viewer = found["Distribution"]["DistributionConfig"]["ViewerCertificate"]
    assert viewer["ACMCertificateArn"] == EDGE


def test_the_listener_asks_for_a_session_and_its_rules_let_the_public_plane_through(stack: Made) -> None:
    elb = stack.client("elbv2")
    arn = stack.recording.only("aws:lb/listener:Listener").id
    (listener,) = elb.describe_listeners(ListenerArns=[arn])["Listeners"]
    authenticate, forward = sorted(listener["DefaultActions"], key=lambda action: action["Order"])
    assert (authenticate["Type"], forward["Type"]) == ("authenticate-oidc", "forward")
    assert (
        authenticate["AuthenticateOidcConfig"].items()
        >= {
            "Issuer": "https://login.example.com",
            "ClientId": "flowise",
            "Scope": "openid email",
            "SessionTimeout": 43_200,
            "OnUnauthenticatedRequest": "authenticate",
        }.items()
    )
    made = [rule for rule in elb.describe_rules(ListenerArn=arn)["Rules"] if not rule["IsDefault"]]
    made.sort(key=lambda rule: int(rule["Priority"]))
    wanted = [rule["conditions"][0]["pathPattern"]["values"] for rule in rules()]
    assert [rule["Conditions"][0]["PathPatternConfig"]["Values"] for rule in made] == wanted
    assert [[action["Type"] for action in rule["Actions"]] for rule in made[:-1]] == [["forward"]] * (len(made) - 1)
    denied, _ = sorted(made[-1]["Actions"], key=lambda action: action["Order"])
    assert denied["AuthenticateOidcConfig"]["OnUnauthenticatedRequest"] == "deny"
