"""An ingress of AWS's load balancer controller: requests come from the subnets, not from pods."""

from typing import Any

import pytest

from analysis.recorder import Recording
from settings import SettingsError, parse_settings
from tests.conftest import edited, recorded_with

CLASS = {"class_name": "alb", "host": "ai.example.org"}
CERTIFICATE = "alb.ingress.kubernetes.io/certificate-arn"


def sections(**keys: Any) -> dict[str, Any]:
    """Prod with such an ingress."""
    return {"ingress": {**CLASS, **keys}, "domain": None, "edge": None, "load_balancer": None}


def sources(recording: Recording) -> list[dict[str, Any]]:
    """Who may send requests to the servers, without the Job that makes the owner."""
    policy = recording.only("kubernetes:networking.k8s.io/v1:NetworkPolicy", "flowise-server").inputs
    return [peer for peer in policy["spec"]["ingress"][0]["from"] if not peer.get("podSelector")]


@pytest.mark.parametrize("keys", [{}, {"class_name": "company-alb", "traffic_from": "subnets"}])
def test_its_requests_are_let_in_from_the_private_subnets(keys: dict[str, str]) -> None:
    recording = recorded_with("prod", sections(**keys))
    private = [
        r.inputs["cidrBlock"]
        for r in recording.of_type("aws:ec2/subnet:Subnet")
        if r.inputs.get("tags", {}).get("kubernetes.io/role/internal-elb")
    ]
    assert len(private) == 3
    assert [peer["ipBlock"]["cidr"] for peer in sources(recording)] == private


def test_another_controller_is_let_in_by_its_namespace() -> None:
    recording = recorded_with("prod", sections(class_name="nginx"))
    assert [list(peer) for peer in sources(recording)] == [["namespaceSelector"]]


def test_it_sends_to_pods_from_an_internal_load_balancer() -> None:
    ingress = recorded_with("prod", sections(annotations={CERTIFICATE: "arn:aws:acm:us-east-1:1:certificate/1"}))
    annotations = ingress.only("kubernetes:networking.k8s.io/v1:Ingress").inputs["metadata"]["annotations"]
    assert annotations == {
        "alb.ingress.kubernetes.io/target-type": "ip",
        "alb.ingress.kubernetes.io/scheme": "internal",
        CERTIFICATE: "arn:aws:acm:us-east-1:1:certificate/1",
    }


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"traffic_from": "controller"}, "sends from the addresses of its subnets"),
        ({"tls_secret_name": "flowise-tls"}, "reads no Secret"),
        ({"annotations": {"alb.ingress.kubernetes.io/target-type": "instance"}}, "the Service has none"),
        ({"annotations": {"alb.ingress.kubernetes.io/scheme": "internet-facing"}}, "use CloudFront"),
    ],
)
def test_what_would_never_answer_is_refused(keys: dict[str, Any], said: str) -> None:
    config = edited("prod", sections(**keys))
    with pytest.raises(SettingsError, match=said):
        parse_settings(config.values, config.secret_keys, "prod")
