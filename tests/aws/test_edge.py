"""The entry point, from the edge to the load balancer, as AWS would show it."""

from typing import Any

import pytest

from components.edge.capacity import MANAGED_GROUPS
from tests.aws.environment import REGION, LocalEnvironment, peers


@pytest.fixture
def balancer(local_env: LocalEnvironment) -> dict[str, Any]:
    """The stack's only load balancer."""
    (found,) = local_env.aws("elbv2").describe_load_balancers()["LoadBalancers"]
    return found


@pytest.fixture
def distribution(local_env: LocalEnvironment) -> dict[str, Any]:
    """Configuration of the stack's only distribution."""
    found = local_env.aws("cloudfront").get_distribution(Id=local_env.only("cloudfront/distribution:Distribution").id)
    return found["Distribution"]["DistributionConfig"]


@pytest.fixture
def web_acl(local_env: LocalEnvironment) -> dict[str, Any]:
    """The stack's web ACL."""
    record = local_env.only("wafv2/webAcl:WebAcl")
    found = local_env.aws("wafv2").get_web_acl(Name=record.outputs["name"], Id=record.id, Scope="CLOUDFRONT")
    return found["WebACL"]


def test_load_balancer_is_internal(local_env: LocalEnvironment, balancer: dict[str, Any]) -> None:
    assert balancer["Scheme"] == "internal"
    assert balancer["Type"] == "application"
    assert {zone["SubnetId"] for zone in balancer["AvailabilityZones"]} == set(local_env.subnets("Private"))


def test_only_cloudfront_reaches_the_load_balancer(local_env: LocalEnvironment, balancer: dict[str, Any]) -> None:
    (group_id,) = balancer["SecurityGroups"]
    group = local_env.group(group_id)
    (prefix_list,) = local_env.aws("ec2").describe_managed_prefix_lists(
        Filters=[{"Name": "prefix-list-name", "Values": ["com.amazonaws.global.cloudfront.origin-facing"]}]
    )["PrefixLists"]
    assert peers(group["IpPermissions"]) == [(80, 443, prefix_list["PrefixListId"])]
    assert peers(group["IpPermissionsEgress"]) == [(3000, 3000, local_env.cluster_group_id)]


