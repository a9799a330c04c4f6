"""Which connections the rendered network policies allow, as a table of flows."""

import ipaddress
from functools import cache
from typing import Any

import pytest

from analysis.recorder import Record, Recording
from components.common.networks import public_networks
from tests.components import schemas
from tests.components.policy_evaluator import Host, Policy, allowed
from tests.components.test_ingress import with_ingress
from tests.conftest import recorded, recorded_with

NETWORK_POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
NAME = {"app.kubernetes.io/name": "flowise", "app.kubernetes.io/part-of": "flowise"}
SMTP = {"host": "mail.example.com", "user": "flowise", "sender": "flowise@example.com"}


def policies(recording: Recording) -> list[Policy]:
    """What the stack renders."""
    return [record.inputs for record in recording.of_type(NETWORK_POLICY)]


@cache
def variant(name: str) -> list[Policy]:
    """Policies of a stack, by the name of one of its variants."""
    match name:
        case "dev" | "prod":
            return policies(recorded(name))
        case "ingress":
            return policies(with_ingress("dev", controller_namespace="gateway"))
        case "endpoints":
            return policies(recorded_with("dev", {"network.interface_endpoints": ["secretsmanager"]}))
        case "mail":
            return policies(recorded_with("prod", {"app.smtp": SMTP}, secrets={"smtp_password": "x"}))
        case "relay":
            relay = SMTP | {"port": 25, "private_cidr": "10.99.7.0/28"}
            return policies(recorded_with("prod", {"app.smtp": relay}, secrets={"smtp_password": "x"}))
        case "extra":
            extra = [{"cidr": "10.99.0.0/16", "ports": [8080, 443]}, {"cidr": "203.0.113.0/24", "ports": [5432]}]
            return policies(recorded_with("prod", {"app.egress": extra}))
        case _:
            raise AssertionError(name)


VARIANTS = ("dev", "prod", "ingress", "endpoints", "mail", "relay", "extra")


def pod(component: str, namespace: str = "flowise") -> Host:
    """A pod with an address in a private subnet of both stacks' first zones."""
    labels = NAME | {"app.kubernetes.io/component": component} if namespace == "flowise" else {"app": component}
    return Host(ip="10.20.3.4", namespace=namespace, labels=labels)


def at(ip: str) -> Host:
    """A machine, a load balancer, an AWS service."""
    return Host(ip=ip)


SERVER, WORKER, MIGRATION, OWNER = (pod(name) for name in ("server", "worker", "migration", "owner"))
OUTSIDER = Host(ip="10.20.3.4", namespace="flowise", labels={"app": "outsider"})
PUBLIC = at("140.82.112.3")
METADATA = at("169.254.169.254")
AGENT = at("169.254.170.23")
DNS = at("172.20.0.10")
API_SERVICE = at("172.20.0.1")
# The layout of the VPC: private subnets at x.0.0/19 and x.64.0/19, data subnets at x.36.0/22 and x.100.0/22.
DEV_DATA, DEV_PRIVATE = at("10.20.36.9"), at("10.20.70.9")
PROD_DATA, PROD_PRIVATE = at("10.30.164.9"), at("10.30.130.9")
# Labels of the pods of KEDA's chart 2.20.2, each with an address in a private subnet.
KEDA_OPERATOR, KEDA_METRICS, KEDA_WEBHOOKS = (
    Host(ip="10.30.3.8", namespace="keda", labels={"app": app})
    for app in ("keda-operator", "keda-operator-metrics-apiserver", "keda-admission-webhooks")
)
YES, NO = True, False

