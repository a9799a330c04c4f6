"""The entry point to Flowise: a load balancer's target group, or an ingress of the cluster's own controller."""

from collections.abc import Mapping
from typing import Final

import pulumi
from pulumi_kubernetes import core, networking
from pulumi_kubernetes.apiextensions import CustomResource

from components.app.ingress import IngressSettings
from components.app.scope import Scope, labels, name_of
from components.common.connections import ClusterAccess, LoadBalancerAccess
from components.common.http import HTTP_PORT, KEEP_ALIVE_MARGIN_SECONDS
from components.common.ordering import known_after

Exposure = LoadBalancerAccess | IngressSettings
"""Who sends requests to the server pods."""

SERVICE: Final = "flowise"
"""Name of the Service of the server pods."""

_INGRESS_IDLE_SECONDS = 120
"""Longest that a controller is expected to keep an idle connection: ingress-nginx and an ALB 60 s, Traefik 90 s."""


def exposure_config(exposure: Exposure) -> dict[str, pulumi.Input[str]]:
    """Environment that depends on what is in front of the pods.

    Flowise's session cookie is Secure: it is set only on a request that Express takes for HTTPS.
    """
    match exposure:
        case IngressSettings():
            idle_seconds = _INGRESS_IDLE_SECONDS
            # A controller that ends TLS says so in X-Forwarded-Proto. Where something else ends it, it may say HTTP.
            ends_tls = exposure.tls_secret_name is not None
            config = {"TRUST_PROXY": "1", "APP_URL": f"https://{exposure.host}"}
        case LoadBalancerAccess():
            idle_seconds = exposure.idle_timeout_seconds
            # Without a certificate of ours CloudFront speaks HTTP to the load balancer, whose header then says so.
            ends_tls = exposure.site is not None
            config = {"TRUST_PROXY": "2" if exposure.behind_cloudfront else "1"}  # with or without CloudFront
            if exposure.site:
                config["APP_URL"] = f"https://{exposure.site.name}"
    if not ends_tls:
        config["FLOWISE_EDGE_PROTO"] = "https"  # the preload puts the protocol right that people really used
    return {**config, "FLOWISE_KEEP_ALIVE_SECONDS": str(idle_seconds + KEEP_ALIVE_MARGIN_SECONDS)}


def server_service(scope: Scope, resource_name: str) -> core.v1.Service:
    """Make the address of the server pods inside the cluster."""
    return core.v1.Service(
        resource_name,
        # Without endpoints until the pods are ready, and those may wait for a binding: not to be awaited.
        metadata=scope.metadata(SERVICE, "server", {"pulumi.com/skipAwait": "true"}),
        spec=core.v1.ServiceSpecArgs(
            type="ClusterIP",
            selector=labels("server"),
            ports=[core.v1.ServicePortArgs(name="http", port=HTTP_PORT, target_port="http")],
        ),
        opts=scope.options(),
    )


def target_group_binding(
    scope: Scope, resource_name: str, service: core.v1.Service, target_group_arn: pulumi.Input[str]
) -> CustomResource:
    """Let the cluster fill a target group with the server pods; it must be there before they start."""
    return CustomResource(
        resource_name,
        api_version="eks.amazonaws.com/v1" if scope.cluster.auto_mode else "elbv2.k8s.aws/v1beta1",
        kind="TargetGroupBinding",
        metadata=scope.metadata(SERVICE, "server"),
        spec={
            "serviceRef": {"name": name_of(service.metadata), "port": HTTP_PORT},
            "targetGroupARN": target_group_arn,
            "targetType": "ip",
        },
        opts=scope.options(),
    )


def readiness_gate(cluster: ClusterAccess) -> Mapping[str, str]:
    """Label of the namespace by which a new pod counts as ready only when the load balancer sends to it."""
    group = "eks.amazonaws.com" if cluster.auto_mode else "elbv2.k8s.aws"
    return {f"{group}/pod-readiness-gate-inject": "enabled"}


def ingress_url(
    scope: Scope,
    resource_name: str,
    service: core.v1.Service,
    settings: IngressSettings,
    *,
    depends_on: pulumi.Resource,
) -> pulumi.Output[str]:
    """Make an ingress that leads to the server pods; returns where people reach it, known once it is there."""
    v1 = networking.v1
    backend = v1.IngressServiceBackendArgs(
        name=name_of(service.metadata), port=v1.ServiceBackendPortArgs(number=HTTP_PORT)
    )
    path = v1.HTTPIngressPathArgs(path="/", path_type="Prefix", backend=v1.IngressBackendArgs(service=backend))
    secret = settings.tls_secret_name
    ingress = v1.Ingress(
        resource_name,
        metadata=scope.metadata(SERVICE, "server", settings.all_annotations),
        spec=v1.IngressSpecArgs(
            ingress_class_name=settings.class_name,
            rules=[v1.IngressRuleArgs(host=settings.host, http=v1.HTTPIngressRuleValueArgs(paths=[path]))],
            tls=[v1.IngressTLSArgs(hosts=[settings.host], secret_name=secret)] if secret else None,
        ),
        opts=scope.options(depends_on=[depends_on]),
    )
    return pulumi.Output.format("https://{0}", known_after(settings.host, ingress))
