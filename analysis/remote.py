"""What the remote components make: `awsx.ec2.Vpc` and `eks.Cluster`, expanded into native resources.

Both run inside their own plugin, so the program sees one opaque resource. The lists here follow the sources of
pulumi-awsx 3.11 and pulumi-eks 4.4 for the inputs that this program gives; they are what a plan counts and moto makes.
"""

import json
from collections.abc import Callable
from typing import cast

from analysis.recorder import Created, Expansion, Request
from analysis.wire import Properties, reference

Make = Callable[[str, str, Properties], Created]


class CannotExpandError(Exception):
    """A remote component was given something that its real plugin refuses."""


def expand_vpc(request: Request, make: Make) -> Created:
    """`awsx.ec2.Vpc`: VPC, gateway, subnets, route tables, NAT gateways and endpoints, over the named zones."""
    inputs, name = request.inputs, request.name
    zones = cast("list[str]", inputs["availabilityZoneNames"])
    tags: Properties = {"Name": name}
    vpc = make(
        "aws:ec2/vpc:Vpc",
        name,
        {"cidrBlock": inputs["cidrBlock"], "enableDnsHostnames": True, "enableDnsSupport": True, "tags": tags},
    )
    gateway = make("aws:ec2/internetGateway:InternetGateway", name, {"vpcId": vpc.id, "tags": tags})
    strategy = inputs["natGateways"]["strategy"]
    single_nat = strategy == "Single"
    subnets: dict[str, list[str]] = {"Public": [], "Private": [], "Isolated": []}
    route_tables: list[str] = []
    nats: list[Created] = []
    layout = _subnet_layout(len(zones), cast("list[Properties]", inputs["subnetSpecs"]))
    # Public subnets first: NAT gateways live in them, and private routes lead there.
    for spec, zone_index, cidr in sorted(layout, key=lambda entry: entry[0]["type"] != "Public"):
        kind = cast("str", spec["type"])
        subnet_name = f"{name}-{spec['name']}-{zone_index + 1}"
        subnet = make(
            "aws:ec2/subnet:Subnet",
            subnet_name,
            {
                "vpcId": vpc.id,
                "cidrBlock": cidr,
                "availabilityZone": zones[zone_index],
                "mapPublicIpOnLaunch": kind == "Public",
                "tags": {"Name": subnet_name, "SubnetType": kind, **cast("Properties", spec.get("tags") or {})},
            },
        )
        subnets[kind].append(subnet.id)
        table = make(
            "aws:ec2/routeTable:RouteTable",
            subnet_name,
            {"vpcId": vpc.id, "tags": {"Name": subnet_name, "SubnetType": kind}},
        )
        route_tables.append(table.id)
        make(
            "aws:ec2/routeTableAssociation:RouteTableAssociation",
            subnet_name,
            {"subnetId": subnet.id, "routeTableId": table.id},
        )
        route: Properties = {"routeTableId": table.id, "destinationCidrBlock": "0.0.0.0/0"}
        if kind == "Public":
            make("aws:ec2/route:Route", subnet_name, route | {"gatewayId": gateway.id})
            if strategy == "OnePerAz" or (single_nat and zone_index == 0):
                nat_name = f"{name}-{zone_index + 1}"
                address = make("aws:ec2/eip:Eip", nat_name, {"tags": {"Name": nat_name}})
                nat = make(
                    "aws:ec2/natGateway:NatGateway",
                    nat_name,
                    {"subnetId": subnet.id, "allocationId": address.id, "tags": {"Name": nat_name}},
                )
                nats.append(nat)
        elif kind == "Private" and strategy != "None":
            nat = nats[0 if single_nat else zone_index]
            make("aws:ec2/route:Route", subnet_name, route | {"natGatewayId": nat.id})
    for endpoint in cast("list[Properties]", inputs.get("vpcEndpointSpecs") or []):
        service = cast("str", endpoint["serviceName"])
        make(
            "aws:ec2/vpcEndpoint:VpcEndpoint",
            service,
            {
                "vpcId": vpc.id,
                "serviceName": service,
                "vpcEndpointType": endpoint["vpcEndpointType"],
                "routeTableIds": route_tables,
                "tags": tags,
            },
        )
    return Created(
        id="",
        outputs={
            "vpcId": vpc.id,
            "publicSubnetIds": subnets["Public"],
            "privateSubnetIds": subnets["Private"],
            "isolatedSubnetIds": subnets["Isolated"],
            "natGateways": [reference(nat.urn, nat.id) for nat in nats],
        },
    )