def test_load_balancer_is_protected_and_logged(local_env: LocalEnvironment, balancer: dict[str, Any]) -> None:
    found = local_env.aws("elbv2").describe_load_balancer_attributes(LoadBalancerArn=balancer["LoadBalancerArn"])
    attributes = {attribute["Key"]: attribute["Value"] for attribute in found["Attributes"]}
    assert attributes["deletion_protection.enabled"] == str(local_env.promise.protected).lower()
    assert attributes["idle_timeout.timeout_seconds"] == str(local_env.promise.idle_timeout_seconds)
    assert attributes["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert attributes["routing.http.desync_mitigation_mode"] == "defensive"
    assert attributes["access_logs.s3.enabled"] == "true"
    assert attributes["access_logs.s3.bucket"] == local_env.only("s3/bucket:Bucket", "logs").id
    assert attributes["access_logs.s3.prefix"] == "load-balancer"


def test_targets_are_checked(local_env: LocalEnvironment) -> None:
    elb = local_env.aws("elbv2")
    (group,) = elb.describe_target_groups()["TargetGroups"]
    assert (group["TargetType"], group["Protocol"], group["Port"]) == ("ip", "HTTP", 3000)
    assert (group["HealthCheckPath"], group["Matcher"]) == ("/readyz", {"HttpCode": "200"})
    assert (group["HealthCheckIntervalSeconds"], group["HealthCheckTimeoutSeconds"]) == (10, 5)
    assert (group["HealthyThresholdCount"], group["UnhealthyThresholdCount"]) == (2, 3)
    found = elb.describe_target_group_attributes(TargetGroupArn=group["TargetGroupArn"])["Attributes"]
    assert {"Key": "deregistration_delay.timeout_seconds", "Value": "30"} in found


def test_listener_forwards_to_the_pods(local_env: LocalEnvironment, balancer: dict[str, Any]) -> None:
    (listener,) = local_env.aws("elbv2").describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    (action,) = listener["DefaultActions"]
    assert (action["Type"], action["TargetGroupArn"]) == ("forward", local_env.only("lb/targetGroup:TargetGroup").id)
    if local_env.promise.domain:
        assert (listener["Protocol"], listener["Port"]) == ("HTTPS", 443)
        assert listener["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
        assert [entry["CertificateArn"] for entry in listener["Certificates"]] == [
            local_env.only("acm/certificate:Certificate").id
        ]
    else:
        assert (listener["Protocol"], listener["Port"]) == ("HTTP", 80)


def test_edge_speaks_tls_and_caches_only_the_bundle(local_env: LocalEnvironment, distribution: dict[str, Any]) -> None:
    assert distribution["Enabled"]
    assert distribution["HttpVersion"] == "http2and3"
    assert distribution["PriceClass"] == "PriceClass_100"
    behavior = distribution["DefaultCacheBehavior"]
    assert behavior["ViewerProtocolPolicy"] == "redirect-to-https"
    assert behavior["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert "POST" in behavior["AllowedMethods"]["Items"]
    (static,) = distribution["CacheBehaviors"]["Items"]
    assert static["PathPattern"] == "/assets/*"
    assert static["CachePolicyId"] == local_env.only("cloudfront/cachePolicy:CachePolicy").id
    headers = local_env.only("cloudfront/responseHeadersPolicy:ResponseHeadersPolicy").id
    assert static["ResponseHeadersPolicyId"] == behavior["ResponseHeadersPolicyId"] == headers
    certificate = distribution["ViewerCertificate"]
    if local_env.promise.domain:
        assert distribution["Aliases"]["Items"] == [local_env.promise.domain]
        assert certificate["ACMCertificateArn"] == local_env.only("acm/certificate:Certificate").id
        assert certificate["MinimumProtocolVersion"] == "TLSv1.2_2025"
        assert certificate["SSLSupportMethod"] == "sni-only"
    else:
        assert distribution["Aliases"]["Quantity"] == 0
        assert certificate["CloudFrontDefaultCertificate"]


def test_edge_leads_to_the_load_balancer_inside_the_vpc(
    local_env: LocalEnvironment, distribution: dict[str, Any], balancer: dict[str, Any]
) -> None:
    (origin,) = distribution["Origins"]["Items"]
    assert origin["DomainName"] == balancer["DNSName"]
    # moto has no VPC origins.
    record = local_env.only("cloudfront/vpcOrigin:VpcOrigin")
    endpoint = record.inputs["vpcOriginEndpointConfig"]
    assert endpoint["arn"] == balancer["LoadBalancerArn"]
    assert endpoint["originProtocolPolicy"] == ("https-only" if local_env.promise.domain else "http-only")
    (wanted,) = local_env.only("cloudfront/distribution:Distribution").inputs["origins"]
    assert wanted["vpcOriginConfig"]["vpcOriginId"] == record.id
    assert wanted["vpcOriginConfig"]["originReadTimeout"] == local_env.promise.read_timeout_seconds


def test_web_acl_guards_the_edge(web_acl: dict[str, Any], distribution: dict[str, Any]) -> None:
    assert distribution["WebACLId"] == web_acl["ARN"]
    assert web_acl["DefaultAction"] == {"Allow": {}}
    rules = {rule["Name"]: rule for rule in web_acl["Rules"]}
    assert rules["Rate"]["Statement"]["RateBasedStatement"]["Limit"] == 2000
    assert rules["SignInRate"]["Statement"]["RateBasedStatement"]["Limit"] == 20
    assert rules["Rate"]["Action"] == {"Block": {"CustomResponse": {"ResponseCode": 429}}}
    managed = {name: r["Statement"]["ManagedRuleGroupStatement"] for name, r in rules.items() if "OverrideAction" in r}
    assert set(managed) == set(MANAGED_GROUPS)
    counted = {o["Name"] for group in managed.values() for o in group.get("RuleActionOverrides", [])}
    assert "SizeRestrictions_BODY" in counted
    assert all(rule["OverrideAction"] == {"None": {}} for rule in rules.values() if "OverrideAction" in rule)
    assert all(rule["VisibilityConfig"]["CloudWatchMetricsEnabled"] for rule in rules.values())


def test_rules_refer_to_pattern_sets_that_exist(local_env: LocalEnvironment, web_acl: dict[str, Any]) -> None:
    waf = local_env.aws("wafv2")
    sets = waf.list_regex_pattern_sets(Scope="CLOUDFRONT")["RegexPatternSets"]
    (admin,) = [rule for rule in web_acl["Rules"] if rule["Name"] == "AdminPlane"]
    public = admin["Statement"]["AndStatement"]["Statements"][0]["NotStatement"]["Statement"]
    arn = public["RegexPatternSetReferenceStatement"]["ARN"]
    (summary,) = [found for found in sets if found["ARN"] == arn]
    found = waf.get_regex_pattern_set(Name=summary["Name"], Scope="CLOUDFRONT", Id=summary["Id"])["RegexPatternSet"]
    assert any("prediction/" in each["RegexString"] for each in found["RegularExpressionList"])


def test_blocked_requests_are_logged_without_credentials(local_env: LocalEnvironment, web_acl: dict[str, Any]) -> None:
    found = local_env.aws("wafv2").get_logging_configuration(ResourceArn=web_acl["ARN"])["LoggingConfiguration"]
    assert found["LogDestinationConfigs"] == [local_env.only("cloudwatch/logGroup:LogGroup", "edge").outputs["arn"]]
    redacted = {field["SingleHeader"]["Name"] for field in found["RedactedFields"]}
    assert redacted == {"authorization", "cookie"}
    assert found["LoggingFilter"]["DefaultBehavior"] == "DROP"
    (kept,) = found["LoggingFilter"]["Filters"]
    assert kept["Behavior"] == "KEEP"
    assert [condition["ActionCondition"]["Action"] for condition in kept["Conditions"]] == ["BLOCK", "COUNT"]


def test_name_leads_to_the_edge(local_env: LocalEnvironment) -> None:
    route53, name = local_env.aws("route53"), local_env.promise.domain
    zones = route53.list_hosted_zones()["HostedZones"]
    if not name:
        assert zones == []
        return
    (zone,) = zones
    found = route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
    target = local_env.only("cloudfront/distribution:Distribution").outputs["domainName"]
    aliases = {record["Type"]: record["AliasTarget"]["DNSName"] for record in found if "AliasTarget" in record}
    assert aliases == {"A": target, "AAAA": target}
    assert {record.inputs["zoneId"] for record in local_env.all("route53/record:Record")} == {"Z0123456789ABCDEFGHIJ"}


def test_certificate_is_validated_through_dns(local_env: LocalEnvironment) -> None:
    for record in local_env.all("acm/certificate:Certificate"):
        certificate = local_env.aws("acm", REGION).describe_certificate(CertificateArn=record.id)["Certificate"]
        assert certificate["DomainName"] == local_env.promise.domain
        assert record.inputs["validationMethod"] == "DNS"  # moto says so whatever it was told
        (option,) = certificate["DomainValidationOptions"]
        proof = local_env.only("route53/record:Record", "site").inputs
        assert proof["name"] == option["ResourceRecord"]["Name"]
        assert proof["records"] == [option["ResourceRecord"]["Value"]]
        validation = local_env.only("acm/certificateValidation:CertificateValidation").inputs
        assert validation["certificateArn"] == record.id