Flow = tuple[str, Host, Host, int, str, bool]
FLOWS: list[Flow] = [
    # Where servers and workers may go.
    ("dev", SERVER, DEV_DATA, 5432, "TCP", YES),
    ("prod", SERVER, PROD_DATA, 5432, "TCP", YES),
    ("prod", WORKER, PROD_DATA, 5432, "TCP", YES),
    ("prod", SERVER, PROD_DATA, 6379, "TCP", YES),
    ("prod", WORKER, PROD_DATA, 6379, "TCP", YES),
    ("dev", SERVER, DEV_DATA, 6379, "TCP", NO),  # main mode has no queue
    ("dev", SERVER, DEV_DATA, 22, "TCP", NO),
    ("dev", SERVER, DEV_PRIVATE, 5432, "TCP", NO),
    ("dev", SERVER, PUBLIC, 443, "TCP", YES),
    ("prod", WORKER, PUBLIC, 443, "TCP", YES),
    ("prod", WORKER, PUBLIC, 443, "UDP", NO),
    ("prod", WORKER, PUBLIC, 80, "TCP", NO),
    ("prod", WORKER, PUBLIC, 25, "TCP", NO),
    ("prod", WORKER, PUBLIC, 22, "TCP", NO),
    ("dev", SERVER, METADATA, 80, "TCP", NO),
    ("dev", SERVER, METADATA, 443, "TCP", NO),
    ("prod", WORKER, METADATA, 80, "TCP", NO),
    ("dev", SERVER, AGENT, 80, "TCP", YES),
    ("dev", SERVER, AGENT, 443, "TCP", NO),
    ("dev", SERVER, DNS, 53, "UDP", YES),
    ("dev", SERVER, DNS, 53, "TCP", YES),
    ("dev", SERVER, PUBLIC, 53, "UDP", NO),  # no tunnel through somebody else's DNS server
    ("dev", SERVER, API_SERVICE, 443, "TCP", NO),
    ("dev", SERVER, DEV_PRIVATE, 443, "TCP", NO),  # the control plane's interfaces
    ("prod", WORKER, API_SERVICE, 443, "TCP", NO),
    ("prod", WORKER, PROD_PRIVATE, 443, "TCP", NO),
    ("prod", SERVER, DEV_PRIVATE, 443, "TCP", NO),  # network.connected_cidrs
    ("dev", SERVER, pod("web", "other"), 8080, "TCP", NO),
    ("dev", SERVER, pod("web", "other"), 443, "TCP", NO),
    ("prod", WORKER, SERVER, 3000, "TCP", NO),
    ("dev", SERVER, at("192.168.1.1"), 443, "TCP", NO),
    ("dev", SERVER, at("100.64.0.1"), 443, "TCP", NO),
    # With settings for it.
    ("dev", SERVER, DEV_DATA, 443, "TCP", NO),
    ("endpoints", SERVER, DEV_DATA, 443, "TCP", YES),
    ("endpoints", MIGRATION, DEV_DATA, 443, "TCP", YES),
    ("endpoints", SERVER, DEV_PRIVATE, 443, "TCP", NO),
    ("dev", SERVER, PUBLIC, 587, "TCP", NO),
    ("mail", SERVER, PUBLIC, 587, "TCP", YES),
    ("mail", SERVER, PUBLIC, 25, "TCP", NO),
    ("mail", MIGRATION, PUBLIC, 587, "TCP", NO),
    ("mail", SERVER, at("10.99.7.3"), 587, "TCP", NO),
    ("relay", SERVER, at("10.99.7.3"), 25, "TCP", YES),
    ("relay", WORKER, at("10.99.7.3"), 25, "TCP", YES),
    ("relay", SERVER, at("10.99.7.3"), 587, "TCP", NO),
    ("relay", SERVER, at("10.99.7.20"), 25, "TCP", NO),
    ("relay", SERVER, PUBLIC, 25, "TCP", NO),
    ("relay", MIGRATION, at("10.99.7.3"), 25, "TCP", NO),
    ("extra", WORKER, at("10.99.1.1"), 8080, "TCP", YES),
    ("extra", SERVER, at("203.0.113.9"), 5432, "TCP", YES),
    ("extra", SERVER, at("203.0.113.9"), 443, "TCP", YES),
    ("extra", SERVER, at("10.98.1.1"), 8080, "TCP", NO),
    ("extra", MIGRATION, at("10.99.1.1"), 8080, "TCP", NO),
    ("prod", WORKER, at("10.99.1.1"), 8080, "TCP", NO),
    # The Jobs.
    ("dev", MIGRATION, DEV_DATA, 5432, "TCP", YES),
    ("prod", MIGRATION, PROD_DATA, 6379, "TCP", NO),
    ("dev", MIGRATION, PUBLIC, 443, "TCP", YES),  # Secrets Manager
    ("dev", MIGRATION, AGENT, 80, "TCP", YES),
    ("dev", MIGRATION, SERVER, 3000, "TCP", NO),
    ("dev", MIGRATION, METADATA, 80, "TCP", NO),
    ("dev", OWNER, SERVER, 3000, "TCP", YES),
    ("dev", OWNER, DNS, 53, "UDP", YES),
    ("ingress", OWNER, SERVER, 3000, "TCP", YES),
    ("dev", OWNER, SERVER, 22, "TCP", NO),
    ("dev", OWNER, DEV_DATA, 5432, "TCP", NO),
    ("dev", OWNER, PUBLIC, 443, "TCP", NO),
    ("dev", OWNER, AGENT, 80, "TCP", NO),
    # Into the pods.
    ("dev", DEV_PRIVATE, SERVER, 3000, "TCP", YES),  # the load balancer
    ("prod", PROD_PRIVATE, SERVER, 3000, "TCP", YES),
    ("dev", DEV_PRIVATE, SERVER, 9229, "TCP", NO),
    ("dev", at("10.20.33.7"), SERVER, 3000, "TCP", NO),  # a public subnet
    ("dev", DEV_DATA, SERVER, 3000, "TCP", NO),
    ("prod", DEV_PRIVATE, SERVER, 3000, "TCP", NO),  # another VPC
    ("prod", PROD_PRIVATE, WORKER, 3000, "TCP", NO),
    ("prod", SERVER, WORKER, 3000, "TCP", NO),
    ("prod", PROD_PRIVATE, MIGRATION, 3000, "TCP", NO),
    ("ingress", pod("controller", "gateway"), SERVER, 3000, "TCP", YES),
    ("ingress", pod("web", "other"), SERVER, 3000, "TCP", NO),
    ("ingress", DEV_PRIVATE, SERVER, 3000, "TCP", NO),
    ("ingress", pod("controller", "gateway"), SERVER, 9229, "TCP", NO),
    # A pod that is none of ours, in our namespace.
    ("dev", OUTSIDER, PUBLIC, 443, "TCP", NO),
    ("dev", OUTSIDER, DNS, 53, "UDP", NO),
    ("dev", at("10.20.33.7"), OUTSIDER, 80, "TCP", NO),
    # KEDA, of whose flows none goes to the internet.
    ("prod", KEDA_METRICS, KEDA_OPERATOR, 9666, "TCP", YES),
    ("prod", KEDA_METRICS, KEDA_OPERATOR, 8080, "TCP", NO),
    ("prod", KEDA_WEBHOOKS, KEDA_OPERATOR, 9666, "TCP", NO),
    ("prod", SERVER, KEDA_OPERATOR, 9666, "TCP", NO),
    ("prod", PROD_PRIVATE, KEDA_OPERATOR, 9666, "TCP", NO),
    ("prod", PROD_PRIVATE, KEDA_METRICS, 6443, "TCP", YES),  # the control plane, for the autoscaler
    ("prod", PROD_PRIVATE, KEDA_METRICS, 8080, "TCP", NO),
    ("prod", PROD_PRIVATE, KEDA_WEBHOOKS, 9443, "TCP", YES),  # the control plane, when a ScaledObject is written
    ("prod", PROD_PRIVATE, KEDA_WEBHOOKS, 8080, "TCP", NO),
    ("prod", PROD_DATA, KEDA_METRICS, 6443, "TCP", NO),
    ("prod", PUBLIC, KEDA_WEBHOOKS, 9443, "TCP", NO),
    *(
        flow
        for part in (KEDA_OPERATOR, KEDA_METRICS, KEDA_WEBHOOKS)
        for flow in (
            ("prod", part, DNS, 53, "UDP", YES),
            ("prod", part, API_SERVICE, 443, "TCP", YES),
            ("prod", part, PROD_PRIVATE, 443, "TCP", YES),  # the control plane's interfaces
            ("prod", part, PUBLIC, 443, "TCP", NO),
            ("prod", part, METADATA, 80, "TCP", NO),
            ("prod", part, AGENT, 80, "TCP", NO),
            ("prod", part, PROD_DATA, 5432, "TCP", NO),
            ("prod", part, SERVER, 3000, "TCP", NO),
        )
    ),
    ("prod", KEDA_OPERATOR, PROD_DATA, 6379, "TCP", YES),
    ("prod", KEDA_METRICS, PROD_DATA, 6379, "TCP", NO),
    ("prod", KEDA_WEBHOOKS, PROD_DATA, 6379, "TCP", NO),
    ("prod", Host(ip="10.30.3.9", namespace="keda", labels={"app": "outsider"}), API_SERVICE, 443, "TCP", NO),
    # A limit: behind a load balancer, whoever has an address in its subnets may knock. docs/decisions/0012.
    ("dev", pod("web", "other"), SERVER, 3000, "TCP", YES),
]