def _subnet_layout(zone_count: int, specs: list[Properties]) -> list[tuple[Properties, int, str]]:
    """Addresses of every subnet, zone by zone; awsx refuses another number of blocks than of zones."""
    for spec in specs:
        if len(spec["cidrBlocks"]) != zone_count:
            raise CannotExpandError(f"subnets '{spec['name']}': {len(spec['cidrBlocks'])} blocks, {zone_count} zones")
    return [(spec, index, str(spec["cidrBlocks"][index])) for index in range(zone_count) for spec in specs]


_CLUSTER_POLICIES = (
    "AmazonEKSClusterPolicy",
    "AmazonEKSComputePolicy",
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
)
_NODE_POLICIES = ("AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly")


def expand_cluster(request: Request, make: Make) -> Created:
    """`eks.Cluster` in Auto Mode without node groups: two roles and the cluster."""
    inputs, name = request.inputs, request.name
    service_role = _role(make, f"{name}-eksRole-role", "eks.amazonaws.com", _CLUSTER_POLICIES, tag_session=True)
    node_role = _role(make, f"{name}-nodeRole-role", "ec2.amazonaws.com", _NODE_POLICIES, tag_session=False)
    auto_mode = cast("Properties", inputs["autoMode"])
    encryption_key = inputs.get("encryptionConfigKeyArn")
    cluster = make(
        "aws:eks/cluster:Cluster",
        f"{name}-eksCluster",
        {
            "name": inputs["name"],
            "version": inputs["version"],
            "roleArn": service_role.outputs.get("arn", ""),
            "accessConfig": {
                "authenticationMode": inputs["authenticationMode"],
                "bootstrapClusterCreatorAdminPermissions": True,
            },
            "bootstrapSelfManagedAddons": False,
            "computeConfig": {
                "enabled": True,
                "nodePools": auto_mode["computeConfig"]["nodePools"],
                "nodeRoleArn": node_role.outputs.get("arn", ""),
            },
            "storageConfig": {"blockStorage": {"enabled": True}},
            "kubernetesNetworkConfig": {
                "elasticLoadBalancing": {"enabled": True},
                "ipFamily": "ipv4",
                "serviceIpv4Cidr": inputs["kubernetesServiceIpAddressRange"],
            },
            "vpcConfig": {
                "subnetIds": inputs.get("privateSubnetIds") or [],
                "endpointPrivateAccess": inputs["endpointPrivateAccess"],
                "endpointPublicAccess": inputs["endpointPublicAccess"],
                **({"publicAccessCidrs": inputs["publicAccessCidrs"]} if inputs.get("publicAccessCidrs") else {}),
            },
            "tags": {"Name": f"{name}-eksCluster"},
            "enabledClusterLogTypes": inputs["enabledClusterLogTypes"],
            "encryptionConfig": {"provider": {"keyArn": encryption_key}, "resources": ["secrets"]},
            "deletionProtection": inputs.get("deletionProtection", False),
            "upgradePolicy": inputs.get("upgradePolicy"),
        },
    )
    kubeconfig = {"apiVersion": "v1", "kind": "Config", "current-context": inputs["name"]}
    return Created(
        id="",
        outputs={
            "kubeconfigJson": json.dumps(kubeconfig),
            "autoModeNodeRoleName": node_role.id,
            "clusterSecurityGroupId": cluster.outputs.get("clusterSecurityGroupId") or f"sg-{cluster.id}",
        },
    )


def _role(make: Make, name: str, service: str, policies: tuple[str, ...], *, tag_session: bool) -> Created:
    actions = ["sts:AssumeRole", "sts:TagSession"] if tag_session else ["sts:AssumeRole"]
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": actions, "Principal": {"Service": [service]}}],
    }
    role = make("aws:iam/role:Role", name, {"assumeRolePolicy": json.dumps(trust)})
    partition = str(role.outputs.get("arn", "arn:aws")).split(":")[1]  # a preview knows no ARN
    for policy in policies:
        make(
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            f"{name}-{policy}",
            {"role": role.id, "policyArn": f"arn:{partition}:iam::aws:policy/{policy}"},
        )
    return role


EXPANSIONS: dict[str, Expansion] = {
    "awsx:ec2:Vpc": expand_vpc,
    "eks:index:Cluster": expand_cluster,
}
"""Expansions by type token, for `analysis.recorder.record`."""
