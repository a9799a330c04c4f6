"""Construct: what the remote components `awsx.ec2.Vpc` and `eks.Cluster` register with the engine, child by child.

Types, names, parents and options follow the sources of pulumi-awsx 3.11 (`awsx/ec2/vpc.ts`) and pulumi-eks 4.4
(`nodejs/eks/cluster/cluster.ts`, `authenticationMode.ts`, `nodejs/eks/servicerole.ts`), for the inputs that this
program gives. What these plugins refuse, this refuses too.
"""

# grpc's stubs carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportMissingTypeStubs=false

import hashlib
import importlib.metadata
import json
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import grpc
from pulumi.runtime.proto import resource_pb2_grpc

from analysis.wire import Properties, reference
from engine.provider.registrar import Child, From, Options, Registrar
from engine.provider.values import UNKNOWN, has_unknown

_CHANNEL = [("grpc.max_receive_message_length", 1024 * 1024 * 400)]
_EVERYWHERE = "0.0.0.0/0"


class ComponentError(Exception):
    """The component's plugin refuses its inputs."""


def construct(request: Any, kubeconfig: str = "") -> Any:
    """Answer `Construct`; an EKS cluster has the given kubeconfig instead of the one that asks AWS for a token."""
    build = COMPONENTS.get(request.type)
    if build is None:
        raise ComponentError(f"the providers construct no {request.type}: add it to engine/provider/components.py")
    with grpc.insecure_channel(request.monitorEndpoint, options=_CHANNEL) as channel:
        registrar = Registrar(request, resource_pb2_grpc.ResourceMonitorStub(channel), kubeconfig)
        urn = registrar.component(request.type, request.name)
        return registrar.finish(urn, build(registrar, urn))


def _vpc(make: Registrar, urn: str) -> Mapping[str, Any]:
    inputs, name = make.inputs, make.name
    zones = cast("list[str]", inputs["availabilityZoneNames"])
    tags = cast("Properties", inputs.get("tags") or {})
    shared = {"Name": name, **tags}
    vpc = make.child(
        "aws:ec2/vpc:Vpc",
        name,
        {
            "cidrBlock": inputs.get("cidrBlock", "10.0.0.0/16"),
            "enableDnsHostnames": inputs.get("enableDnsHostnames"),
            "enableDnsSupport": inputs.get("enableDnsSupport"),
            "tags": shared,
        },
        Options(parent=urn),
    )
    in_vpc = Options(parent=vpc.urn, depends_on=[vpc.urn])
    gateway = make.child(
        "aws:ec2/internetGateway:InternetGateway", name, {"vpcId": vpc.get("id"), "tags": shared}, in_vpc
    )
    strategy = str(cast("Properties", inputs.get("natGateways") or {}).get("strategy", "OnePerAz"))
    ids: dict[str, list[From]] = {"Public": [], "Private": [], "Isolated": []}
    tables: list[Child] = []
    nats: list[Child] = []
    for index, zone in enumerate(zones):
        for spec in sorted(_specs(inputs, len(zones)), key=lambda spec: spec["type"] != "Public"):
            kind, subnet_name = str(spec["type"]), f"{name}-{spec['name']}-{index + 1}"
            named = {**shared, **(spec.get("tags") or {}), "Name": subnet_name, "SubnetType": kind}
            subnet = make.child(
                "aws:ec2/subnet:Subnet",
                subnet_name,
                {
                    "vpcId": vpc.get("id"),
                    "availabilityZone": zone,
                    "mapPublicIpOnLaunch": kind == "Public",
                    "cidrBlock": spec["cidrBlocks"][index],
                    "tags": named,
                },
                in_vpc,
            )
            ids[kind].append(subnet.get("id"))
            table = _route_table(make, subnet_name, vpc, subnet, {**shared, "Name": subnet_name, "SubnetType": kind})
            tables.append(table)
            target: dict[str, Any] = {}
            if kind == "Public":
                if strategy == "OnePerAz" or (strategy == "Single" and not nats):
                    nats.append(_nat_gateway(make, f"{name}-{index + 1}", subnet, tags))
                target = {"gatewayId": gateway.get("id")}
            elif kind == "Private" and strategy != "None":
                target = {"natGatewayId": nats[0 if strategy == "Single" else index].get("id")}
            if target:
                route = {"routeTableId": table.get("id"), "destinationCidrBlock": _EVERYWHERE, **target}
                below = Options(parent=table.urn, depends_on=[table.urn])
                make.child("aws:ec2/route:Route", subnet_name, route, below)
    for endpoint in cast("list[Properties]", inputs.get("vpcEndpointSpecs") or []):
        service, kind = str(endpoint["serviceName"]), endpoint.get("vpcEndpointType")
        given = {
            "vpcId": vpc.get("id"),
            "serviceName": service,
            "vpcEndpointType": kind,
            "routeTableIds": [table.get("id") for table in tables] if kind == "Gateway" else None,
            "tags": {**shared, **cast("Properties", endpoint.get("tags") or {})},
        }
        make.child("aws:ec2/vpcEndpoint:VpcEndpoint", service, given, in_vpc)
    return {
        "vpcId": vpc.get("id"),
        "publicSubnetIds": ids["Public"],
        "privateSubnetIds": ids["Private"],
        "isolatedSubnetIds": ids["Isolated"],
        "natGateways": [From(value=reference(nat.urn, nat.id), urns=frozenset({nat.urn})) for nat in nats],
    }