def test_flow() -> None:
    wrong = [str(flow) for flow in FLOWS if allowed(variant(flow[0]), *flow[1:5]) is not flow[5]]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", VARIANTS)
def test_policies_match_the_schema_and_none_uses_except(name: str) -> None:
    """The agent of EKS lets an `except` deny what another rule allows."""
    assert len(variant(name)) >= 4
    for policy in variant(name):
        schemas.validate(policy, "1.36")
        assert "except" not in str(policy)
        assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]


def test_pods_start_when_everything_is_denied_and_what_they_need_is_allowed(recording: Recording) -> None:
    made = [record for record in recording.of_type(NETWORK_POLICY) if _is_ours(record)]
    deny = recording.only(NETWORK_POLICY, "flowise-deny")
    assert deny.inputs["spec"]["podSelector"] == {}
    assert deny.depends_on >= {record.urn for record in made if record is not deny}
    workloads = [
        *(record for record in recording.of_type("kubernetes:apps/v1:Deployment") if _is_ours(record)),
        recording.only("kubernetes:batch/v1:Job", "flowise-migration"),
    ]
    for workload in workloads:
        assert workload.depends_on >= {record.urn for record in made}


def test_keda_starts_when_everything_is_denied_and_what_it_needs_is_allowed() -> None:
    recording = recorded("prod")
    made = [r for r in recording.of_type(NETWORK_POLICY) if r.inputs["metadata"]["namespace"] == "keda"]
    assert len(made) == 4
    deny = recording.only(NETWORK_POLICY, "keda-deny")
    assert deny.depends_on >= {record.urn for record in made if record is not deny}
    release = recording.only("kubernetes:helm.sh/v3:Release", "keda")
    assert release.depends_on >= {record.urn for record in made}


