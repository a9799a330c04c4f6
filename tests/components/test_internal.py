"""Internal only: who reaches what, from the rendered security group, listener and rules alone."""

import fnmatch
import ipaddress
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import pytest

from analysis.recorder import Recording
from components.common.planes import UNAUTHENTICATED
from settings import SettingsError, parse_settings
from tests.components.test_sign_in import SIGN_IN
from tests.conftest import edited, recorded, recorded_with

BUILDER, COLLEAGUE, PROGRAM = "10.8.4.7", "10.8.9.9", "10.64.3.3"
ELSEWHERE = "10.99.0.1"
LISTENER, RULE = "aws:lb/listener:Listener", "aws:lb/listenerRule:ListenerRule"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
Fate = Literal["through", "sign in", "401", "403"]
MANY = [f"10.8.{number}.0/24" for number in range(12)]


def internal() -> Recording:
    """The stack file of a company that reaches Flowise inside its network only."""
    return recorded("internal")


@cache
def signed() -> Recording:
    """The same, with sign-in and more admin networks than one rule takes."""
    edits = {"load_balancer.sign_in": SIGN_IN, "internal.admin_cidrs": MANY}
    return recorded_with("internal", edits, secrets={"oidc_client_secret": "s3cret"})


def fate(recording: Recording, path: str, source: str) -> Fate:
    """What happens to a request without a session, once it has reached the load balancer."""
    rules = sorted((r.inputs for r in recording.of_type(RULE)), key=lambda rule: int(rule["priority"]))
    actions = next(
        (rule["actions"] for rule in rules if all(_holds(c, path, source) for c in rule["conditions"])),
        recording.only(LISTENER).inputs["defaultActions"],
    )
    first = min(actions, key=lambda action: int(action.get("order", 1)))
    match first["type"]:
        case "forward":
            return "through"
        case "authenticate-oidc":
            return "401" if first["authenticateOidc"]["onUnauthenticatedRequest"] == "deny" else "sign in"
        case _:
            assert first["fixedResponse"]["statusCode"] == "403"
            return "403"


def _holds(condition: Mapping[str, Any], path: str, source: str) -> bool:
    ((kind, body),) = ((key, value) for key, value in condition.items() if value)
    if kind == "sourceIp":
        return any(ipaddress.ip_address(source) in ipaddress.ip_network(cidr) for cidr in body["values"])
    assert kind == "pathPattern"
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in body["values"])


def test_nothing_of_cloudfront_is_made() -> None:
    kinds = ("aws:cloudfront/", "aws:wafv2/")
    assert not [r.urn for r in internal().records if r.type.startswith(kinds)]
    assert not [r.name for r in internal().of_type("aws:cloudwatch/metricAlarm:MetricAlarm") if "edge" in r.name]
    assert internal().only("aws:lb/loadBalancer:LoadBalancer").inputs["internal"] is True


def test_only_the_listed_networks_are_let_in_and_only_to_https() -> None:
    group = internal().only("aws:ec2/securityGroup:SecurityGroup", "load-balancer").id
    rules = [r.inputs for r in internal().of_type(INGRESS_RULE) if r.inputs["securityGroupId"] == group]
    assert {rule["cidrIpv4"] for rule in rules} == {"10.64.0.0/16", "10.8.0.0/16", "10.9.0.0/16"}
    assert {(rule["fromPort"], rule["toPort"], rule["ipProtocol"]) for rule in rules} == {(443, 443, "tcp")}


def test_nobody_is_let_in_before_the_owner_exists() -> None:
    owner = internal().only("kubernetes:batch/v1:Job", "flowise-owner").urn
    opened = [r for r in internal().of_type(INGRESS_RULE) if r.name.startswith("internal-from-")]
    assert opened
    assert all(owner in rule.depends_on for rule in opened)


def test_a_rule_keeps_its_name_wherever_its_network_stands_in_the_list() -> None:
    turned = recorded_with("internal", {"internal.client_cidrs": ["10.9.0.0/16", "10.8.0.0/16", "10.64.0.0/16"]})
    assert {r.urn for r in turned.of_type(INGRESS_RULE)} == {r.urn for r in internal().of_type(INGRESS_RULE)}


@pytest.mark.parametrize("path", ["/", "/login", "/canvas/1", "/api/v1/chatflows", "/api/v1/auth/login"])
def test_the_admin_plane_is_for_its_networks(path: str) -> None:
    assert fate(internal(), path, BUILDER) == "through"
    assert fate(internal(), path, COLLEAGUE) == "403"
    assert fate(internal(), path, PROGRAM) == "403"


def test_every_path_goes_the_way_of_its_plane() -> None:
    for path, plane in UNAUTHENTICATED.items():
        assert fate(internal(), path, COLLEAGUE) == ("through" if plane == "public" else "403"), path
        assert fate(internal(), path, BUILDER) == "through", path


@pytest.mark.parametrize("source", ["10.8.0.7", "10.8.4.7", "10.8.11.250"])
def test_who_builds_flows_signs_in_first(source: str) -> None:
    assert fate(signed(), "/canvas/1", source) == "sign in"
    assert fate(signed(), "/oauth2/idpresponse", source) == "sign in", "the load balancer takes the code back here"
    assert fate(signed(), "/api/v1/chatflows", source) == "401"
    assert fate(signed(), "/api/v1/prediction/1", source) == "through"


