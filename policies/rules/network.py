"""VPC, subnets and security groups."""

from collections.abc import Iterator, Mapping
from typing import Any

from policies.model import Resource, Stack, items, number, owner_rule, refers, rule
from policies.rules.instances import INTERFACE
from policies.unknown import UNKNOWN

VPC = "aws:ec2/vpc:Vpc"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
OLD_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
_EVERYBODY = ("0.0.0.0/0", "::/0")
_WIDEST_RANGE = 100
_WIDEST_RANGE_OF_A_LIST = 363
"""HTTP to HTTPS: a managed prefix list takes nearly all rules of a group, so it can have one rule only."""


@owner_rule(VPC, fix="add a FlowLog for the VPC", controls=("AWS EC2.6", "CIS-AWS 4.7"))
def vpc_flow_logged(stack: Stack, vpc: Resource) -> Iterator[str]:
    """Flow logs say who talked to whom; nothing else does afterwards."""
    if not any(_concerns(log, vpc) for log in stack.of("aws:ec2/flowLog:FlowLog")):
        yield "has no FlowLog"


@rule("aws:ec2/flowLog:FlowLog", fix="set traffic_type to ALL")
def vpc_flow_log_complete(log: Resource) -> Iterator[str]:
    """Refused packets alone do not show what got out."""
    if log.lacks("trafficType", "ALL"):
        yield f"trafficType is {log.get('trafficType')}"


@owner_rule(
    VPC,
    DEFAULT_GROUP,
    fix="add a DefaultSecurityGroup without ingress and egress",
    controls=("AWS EC2.2", "CIS-AWS 6.5"),
)
def vpc_default_group_closed(stack: Stack, resource: Resource) -> Iterator[str]:
    """Whatever is started without a security group gets the default one, which lets its members talk freely."""
    if resource.type == DEFAULT_GROUP:
        if resource.get("ingress") or resource.get("egress"):
            yield "the default security group has rules"
    elif not any(_concerns(group, resource) for group in stack.of(DEFAULT_GROUP)):
        yield "its default security group is as AWS made it"


def _concerns(resource: Resource, vpc: Resource) -> bool:
    """Before the VPC exists its id is unknown to both; a stack has one."""
    value = resource.get("vpcId")
    return refers(resource, value, vpc) or value is UNKNOWN or not vpc.id


@rule(
    INGRESS,
    OLD_RULE,
    GROUP,
    fix="name a security group, a prefix list or the networks that need it",
    controls=("AWS EC2.18", "AWS EC2.19", "CIS-AWS 6.3", "CIS-AWS 6.4"),
)
def sg_closed_to_internet(resource: Resource) -> Iterator[str]:
    """People come through CloudFront; nothing inside the VPC is meant for the internet."""
    for entry in _ingress(resource):
        sources = [entry.get(key) for key in ("cidrIpv4", "cidrIpv6")]
        sources += [*items(entry, "cidrBlocks"), *items(entry, "ipv6CidrBlocks")]
        for source in sources:
            if source in _EVERYBODY:
                yield f"admits {source}"


@owner_rule(INGRESS, OLD_RULE, GROUP, fix="name the port that is served", controls=("AWS EC2.19",))
def sg_names_ports(stack: Stack, resource: Resource) -> Iterator[str]:
    """A rule for all ports opens what is started later, too. A NAT instance forwards to whatever port others serve."""
    for entry in [] if _forwards(stack, resource) else _ingress(resource):
        low, high = number(entry.get("fromPort")), number(entry.get("toPort"))
        if str(entry.get("ipProtocol", entry.get("protocol"))) in ("-1", "all"):
            yield "admits every protocol and port"
        elif low is not None and high is not None and high - low > _widest_range(entry):
            yield f"admits ports {low:g} to {high:g}"


def _forwards(stack: Stack, resource: Resource) -> bool:
    """Whether a rule belongs to the group of an interface that only passes traffic on."""
    value = resource.get("securityGroupId")
    groups = [group for group in stack.of(GROUP) if refers(resource, value, group)]
    return any(
        refers(interface, each, group)
        for interface in stack.of(INTERFACE)
        if interface.get("sourceDestCheck") is False
        for each in interface.items("securityGroups")
        for group in groups
    )


def _widest_range(entry: Mapping[str, Any]) -> int:
    return _WIDEST_RANGE_OF_A_LIST if entry.get("prefixListId") else _WIDEST_RANGE


@rule(INGRESS, EGRESS, GROUP, fix="say in description who needs it")
def sg_described(resource: Resource) -> Iterator[str]:
    """A rule that nobody can explain is a rule that nobody dares to remove."""
    if resource.get("description") in (None, "", "Managed by Pulumi", "Managed by Terraform"):
        yield "description says nothing"


def _ingress(resource: Resource) -> list[dict[str, Any]]:
    if resource.type == GROUP:
        return resource.items("ingress")
    if resource.type == OLD_RULE and resource.get("type") != "ingress":
        return []
    return [dict(resource.props)]


@rule(
    "aws:ec2/subnet:Subnet",
    fix="set map_public_ip_on_launch to False, or make the subnet Public",
    controls=("AWS EC2.15",),
)
def subnet_without_public_addresses(subnet: Resource) -> Iterator[str]:
    """A node with a public address can be reached past CloudFront and its firewall."""
    if subnet.lacks("tags.SubnetType", "Public") and subnet.lacks("mapPublicIpOnLaunch", False, None):
        yield "mapPublicIpOnLaunch is true"