def test_subnets_of_an_existing_vpc_are_looked_up() -> None:
    existing = {
        "vpc_id": "vpc-0123456789abcdef0",
        "private_subnet_ids": ["subnet-0123456789abcdef1", "subnet-0123456789abcdef2"],
        "data_subnet_ids": ["subnet-0123456789abcdef3", "subnet-0123456789abcdef4"],
    }
    server = recorded_with("dev", {"network.existing": existing}).only(NETWORK_POLICY, "flowise-server").inputs
    sources = [peer["ipBlock"]["cidr"] for peer in server["spec"]["ingress"][0]["from"]]
    assert len(set(sources)) == 2
    assert all(cidr.startswith("10.250.") for cidr in sources)


def test_the_internet_is_everything_but_what_was_taken_away() -> None:
    taken = ["10.20.0.0/16", "8.8.8.0/24"]
    networks = [ipaddress.IPv4Network(cidr) for cidr in public_networks(taken)]
    assert not any(a.overlaps(b) for a in networks for b in networks if a is not b)
    left = 2**32 - sum(network.num_addresses for network in networks)
    special = (
        3 * 2**24 + 2**22 + 2**20 + 2 * 2**16 + 2**17 + 2**29
    )  # 0, 10, 127; 100.64; 172.16; 192.168, link-local; ...
    assert left == special + 2**8
    assert not any(ipaddress.IPv4Address("8.8.8.8") in network for network in networks)


# The evaluator itself, over policies that a reader can decide.
def hand_made(spec: dict[str, Any]) -> list[Policy]:
    """One policy in namespace `a`."""
    return [{"metadata": {"namespace": "a"}, "spec": {"podSelector": {}, **spec}}]


WEB, DB = (Host(ip=f"10.0.0.{n}", namespace="a", labels={"app": name}) for n, name in enumerate(("web", "db")))
ELSEWHERE = Host(ip="10.0.0.9", namespace="b", labels={"app": "web"})
OUTSIDE = Host(ip="192.0.2.1")
PORT_80 = [{"port": 80}]