def _specs(inputs: Properties, zone_count: int) -> list[Properties]:
    """Subnets with their addresses (`subnetDistributorNew.ts`: `validateAndNormalizeSubnetInputs`)."""
    specs = cast("list[Properties]", inputs.get("subnetSpecs") or [])
    for index, spec in enumerate(specs):
        blocks = cast("list[str]", spec.get("cidrBlocks") or [])
        if len(blocks) != zone_count:
            raise ComponentError(
                "Invalid subnet specifications:\n - The number of CIDR blocks in "
                f"subnetSpecs[{index}] must match the number of availability zones ({zone_count})."
            )
    return specs


def _route_table(make: Registrar, name: str, vpc: Child, subnet: Child, tags: Properties) -> Child:
    in_subnet = Options(parent=subnet.urn, depends_on=[subnet.urn])
    table = make.child("aws:ec2/routeTable:RouteTable", name, {"vpcId": vpc.get("id"), "tags": tags}, in_subnet)
    make.child(
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        name,
        {"routeTableId": table.get("id"), "subnetId": subnet.get("id")},
        Options(parent=table.urn, depends_on=[table.urn]),
    )
    return table


def _nat_gateway(make: Registrar, name: str, subnet: Child, tags: Properties) -> Child:
    in_subnet = Options(parent=subnet.urn, depends_on=[subnet.urn])
    address = make.child("aws:ec2/eip:Eip", name, {"tags": {**tags, "Name": name}}, in_subnet)
    return make.child(
        "aws:ec2/natGateway:NatGateway",
        name,
        {"subnetId": subnet.get("id"), "allocationId": address.get("id"), "tags": {**tags, "Name": name}},
        in_subnet,
    )


_CLUSTER_POLICIES = (
    "AmazonEKSClusterPolicy",
    "AmazonEKSComputePolicy",
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
)
_NODE_POLICIES = ("AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly")
_IGNORED = ("accessConfig.bootstrapClusterCreatorAdminPermissions", "bootstrapSelfManagedAddons")


