"""Security groups and their rules."""

from collections.abc import Mapping
from typing import Any

from analysis.recorder import Created
from components.common.partition import partition
from local.aws.making import Maker, Making, made


def _security_group(making: Making) -> Created:
    ec2, inputs = making.client("ec2", making.region), making.inputs
    name = making.physical_name()
    answer = ec2.create_security_group(
        GroupName=name,
        Description=inputs.get("description", "Managed by Pulumi"),
        **inputs.pascal("vpcId"),
        TagSpecifications=making.tag_specifications("security-group"),
    )
    group_id = answer["GroupId"]
    _clear(making, group_id)  # as the provider does: AWS lets a new group's traffic out
    return made(group_id, arn=_arn(making, group_id), name=name)


def _default_security_group(making: Making) -> Created:
    """Take over the group that every VPC has, and take its rules away."""
    ec2 = making.client("ec2", making.region)
    filters: Any = [
        {"Name": "vpc-id", "Values": [making.inputs["vpcId"]]},
        {"Name": "group-name", "Values": ["default"]},
    ]
    group_id = ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0].get("GroupId", "")
    _clear(making, group_id)
    ec2.create_tags(Resources=[group_id], Tags=making.tag_list())
    return made(group_id, arn=_arn(making, group_id), name="default")


def _clear(making: Making, group_id: str) -> None:
    ec2 = making.client("ec2", making.region)
    group: Any = ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"][0]
    if group["IpPermissions"]:
        ec2.revoke_security_group_ingress(GroupId=group_id, IpPermissions=group["IpPermissions"])
    if group["IpPermissionsEgress"]:
        ec2.revoke_security_group_egress(GroupId=group_id, IpPermissions=group["IpPermissionsEgress"])


def _arn(making: Making, group_id: str) -> str:
    account = making.client("sts").get_caller_identity()["Account"]
    return f"arn:{partition(making.region)}:ec2:{making.region}:{account}:security-group/{group_id}"


def _ingress(making: Making) -> Created:
    ec2 = making.client("ec2", making.region)
    answer = ec2.authorize_security_group_ingress(
        GroupId=making.inputs["securityGroupId"],
        IpPermissions=[_permission(making)],
        TagSpecifications=making.tag_specifications("security-group-rule"),
    )
    return _rule(answer)


def _egress(making: Making) -> Created:
    ec2 = making.client("ec2", making.region)
    answer = ec2.authorize_security_group_egress(
        GroupId=making.inputs["securityGroupId"],
        IpPermissions=[_permission(making)],
        TagSpecifications=making.tag_specifications("security-group-rule"),
    )
    return _rule(answer)


def _rule(answer: Any) -> Created:
    rule_id = answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    return made(rule_id, securityGroupRuleId=rule_id)


def _permission(making: Making) -> Any:
    """One source or destination, with the rule's description."""
    inputs = making.inputs
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


MAKERS: Mapping[str, Maker] = {
    "aws:ec2/securityGroup:SecurityGroup": _security_group,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _default_security_group,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _ingress,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _egress,
}
