"""A NAT instance: one small machine of the stack's own through which the private subnets reach the internet.

Amazon VPC User Guide, "NAT instances": forwarding and masquerading by iptables, source/destination check off, in a
public subnet. The interface and its Elastic IP are resources of their own, so routes and the address that others see
stay when the machine is replaced.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

_IMAGE: Final = "al2023-ami-2023.*-arm64"
"""Images of Amazon Linux 2023 by the name that AWS gives them. Asked of EC2 and not of the public parameter of Systems
Manager: every role may describe images already, and a stack's boundary has no room for another service."""
_DISK_GIB: Final = 8
"""Size of the image's own snapshot."""
_HALVES: Final = ("0.0.0.0/1", "128.0.0.0/1")
"""Everything, as two routes: the most specific route wins (Amazon VPC User Guide, "Route priority"), so that a switch
from a NAT gateway or back has its new routes before the old one, of 0.0.0.0/0, is deleted. With the same destination
EC2 refuses the new one (`RouteAlreadyExists`)."""

_SETUP: Final = """\
#!/bin/bash
# Runs once, at the machine's first start: swap for dnf, forwarding, rules, then security updates from now on.
set -uo pipefail

dd if=/dev/zero of=/swapfile bs=1M count=1024
chmod 600 /swapfile
mkswap /swapfile
echo '/swapfile none swap sw 0 0' >> /etc/fstab
swapon /swapfile

until dnf install -y iptables-services; do sleep 10; done
echo 'net.ipv4.ip_forward = 1' > /etc/sysctl.d/90-nat.conf
sysctl -p /etc/sysctl.d/90-nat.conf
cat > /etc/sysconfig/iptables <<'RULES'
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -s @VPC@ ! -d @VPC@ -j ACCEPT
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -s @VPC@ ! -d @VPC@ -j MASQUERADE
COMMIT
RULES
systemctl enable iptables
systemctl restart iptables

cat > /etc/systemd/system/security-updates.service <<'UNIT'
[Unit]
Description=Install security updates of the newest release and restart
After=network-online.target

[Service]
Type=oneshot
ExecStart=/usr/bin/dnf upgrade --security --releasever=latest -y
ExecStartPost=/usr/bin/systemctl --no-block reboot
UNIT
cat > /etc/systemd/system/security-updates.timer <<'UNIT'
[Timer]
OnCalendar=Sun *-*-* 03:00:00 UTC
Persistent=true

[Install]
WantedBy=timers.target
UNIT
systemctl daemon-reload
systemctl enable --now security-updates.timer
dnf upgrade --security --releasever=latest -y
"""


@dataclass(frozen=True, kw_only=True)
class NatInstanceArgs:
    """Where a NAT instance stands, and for whom."""

    instance_type: str
    vpc_id: pulumi.Output[str]
    vpc_cidr: str
    public_subnet_id: pulumi.Output[str]
    private_cidrs: Sequence[str]
    """Addresses of the private subnets, one block a zone: who may use it."""
    private_subnet_ids: pulumi.Output[Sequence[str]]
    """The same subnets: their route tables get the routes."""
    kms_key_arn: pulumi.Output[str]


def make_nat_instance(name: str, args: NatInstanceArgs, parent: pulumi.Resource) -> pulumi.Output[str]:
    """Make the instance with its interface and address, and lead the private subnets to it; returns its id."""
    child = pulumi.ResourceOptions(parent=parent)
    interface = aws.ec2.NetworkInterface(
        name,
        description="Way out of the private subnets",
        subnet_id=args.public_subnet_id,
        security_groups=[_security_group(name, args, child).id],
        source_dest_check=False,
        tags={"Name": name},
        opts=child,
    )
    address = aws.ec2.Eip(name, domain="vpc", network_interface=interface.id, tags={"Name": name}, opts=child)
    instance = _instance(name, args, interface, parent, after=address)
    asking = pulumi.InvokeOutputOptions(parent=parent)
    for zone in range(len(args.private_cidrs)):
        table = aws.ec2.get_route_table_output(subnet_id=args.private_subnet_ids[zone], opts=asking)
        for half, destination in enumerate(_HALVES):
            aws.ec2.Route(
                f"{name}-{zone + 1}-{'ab'[half]}",
                route_table_id=table.route_table_id,
                destination_cidr_block=destination,
                network_interface_id=interface.id,
                # Not before there is a machine: until then a gateway that it replaces carries the traffic.
                opts=pulumi.ResourceOptions(parent=parent, depends_on=[instance]),
            )
    return instance.id


def _security_group(name: str, args: NatInstanceArgs, child: pulumi.ResourceOptions) -> aws.ec2.SecurityGroup:
    group = aws.ec2.SecurityGroup(
        name, description="NAT instance: what the private subnets send out", vpc_id=args.vpc_id, opts=child
    )
    for zone, cidr in enumerate(args.private_cidrs):
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-{zone + 1}",
            security_group_id=group.id,
            description="Whatever private subnets send to the internet; the machine itself accepts nothing",
            cidr_ipv4=cidr,
            ip_protocol="-1",
            opts=child,
        )
    aws.vpc.SecurityGroupEgressRule(
        name,
        security_group_id=group.id,
        description="The internet, for the private subnets and for security updates",
        cidr_ipv4="0.0.0.0/0",
        ip_protocol="-1",
        opts=child,
    )
    return group


def _instance(
    name: str,
    args: NatInstanceArgs,
    interface: aws.ec2.NetworkInterface,
    parent: pulumi.Resource,
    *,
    after: pulumi.Resource,
) -> aws.ec2.Instance:
    image = aws.ec2.get_ami_output(
        owners=["amazon"],
        most_recent=True,
        filters=[{"name": "name", "values": [_IMAGE]}, {"name": "architecture", "values": ["arm64"]}],
        opts=pulumi.InvokeOutputOptions(parent=parent),
    )
    return aws.ec2.Instance(
        name,
        ami=image.id,
        instance_type=args.instance_type,
        primary_network_interface={"network_interface_id": interface.id},
        metadata_options={"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 1},
        root_block_device={
            "volume_type": "gp3",
            "volume_size": _DISK_GIB,
            "encrypted": True,
            "kms_key_id": args.kms_key_arn,
            "delete_on_termination": True,
        },
        maintenance_options={"auto_recovery": "default"},
        user_data=_SETUP.replace("@VPC@", args.vpc_cidr),
        user_data_replace_on_change=True,
        tags={"Name": name},
        opts=pulumi.ResourceOptions(
            parent=parent,
            # It installs what it needs at its first start, by its address.
            depends_on=[after],
            # AWS publishes a new image about every two weeks. None of them replaces the machine; whoever terminates it
            # gets the newest (docs/runbooks/nat-failed.md).
            ignore_changes=["ami"],
            # An interface belongs to one machine at a time.
            delete_before_replace=True,
        ),
    )
