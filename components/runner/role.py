"""Service role of the machines: what CodeBuild itself has to do for them, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.common.iam import Statement, policy, service_trust
from components.common.partition import build_arn, partition

_FIND_NETWORK = ("DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs")
_USE_CONNECTION = ("GetConnection", "GetConnectionToken", "UseConnection")


@dataclass(frozen=True, kw_only=True)
class ServiceRoleArgs:
    """What the role is for."""

    region: str
    project: str
    """Name of the CodeBuild project."""
    log_group_arn: pulumi.Output[str]
    subnet_ids: pulumi.Output[list[str]]
    security_group_id: pulumi.Output[str]
    connection_arn: str


def service_role(
    resource_name: str, args: ServiceRoleArgs, *, parent: pulumi.Resource
) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
    """Make the role. Every program on a machine can use it, so its rights name what they are for.

    They are those of the CodeBuild user guide ("Allow CodeBuild access to AWS services required to create a VPC network
    interface", "GitHub App connections"), with resources in place of `*` where the service authorization reference
    has them.
    """
    child = pulumi.ResourceOptions(parent=parent)
    account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=parent)).account_id
    project = build_arn("codebuild", args.region, account_id, f"project/{args.project}")
    role = aws.iam.Role(
        resource_name,
        assume_role_policy=service_trust(
            "codebuild.amazonaws.com",
            conditions={"StringEquals": {"aws:SourceAccount": account_id, "aws:SourceArn": project}},
        ),
        opts=child,
    )
    document = pulumi.Output.all(account_id, args.subnet_ids, args.security_group_id, args.log_group_arn).apply(
        lambda known: policy(
            Statement(
                sid="OwnLog",
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[f"{known[3]}:*"],
            ),
            Statement(sid="FindNetwork", actions=[f"ec2:Describe{what}" for what in _FIND_NETWORK], resources=["*"]),
            Statement(
                sid="Connection",
                actions=[f"codeconnections:{action}" for action in _USE_CONNECTION],
                resources=[args.connection_arn],
            ),
            *_interfaces(
                f"arn:{partition(args.region)}:ec2:{args.region}:{known[0]}",
                subnet_ids=known[1],
                security_group_id=known[2],
            ),
        )
    )
    return role, aws.iam.RolePolicy(resource_name, role=role.id, policy=document, opts=child)


def _interfaces(network: str, *, subnet_ids: Sequence[str], security_group_id: str) -> Sequence[Statement]:
    """Network interfaces of the machines: in these subnets, with this security group, for CodeBuild."""
    subnets = [f"{network}:subnet/{subnet}" for subnet in subnet_ids]
    interfaces = f"{network}:network-interface/*"
    return [
        Statement(
            sid="MakeInterface",
            actions=["ec2:CreateNetworkInterface"],
            resources=[*subnets, f"{network}:security-group/{security_group_id}", interfaces],
        ),
        Statement(
            sid="RemoveInterface",
            actions=["ec2:DeleteNetworkInterface"],
            resources=[interfaces],
            conditions={"ArnEquals": {"ec2:Subnet": subnets}},
        ),
        Statement(
            sid="GiveInterface",
            actions=["ec2:CreateNetworkInterfacePermission"],
            resources=[interfaces],
            conditions={
                "ArnEquals": {"ec2:Subnet": subnets},
                "StringEquals": {"ec2:AuthorizedService": "codebuild.amazonaws.com"},
            },
        ),
    ]
