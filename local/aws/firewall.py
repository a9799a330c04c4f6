"""Security groups and their rules."""

from collections.abc import Mapping
from typing import Any

from analysis.recorder import Created
from components.common.partition import partition
from local.aws.resource_request import Handler, ResourceRequest, made


def _security_group(request: ResourceRequest) -> Created:
    ec2, inputs = request.client("ec2", request.region), request.inputs
    name = request.physical_name()
    answer = ec2.create_security_group(
        GroupName=name,
        Description=inputs.get("description", "Managed by Pulumi"),
        **inputs.pascal("vpcId"),
        TagSpecifications=request.tag_specifications("security-group"),
    )
    group_id = answer["GroupId"]
    _clear(request, group_id)  # as the provider does: AWS lets a new group's traffic out
    return made(group_id, arn=_arn(request, group_id), name=name)


def _default_security_group(request: ResourceRequest) -> Created:
    """Take over the group that every VPC has, and take its rules away."""
    ec2 = request.client("ec2", request.region)
    filters: Any = [
        {"Name": "vpc-id", "Values": [request.inputs["vpcId"]]},
        {"Name": "group-name", "Values": ["default"]},
    ]
    group_id = ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0].get("GroupId", "")
    _clear(request, group_id)
    ec2.create_tags(Resources=[group_id], Tags=request.tag_list())
    return made(group_id, arn=_arn(request, group_id), name="default")


def _clear(request: ResourceRequest, group_id: str) -> None:
    ec2 = request.client("ec2", request.region)
    group: Any = ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"][0]
    if group["IpPermissions"]:
        ec2.revoke_security_group_ingress(GroupId=group_id, IpPermissions=group["IpPermissions"])
    if group["IpPermissionsEgress"]:
        ec2.revoke_security_group_egress(GroupId=group_id, IpPermissions=group["IpPermissionsEgress"])


def _arn(request: ResourceRequest, group_id: str) -> str:
    account = request.client.account
    return f"arn:{partition(request.region)}:ec2:{request.region}:{account}:security-group/{group_id}"


def _ingress(request: ResourceRequest) -> Created:
    ec2 = request.client("ec2", request.region)
    answer = ec2.authorize_security_group_ingress(
        GroupId=request.inputs["securityGroupId"],
        IpPermissions=[_permission(request)],
        TagSpecifications=request.tag_specifications("security-group-rule"),
    )
    return _rule(answer)


def _egress(request: ResourceRequest) -> Created:
    ec2 = request.client("ec2", request.region)
    answer = ec2.authorize_security_group_egress(
        GroupId=request.inputs["securityGroupId"],
        IpPermissions=[_permission(request)],
        TagSpecifications=request.tag_specifications("security-group-rule"),
    )
    return _rule(answer)


def _rule(answer: Any) -> Created:
    rule_id = answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    return made(rule_id, securityGroupRuleId=rule_id)


def _permission(request: ResourceRequest) -> Any:
    """One source or destination, with the rule's description."""
    inputs = request.inputs
    peers = {
        "referencedSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
        "prefixListId": ("PrefixListIds", "PrefixListId"),
        "cidrIpv4": ("IpRanges", "CidrIp"),
        "cidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
    }
    description = inputs.get("description")
    extra = {"Description": description} if description else {}
    permission = inputs.pascal("ipProtocol", "fromPort", "toPort")
    for key, (group, member) in peers.items():
        if peer := inputs.get(key):
            permission[group] = [{member: peer, **extra}]
    return permission


HANDLERS: Mapping[str, Handler] = {
    "aws:ec2/securityGroup:SecurityGroup": _security_group,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _default_security_group,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _ingress,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _egress,
}