def _cluster(make: Registrar, urn: str) -> Mapping[str, Any]:
    inputs, name = make.inputs, make.name
    _check_cluster(inputs)
    service_role = _service_role(
        make,
        f"{name}-eksRole",
        urn,
        "eks.amazonaws.com",
        _CLUSTER_POLICIES,
        actions=["sts:AssumeRole", "sts:TagSession"],
        description="Allows EKS to manage clusters on your behalf.",
    )
    node_role = _service_role(make, f"{name}-nodeRole", urn, "ec2.amazonaws.com", _NODE_POLICIES)
    roles = [service_role, node_role]
    cluster = make.child(
        "aws:eks/cluster:Cluster",
        f"{name}-eksCluster",
        _cluster_inputs(make, service_role[0], node_role[0]),
        Options(parent=urn, ignore_changes=_IGNORED, depends_on=[child.urn for role in roles for child in role]),
    )
    kubeconfig = _kubeconfig(cluster, make.kubeconfig)
    text = kubeconfig.value if kubeconfig.value == UNKNOWN else json.dumps(kubeconfig.value)
    make.child(
        "pulumi:providers:kubernetes",
        f"{name}-eks-k8s",
        {"kubeconfig": From(value=text, urns=kubeconfig.urns)},
        Options(parent=urn, version=importlib.metadata.version("pulumi-kubernetes")),
    )
    _access_entries(make, urn, cluster)
    network = cluster.get("vpcConfig")
    return {
        "kubeconfig": kubeconfig,
        "kubeconfigJson": From(value=text, urns=kubeconfig.urns),
        "autoModeNodeRoleName": node_role[0].get("name"),
        "clusterSecurityGroupId": From(value=_within(network.value, "clusterSecurityGroupId"), urns=network.urns),
    }


def _check_cluster(inputs: Properties) -> None:
    if inputs.get("publicAccessCidrs") and not inputs.get("endpointPublicAccess", True):
        raise ComponentError("`publicAccessCidrs` can only be set when `endpointPublicAccess` is true")
    if not (inputs.get("autoMode") or {}).get("enabled") or not inputs.get("skipDefaultNodeGroup"):
        raise ComponentError("only EKS Auto Mode without a default node group is constructed here")
    if inputs.get("authenticationMode") not in {"API", "API_AND_CONFIG_MAP"}:
        raise ComponentError(
            "Access entries are required when using EKS Auto Mode. "
            "Use the authentication mode 'API' or 'API_AND_CONFIG_MAP'."
        )


def _cluster_inputs(make: Registrar, service_role: Child, node_role: Child) -> Properties:
    inputs, name = make.inputs, make.name
    auto_mode = {"nodePools": ["general-purpose", "system"], **(inputs["autoMode"].get("computeConfig") or {})}
    key = make.given("encryptionConfigKeyArn")
    compute = {"enabled": True, "nodeRoleArn": node_role.get("arn"), **auto_mode}
    network = {
        "serviceIpv4Cidr": make.given("kubernetesServiceIpAddressRange"),
        "ipFamily": inputs.get("ipFamily", "ipv4"),
        "elasticLoadBalancing": {"enabled": True},
    }
    storage = {"blockStorage": {"enabled": True}}
    if has_unknown(node_role.get("arn").value):
        # The three parts of Auto Mode are either all known or all unknown (`autoModeConfig`).
        unknown = From(value=UNKNOWN, urns=node_role.get("arn").urns)
        compute = network = storage = cast("Any", unknown)
    return {
        "name": make.given("name"),
        "roleArn": service_role.get("arn"),
        "computeConfig": compute,
        "storageConfig": storage,
        "kubernetesNetworkConfig": network,
        "bootstrapSelfManagedAddons": False,
        "vpcConfig": {
            "subnetIds": make.given("privateSubnetIds"),
            "endpointPrivateAccess": make.given("endpointPrivateAccess"),
            "endpointPublicAccess": make.given("endpointPublicAccess"),
            "publicAccessCidrs": make.given("publicAccessCidrs"),
        },
        "version": make.given("version"),
        "enabledClusterLogTypes": make.given("enabledClusterLogTypes"),
        "tags": {"Name": f"{name}-eksCluster", **(inputs.get("clusterTags") or {}), **(inputs.get("tags") or {})},
        "encryptionConfig": {"provider": {"keyArn": key}, "resources": ["secrets"]} if key else None,
        "accessConfig": {
            "authenticationMode": make.given("authenticationMode"),
            "bootstrapClusterCreatorAdminPermissions": True,
        },
        "upgradePolicy": make.given("upgradePolicy"),
        "deletionProtection": make.given("deletionProtection"),
    }


