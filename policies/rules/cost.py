"""Guards against bills that nobody meant. Prices are those of us-east-1."""

import re
from collections.abc import Iterator

from policies.model import Resource, Stack, number, owner_rule, rule, stack_rule, text
from policies.rules.cache import GROUP
from policies.rules.database import INSTANCE
from policies.rules.network import VPC
from policies.rules.workloads import SCALED_OBJECT
from policies.unknown import those

_LARGEST = 4
"""Multiples of `xlarge` up to which an instance passes."""
_MOST_PODS = 50
_MOST_ENDPOINT_ZONES = 12


@stack_rule(fix="use one NAT gateway a zone (network.nat: per-zone), or one (single)")
def cost_nat_gateways(stack: Stack) -> Iterator[str]:
    """A NAT gateway costs 33 USD a month; more than one a zone carries nothing."""
    zones = {subnet.get("availabilityZone") for subnet in stack.of("aws:ec2/subnet:Subnet")}
    gateways = stack.of("aws:ec2/natGateway:NatGateway")
    if len(gateways) > len(zones):
        yield f"{len(gateways)} NAT gateways in {len(zones)} zones"


@owner_rule(VPC, fix="add an S3 endpoint of type Gateway to the VPC")
def cost_s3_gateway_endpoint(stack: Stack, _vpc: Resource) -> Iterator[str]:
    """Files that go to S3 through a NAT gateway cost 0.045 USD a GB; through the endpoint, nothing."""

    def serves_s3(endpoint: Resource) -> bool:
        return text(endpoint.get("serviceName")).endswith(".s3") and endpoint.get("vpcEndpointType") in (
            None,
            "Gateway",
        )

    if stack.of("aws:ec2/natGateway:NatGateway") and not those(stack.of("aws:ec2/vpcEndpoint:VpcEndpoint"), serves_s3):
        yield "S3 is reached through NAT gateways"


@stack_rule(fix="drop interface endpoints that save less than they cost", severity="advisory")
def cost_interface_endpoints(stack: Stack) -> Iterator[str]:
    """Each interface endpoint costs 7.30 USD a month and zone."""
    count = sum(
        max(1, len(endpoint.items("subnetIds")))
        for endpoint in stack.of("aws:ec2/vpcEndpoint:VpcEndpoint")
        if endpoint.get("vpcEndpointType") == "Interface"
    )
    if count > _MOST_ENDPOINT_ZONES:
        yield f"{count} endpoint zones, about {count * 7.3:.0f} USD a month"


@rule(INSTANCE, fix="choose a smaller instance_class, or except the rule with the reason", severity="advisory")
def cost_database_size(db: Resource) -> Iterator[str]:
    """Flowise's tables are small; above 4xlarge (about 1,000 USD a month) a slow query is the likelier cause."""
    if _times_xlarge(text(db.get("instanceClass"))) > _LARGEST:
        yield f"instanceClass is {db.get('instanceClass')}"


@rule(GROUP, fix="choose a smaller node_type, or except the rule with the reason", severity="advisory")
def cost_cache_size(group: Resource) -> Iterator[str]:
    """The queue holds jobs that wait, a few megabytes."""
    if _times_xlarge(text(group.get("nodeType"))) > _LARGEST:
        yield f"nodeType is {group.get('nodeType')}"


def _times_xlarge(size: str) -> int:
    found = re.search(r"\.(\d+)xlarge$", size)
    return int(found[1]) if found else 1


@rule(
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
    SCALED_OBJECT,
    fix="bound the number of pods, at most 50",
)
def cost_pods_bounded(scaler: Resource) -> Iterator[str]:
    """A flood of requests becomes a flood of machines."""
    key = "spec.maxReplicaCount" if scaler.type == SCALED_OBJECT else "spec.maxReplicas"
    count = number(scaler.get(key))
    if scaler.without(key):
        yield f"{key} is not set, so up to 100"
    elif count is not None and count > _MOST_PODS:
        yield f"{key} is {count:g}"


@rule(INSTANCE, fix="use storage_type gp3")
def cost_database_storage(db: Resource) -> Iterator[str]:
    """Provisioned IOPS cost several times as much, and old types are slower for the same money."""
    if db.lacks("storageType", "gp3", None):
        yield f"storageType is {db.get('storageType')}"


@rule("aws:cloudfront/distribution:Distribution", fix="use PriceClass_100 or PriceClass_200", severity="advisory")
def cost_price_class(distribution: Resource) -> Iterator[str]:
    """The farthest edge locations cost about twice as much a GB; people there can be served from the next ones."""
    if distribution.lacks("priceClass", "PriceClass_100", "PriceClass_200"):
        yield f"priceClass is {distribution.get('priceClass') or 'PriceClass_All'}"
