"""The OpenSearch domain as AWS would show it."""

from typing import Any, cast

from moto import mock_aws

from analysis.optional_sections import left_out_by_prod
from analysis.program import run_main
from analysis.recorder import record
from analysis.remote import EXPANSIONS
from local.aws import MotoCloud
from tests.aws.environment import REGION
from tests.conftest import edited


@mock_aws(config={"iam": {"load_aws_managed_policies": True}})
def test_the_domain_is_closed_and_encrypted_and_writes_its_logs() -> None:
    cloud = MotoCloud(REGION)
    config = edited(
        "dev", {"retrieval": {**left_out_by_prod()["retrieval"], "dedicated_master_type": "r6g.large.search"}}
    )
    recording = record(
        run_main,
        cloud,
        config=config.values,
        secret_keys=config.secret_keys,
        stack_name="run",
        expansions=EXPANSIONS,
    )
    assert recording.only("aws:opensearch/domain:Domain").backing == "moto"
    client = cast("Any", cloud.client)
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
