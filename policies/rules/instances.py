"""EC2 instances: the NAT instance is the only one that the program makes itself."""

from collections.abc import Iterator

from policies.model import Resource, at, rule

INSTANCE = "aws:ec2/instance:Instance"
INTERFACE = "aws:ec2/networkInterface:NetworkInterface"


@rule(INSTANCE, fix="set http_tokens to required in metadata_options", controls=("AWS EC2.8",))
def ec2_metadata_by_token(instance: Resource) -> Iterator[str]:
    """Without a token a request that somebody makes the machine send gets the credentials of its role."""
    if instance.lacks("metadataOptions.httpTokens", "required"):
        yield f"metadataOptions.httpTokens is {instance.get('metadataOptions.httpTokens') or 'not set'}"


@rule(INSTANCE, fix="set encrypted and kms_key_id of every block device", controls=("AWS EC2.3",))
def ec2_disks_encrypted(instance: Resource) -> Iterator[str]:
    """A snapshot of a plain disk can be read by whoever gets at it."""
    if instance.lacks("rootBlockDevice.encrypted", True):
        yield "rootBlockDevice.encrypted is not true"
    if instance.without("rootBlockDevice.kmsKeyId"):
        yield "rootBlockDevice.kmsKeyId names no key, so AWS's shared key decides who may read"
    for device in instance.items("ebsBlockDevices"):
        if at(device, "encrypted") is not True:
            yield "ebsBlockDevices.encrypted is not true"


@rule(INSTANCE, fix="remove key_name")
def ec2_without_key_pair(instance: Resource) -> Iterator[str]:
    """Whoever has the key logs in past IAM, and no log of AWS says so. A broken machine is replaced."""
    if instance.lacks("keyName", None, ""):
        yield f"keyName is {instance.get('keyName')}"


@rule(
    INTERFACE,
    fix="choose network.nat: single or per-zone, or except the rule with the reason",
    protected_only=True,
)
def nat_by_gateway(interface: Resource) -> Iterator[str]:
    """A NAT instance is one machine: while it fails or restarts, no pod reaches a model. AWS keeps gateways running."""
    if interface.get("sourceDestCheck") is False:
        yield "sourceDestCheck is false: this is a NAT instance's interface"
