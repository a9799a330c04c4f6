"""The entry point through the cluster's own ingress controller, in place of CloudFront and load balancer."""

from functools import cache
from typing import Any

import pytest

from analysis.recorder import Recording
from tests.components import schemas
from tests.conftest import STACKS, recorded_with

INGRESS: dict[str, Any] = {
    "class_name": "nginx",
    "host": "ai.example.org",
    "tls_secret_name": "flowise-tls",
    "annotations": {"nginx.ingress.kubernetes.io/proxy-body-size": "50m"},
}
REPLACED = ("PrivateLoadBalancer", "SiteCertificate", "EdgeCdn")


@cache
def with_ingress(stack: str, *, preview: bool = False, **edits: str | None) -> Recording:
    """Record a stack whose entry point is an ingress; None removes one of its keys."""
    section = {key: value for key, value in {**INGRESS, **edits}.items() if value is not None}
    sections = {"ingress": section, "domain": None, "edge": None, "load_balancer": None}
    return recorded_with(stack, sections, preview=preview)


@pytest.fixture(scope="module", params=STACKS)
def exposed(request: pytest.FixtureRequest) -> Recording:
    """Each stack in turn, with an ingress."""
    return with_ingress(str(request.param))


def environment(recording: Recording) -> dict[str, str]:
    """What the servers are told."""
    return recording.only("kubernetes:core/v1:ConfigMap", "flowise").inputs["data"]


def test_the_ingress_leads_to_the_service_of_the_servers(exposed: Recording) -> None:
    ingress = exposed.only("kubernetes:networking.k8s.io/v1:Ingress").inputs
    service = exposed.only("kubernetes:core/v1:Service", "flowise").inputs
    backend = {
        "service": {"name": service["metadata"]["name"], "port": {"number": service["spec"]["ports"][0]["port"]}}
    }
    assert ingress["metadata"]["namespace"] == service["metadata"]["namespace"] == "flowise"
    assert ingress["metadata"]["annotations"] == INGRESS["annotations"]
    assert ingress["spec"] == {
        "ingressClassName": "nginx",
        "rules": [
            {
                "host": "ai.example.org",
                "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]},
            }
        ],
        "tls": [{"hosts": ["ai.example.org"], "secretName": "flowise-tls"}],
    }


def test_it_matches_the_schema_of_the_clusters_version(exposed: Recording) -> None:
    version = exposed.only("aws:eks/cluster:Cluster").inputs["version"]
    ingress = exposed.only("kubernetes:networking.k8s.io/v1:Ingress")
    schemas.validate(ingress.inputs, version)


def test_what_it_replaces_is_not_made(exposed: Recording) -> None:
    assert not [r.urn for r in exposed.records if r.type.rsplit(":", 1)[1] in REPLACED]
    modules = ("aws:lb/", "aws:cloudfront/", "aws:wafv2/", "aws:acm/", "aws:route53/")
    assert not [r.urn for r in exposed.records if r.type.startswith(modules)]
    assert not exposed.of_type("kubernetes:eks.amazonaws.com/v1:TargetGroupBinding")


def test_it_opens_only_when_the_owner_exists(exposed: Recording) -> None:
    """Otherwise the first outsider to register would own the instance."""
    owner = exposed.only("kubernetes:batch/v1:Job", "flowise-owner")
    assert owner.urn in exposed.only("kubernetes:networking.k8s.io/v1:Ingress").depends_on


def test_pods_start_after_migration_and_identity(exposed: Recording) -> None:
    before = {
        exposed.only("kubernetes:batch/v1:Job", "flowise-migration").urn,
        exposed.only("aws:eks/podIdentityAssociation:PodIdentityAssociation", "flowise").urn,
    }
    ingress = exposed.only("kubernetes:networking.k8s.io/v1:Ingress").urn
    for deployment in exposed.of_type("kubernetes:apps/v1:Deployment"):
        if deployment.inputs["metadata"]["namespace"] != "flowise":
            continue
        assert deployment.depends_on >= before
        assert ingress not in deployment.depends_on, "it waits for the owner, who waits for the pods"


def test_flowise_knows_its_name_and_that_there_is_one_proxy(exposed: Recording) -> None:
    told = environment(exposed)
    assert told["APP_URL"] == "https://ai.example.org"
    assert told["TRUST_PROXY"] == "1"
    assert int(told["FLOWISE_KEEP_ALIVE_SECONDS"]) > 90, "controllers keep idle connections up to 90 s"
    assert "FLOWISE_EDGE_PROTO" not in told, "the controller ends TLS and says so itself"


def test_people_get_the_hosts_url(exposed: Recording) -> None:
    assert exposed.exports["url"] == "https://ai.example.org"


def test_without_a_certificate_of_ours_pods_are_told_that_people_use_https() -> None:
    recording = with_ingress("dev", tls_secret_name=None, annotations=None)
    ingress = recording.only("kubernetes:networking.k8s.io/v1:Ingress").inputs
    assert "tls" not in ingress["spec"]
    schemas.validate(ingress, "1.36")
    assert environment(recording)["FLOWISE_EDGE_PROTO"] == "https"
    assert recording.exports["url"] == "https://ai.example.org"


@pytest.mark.parametrize("stack", STACKS)
def test_a_preview_of_an_empty_account_shows_every_resource(stack: str) -> None:
    shown, made = with_ingress(stack, preview=True), with_ingress(stack)
    assert {(r.urn, r.protect) for r in shown.records} == {(r.urn, r.protect) for r in made.records}