def test_a_sign_in_is_offered_to_nobody_else() -> None:
    assert fate(signed(), "/canvas/1", PROGRAM) == "403"
    assert fate(signed(), "/api/v1/chatflows", PROGRAM) == "403"


def test_rules_keep_the_limits_of_a_load_balancer() -> None:
    rules = [r.inputs for r in signed().of_type(RULE)]
    assert len({rule["priority"] for rule in rules}) == len(rules) <= 100
    for rule in rules:
        values = [v for condition in rule["conditions"] for body in condition.values() if body for v in body["values"]]
        assert 1 <= len(values) <= 5


def test_pods_take_requests_from_the_load_balancers_subnets_alone() -> None:
    balancer = internal().only("aws:lb/loadBalancer:LoadBalancer").inputs
    subnets = {r.id: r.inputs["cidrBlock"] for r in internal().of_type("aws:ec2/subnet:Subnet")}
    wanted = {subnets[subnet] for subnet in balancer["subnets"]}
    policy = internal().only(POLICY, "flowise-server").inputs
    blocks = {
        peer["ipBlock"]["cidr"] for rule in policy["spec"]["ingress"] for peer in rule["from"] if peer.get("ipBlock")
    }
    assert blocks == wanted
    assert len(wanted) == 2


def test_flowise_is_told_its_name_and_one_proxy() -> None:
    told = internal().only("kubernetes:core/v1:ConfigMap", "flowise").inputs["data"]
    assert told["APP_URL"] == internal().exports["url"] == "https://flowise.corp.example.com"
    assert told["TRUST_PROXY"] == "1"
    assert recorded("prod").only("kubernetes:core/v1:ConfigMap", "flowise").inputs["data"]["TRUST_PROXY"] == "2"


def test_headers_of_cloudfront_are_the_load_balancers() -> None:
    listener = internal().only(LISTENER).inputs
    assert listener["routingHttpResponseStrictTransportSecurityHeaderValue"].startswith("max-age=31536000")
    assert listener["routingHttpResponseXContentTypeOptionsHeaderValue"] == "nosniff"
    assert listener["routingHttpResponseServerEnabled"] is False


def test_the_owner_of_the_zone_is_told_the_load_balancers_name() -> None:
    made = internal().only("aws:lb/loadBalancer:LoadBalancer").outputs
    assert internal().exports["dns_record"] == {
        "name": "flowise.corp.example.com",
        "type": "CNAME",
        "value": made["dnsName"],
        "alias_zone_id": made["zoneId"],
    }


def test_certificate_and_record_are_made_where_the_zone_is_ours() -> None:
    domain = {"name": "flowise.corp.example.com", "hosted_zone_id": "Z0123456789ABCDEFGHIJ"}
    recording = recorded_with("internal", {"domain": domain})
    (certificate,) = recording.of_type("aws:acm/certificate:Certificate")
    assert certificate.inputs["region"] == "eu-west-1"
    valid = recording.only("aws:acm/certificateValidation:CertificateValidation").inputs["certificateArn"]
    assert recording.only(LISTENER).inputs["certificateArn"] == valid
    alias = recording.only("aws:route53/record:Record", "internal").inputs["aliases"][0]
    assert alias["name"] == recording.only("aws:lb/loadBalancer:LoadBalancer").outputs["dnsName"]
    assert "dns_record" not in recording.exports


def test_a_preview_of_an_empty_account_shows_every_resource() -> None:
    shown = recorded("internal", preview=True)
    assert {(r.urn, r.protect) for r in shown.records} == {(r.urn, r.protect) for r in internal().records}


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ({"domain": None}, ["flowise:internal: needs a name and a certificate"]),
        ({"edge": {"admin_cidrs": ["203.0.113.0/24"]}}, ["flowise:edge: describes CloudFront", "flowise:internal"]),
        ({"ingress": {"class_name": "nginx", "host": "a.example.com"}}, ["flowise:ingress: is another entry point"]),
        ({"internal.client_cidrs": ["0.0.0.0/0"]}, ["internal.client_cidrs.0", "0.0.0.0/0 is everybody"]),
        ({"internal.client_cidrs": []}, ["flowise:internal.client_cidrs"]),
        (
            {"internal.client_cidrs": ["203.0.113.0/24", "10.8.0.0/16"]},
            ["flowise:internal.client_cidrs: 203.0.113.0/24 is public", "network.connected_cidrs"],
        ),
        ({"internal.admin_cidrs": ["10.77.0.0/16"]}, ["admin_cidrs 10.77.0.0/16: not in client_cidrs"]),
        (
            {"domain.regional_certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/1"},
            ["domain.regional_certificate_arn", "is in us-east-1; allowed: a certificate in eu-west-1"],
        ),
        (
            {"domain.edge_certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/1"},
            ["domain.edge_certificate_arn", "is for CloudFront"],
        ),
        (
            {"domain": {"name": "flowise.corp.example.com"}},
            ["domain.hosted_zone_id: is missing", "domain.regional_certificate_arn (eu-west-1)"],
        ),
        ({"network.nat": "none"}, ["flowise:network.nat", "ECR", "network.existing", "interface_endpoints"]),
    ],
)
def test_a_contradiction_is_refused_with_its_reason(edits: dict[str, Any], said: list[str]) -> None:
    config = edited("internal", edits)
    with pytest.raises(SettingsError) as refused:
        parse_settings(config.values, config.secret_keys, "internal")
    assert [words for words in said if words not in str(refused.value)] == [], str(refused.value)
