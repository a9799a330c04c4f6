"""The log of queries as AWS would show it; moto has no DNS Firewall."""

from typing import Any, cast

from moto import mock_aws

from analysis.optional_sections import left_out_by_prod
from analysis.program import run_main
from analysis.recorder import record
from analysis.remote import EXPANSIONS
from local.aws import MotoCloud
from tests.aws.environment import REGION
from tests.conftest import edited

DNS_FIREWALL = left_out_by_prod()["dns_firewall"]


@mock_aws(config={"iam": {"load_aws_managed_policies": True}})
def test_queries_of_the_vpc_are_logged_into_an_encrypted_group() -> None:
    cloud = MotoCloud(REGION)
    config = edited("dev", {"dns_firewall": dict(DNS_FIREWALL)})
    record(
        run_main,
        cloud,
        config=config.values,
        secret_keys=config.secret_keys,
        stack_name="run",
        expansions=EXPANSIONS,
    )
    client = cast("Any", cloud.client)
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
