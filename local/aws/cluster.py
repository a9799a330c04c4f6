"""The EKS cluster, with the security group that EKS makes for it."""

from collections.abc import Mapping
from typing import Any

from analysis.recorder import Created
from local.aws.resource_request import Handler, ResourceRequest, made
from local.aws.translate import given, tag_list


def _cluster(request: ResourceRequest) -> Created:
    eks, inputs = request.client("eks", request.region), request.inputs
    name, vpc = inputs["name"], inputs["vpcConfig"]
    logging: Any = {"clusterLogging": [{"types": inputs.get("enabledClusterLogTypes", []), "enabled": True}]}
    encryption = inputs.get("encryptionConfig")
    # EKS spells as Pulumi does.
    wanted = given(
        version=inputs.get("version"),
        roleArn=inputs["roleArn"],
        kubernetesNetworkConfig=inputs.get("kubernetesNetworkConfig"),
        resourcesVpcConfig=given(**vpc),
        encryptionConfig=[encryption] if encryption else None,
    )
    cluster: Any = eks.create_cluster(name=name, **wanted, logging=logging, tags=request.tags())["cluster"]
    group_id, vpc_id = _security_group(request, name, vpc["subnetIds"])
    return made(
        name,
        arn=cluster["arn"],
        name=name,
        endpoint=cluster["endpoint"],
        certificateAuthority=cluster["certificateAuthority"],
        clusterSecurityGroupId=group_id,
        # What AWS adds belongs to the same property as what the program gave.
        vpcConfig={**vpc, "clusterSecurityGroupId": group_id, "vpcId": vpc_id},
    )


def _security_group(request: ResourceRequest, name: str, subnet_ids: list[str]) -> tuple[str, str]:
    """Make the group that EKS puts nodes and control plane into; it carries no tags of the program."""
    ec2 = request.client("ec2", request.region)
    vpc_id = ec2.describe_subnets(SubnetIds=subnet_ids)["Subnets"][0].get("VpcId", "")
    group_name = f"eks-cluster-sg-{name}"
    tags = tag_list({"Name": group_name, f"kubernetes.io/cluster/{name}": "owned"})
    group_id = ec2.create_security_group(
        GroupName=group_name,
        Description="EKS created security group applied to ENI that is attached to EKS Control Plane master nodes, as "
        "well as any managed workloads.",
        VpcId=vpc_id,
        TagSpecifications=[{"ResourceType": "security-group", "Tags": tags}],
    )["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group_id, IpPermissions=[{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group_id}]}]
    )
    return group_id, vpc_id


HANDLERS: Mapping[str, Handler] = {"aws:eks/cluster:Cluster": _cluster}