def _service_role(
    make: Registrar,
    name: str,
    parent: str,
    service: str,
    policies: tuple[str, ...],
    *,
    actions: list[str] | None = None,
    description: str | None = None,
) -> list[Child]:
    """`eks:index:ServiceRole`: the role first, then its attachments."""
    urn = make.component("eks:index:ServiceRole", name, Options(parent=parent))
    below = Options(parent=urn)
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Action": actions or ["sts:AssumeRole"], "Effect": "Allow", "Principal": {"Service": [service]}}
        ],
    }
    role = make.child(
        "aws:iam/role:Role",
        f"{name}-role",
        {"description": description, "assumeRolePolicy": json.dumps(trust)},
        below,
    )
    attachments: list[Child] = []
    for policy in policies:
        arn = f"arn:aws:iam::aws:policy/{policy}"
        digest = hashlib.sha1(arn.encode(), usedforsecurity=False).hexdigest()[:8]
        attached = {"policyArn": arn, "role": role.get("name")}
        attachments.append(
            make.child("aws:iam/rolePolicyAttachment:RolePolicyAttachment", f"{name}-{digest}", attached, below)
        )
    make.outputs(urn, {"role": role.get("arn")})
    return [role, *attachments]


def _access_entries(make: Registrar, urn: str, cluster: Child) -> None:
    for entry_name, entry in cast("dict[str, Properties]", make.inputs.get("accessEntries") or {}).items():
        given = {
            "clusterName": cluster.get("name"),
            "principalArn": entry["principalArn"],
            "kubernetesGroups": entry.get("kubernetesGroups"),
            "type": entry.get("type"),
            "userName": entry.get("username"),
        }
        name = f"{make.name}-{entry_name}"
        made = make.child("aws:eks/accessEntry:AccessEntry", name, given, Options(parent=urn, depends_on=[cluster.urn]))
        for association, policy in cast("dict[str, Properties]", entry.get("accessPolicies") or {}).items():
            make.child(
                "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
                f"{name}-{association}",
                {
                    "accessScope": policy["accessScope"],
                    "principalArn": entry["principalArn"],
                    "policyArn": policy["policyArn"],
                    "clusterName": cluster.get("name"),
                },
                Options(parent=made.urn, depends_on=[made.urn]),
            )


def _kubeconfig(cluster: Child, given: str) -> From:
    """`generateKubeconfig`, without a profile; known when the cluster is, also where another one is given."""
    name, endpoint, arn, authority = (
        cluster.get(key).value for key in ("name", "endpoint", "arn", "certificateAuthority")
    )
    urns = frozenset({cluster.urn})
    if has_unknown([name, endpoint, arn, authority]):
        return From(value=UNKNOWN, urns=urns)
    if given:
        return From(value=json.loads(given), urns=urns)
    arguments = ["--region", str(arn).split(":")[3], "eks", "get-token", "--cluster-name", name, "--output", "json"]
    version = "client.authentication.k8s.io/v1beta1"
    user = {
        "apiVersion": version,
        "command": "aws",
        "args": arguments,
        "env": [{"name": "KUBERNETES_EXEC_INFO", "value": f'{{"apiVersion": "{version}"}}'}],
    }
    data = _within(authority, "data")
    config = {
        "apiVersion": "v1",
        "clusters": [{"cluster": {"server": endpoint, "certificate-authority-data": data}, "name": "kubernetes"}],
        "contexts": [{"context": {"cluster": "kubernetes", "user": "aws"}, "name": "aws"}],
        "current-context": "aws",
        "kind": "Config",
        "users": [{"name": "aws", "user": {"exec": user}}],
    }
    return From(value=config, urns=urns)


def _within(value: Any, key: str) -> Any:
    return cast("dict[str, Any]", value).get(key, UNKNOWN) if isinstance(value, dict) else UNKNOWN


COMPONENTS: Final[Mapping[str, Callable[[Registrar, str], Mapping[str, Any]]]] = {
    "awsx:ec2:Vpc": _vpc,
    "eks:index:Cluster": _cluster,
}