DECISIONS: list[tuple[dict[str, Any], Host, Host, int, str, bool]] = [
    ({"policyTypes": ["Egress"]}, WEB, OUTSIDE, 80, "TCP", NO),
    ({"policyTypes": ["Egress"]}, OUTSIDE, WEB, 80, "TCP", YES),
    ({"policyTypes": ["Ingress"]}, WEB, OUTSIDE, 80, "TCP", YES),
    ({}, OUTSIDE, WEB, 80, "TCP", NO),
    ({}, WEB, OUTSIDE, 80, "TCP", YES),
    ({"egress": [{}]}, WEB, OUTSIDE, 80, "TCP", YES),
    ({}, ELSEWHERE, OUTSIDE, 80, "TCP", YES),
    ({"podSelector": {"matchLabels": {"app": "db"}}}, OUTSIDE, WEB, 80, "TCP", YES),
    ({"podSelector": {"matchLabels": {"app": "db"}}}, OUTSIDE, DB, 80, "TCP", NO),
    ({"ingress": [{"ports": PORT_80}]}, OUTSIDE, WEB, 80, "TCP", YES),
    ({"ingress": [{"ports": PORT_80}]}, OUTSIDE, WEB, 80, "UDP", NO),
    ({"ingress": [{"ports": PORT_80}]}, OUTSIDE, WEB, 81, "TCP", NO),
    ({"ingress": [{"ports": [{"port": 80, "endPort": 90}]}]}, OUTSIDE, WEB, 81, "TCP", YES),
    ({"ingress": [{"from": [{"podSelector": {}}]}]}, DB, WEB, 80, "TCP", YES),
    ({"ingress": [{"from": [{"podSelector": {}}]}]}, ELSEWHERE, WEB, 80, "TCP", NO),
    ({"ingress": [{"from": [{"namespaceSelector": {}}]}]}, ELSEWHERE, WEB, 80, "TCP", YES),
    ({"ingress": [{"from": [{"namespaceSelector": {}}]}]}, OUTSIDE, WEB, 80, "TCP", NO),
    (
        {"ingress": [{"from": [{"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "db"}}}]}]},
        ELSEWHERE, WEB, 80, "TCP", NO,
    ),
    ({"ingress": [{"from": [{"ipBlock": {"cidr": "192.0.2.0/24"}}]}]}, OUTSIDE, WEB, 80, "TCP", YES),
    (
        {"ingress": [{"from": [{"ipBlock": {"cidr": "192.0.2.0/24", "except": ["192.0.2.0/30"]}}]}]},
        OUTSIDE, WEB, 80, "TCP", NO,
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", DECISIONS, ids=str)
def test_the_evaluator_decides_as_kubernetes_does(row: tuple[dict[str, Any], Host, Host, int, str, bool]) -> None:
    spec, source, destination, port, protocol, expected = row
    assert allowed(hand_made(spec), source, destination, port, protocol) is expected


def test_policies_add_up() -> None:
    both = [*hand_made({"policyTypes": ["Ingress"]}), *hand_made({"ingress": [{"ports": PORT_80}]})]
    assert allowed(both, OUTSIDE, WEB, 80)
    assert not allowed(both, OUTSIDE, WEB, 81)


def _is_ours(record: Record) -> bool:
    """Whether it is in Flowise's namespace; others have policies of their own."""
    return record.inputs["metadata"]["namespace"] == "flowise"


@pytest.mark.parametrize(
    ("expression", "verdict"),
    [
        ({"key": "app", "operator": "In", "values": ["flowise"]}, True),
        ({"key": "app", "operator": "In", "values": ["keda"]}, False),
        ({"key": "app", "operator": "NotIn", "values": ["flowise"]}, False),
        ({"key": "other", "operator": "NotIn", "values": ["flowise"]}, True),
        ({"key": "app", "operator": "Exists"}, True),
        ({"key": "app", "operator": "DoesNotExist"}, False),
    ],
)
def test_the_evaluator_reads_every_kind_of_selector(expression: dict[str, Any], verdict: Any) -> None:
    policy: Policy = {
        "metadata": {"namespace": "a"},
        "spec": {"podSelector": {"matchExpressions": [expression]}, "policyTypes": ["Ingress"], "ingress": []},
    }
    pod = Host(ip="10.0.0.1", namespace="a", labels={"app": "flowise"})
    assert allowed([policy], Host(ip="10.0.0.2"), pod, 80) != verdict, "a pod that is selected admits nobody"


def test_the_evaluator_refuses_a_port_by_name() -> None:
    policy: Policy = {
        "metadata": {"namespace": "a"},
        "spec": {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"ports": [{"port": "http"}]}]},
    }
    with pytest.raises(TypeError, match="write the number"):
        allowed([policy], Host(ip="10.0.0.2"), Host(ip="10.0.0.1", namespace="a"), 80)
