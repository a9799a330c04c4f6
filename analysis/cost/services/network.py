"""The network: ways out, endpoints, traffic."""

from typing import Final

from analysis.cost.service import Amount, Amounts, Figure, Price, Resource, Service, Usage, flat


class NetworkUsage(Usage):
    """What passes through the network."""

    nat_gb: Figure = 50
    """GB through the NAT gateways: models, images."""
    endpoint_gb: Figure = 10
    """GB through each interface endpoint."""
    zone_crossing_gb: Figure = 50
    """GB between zones: pods, database, queue."""


def _network(resource: Resource) -> Amounts:
    """Traffic of the whole network, however many gateways carry it."""
    usage = resource.usage.of(NetworkUsage)
    if resource.recording.of_type("aws:ec2/natGateway:NatGateway"):
        yield Amount(what="data through NAT", price="nat.data", quantity=usage.nat_gb, part="use")
    yield Amount(what="data between zones", price="transfer.zone", quantity=usage.zone_crossing_gb, part="use")


def _instance(resource: Resource) -> Amounts:
    inputs = resource.inputs
    yield Amount(what=f"NAT instance {inputs['instanceType']}", price=f"ec2.{inputs['instanceType']}", quantity=1)
    yield Amount(what="its disk", price="ebs.gp3", quantity=inputs["rootBlockDevice"]["volumeSize"])


def _endpoint(resource: Resource) -> Amounts:
    inputs = resource.inputs
    if inputs.get("vpcEndpointType") != "Interface":
        return  # gateway endpoints cost nothing
    service = str(inputs["serviceName"]).rsplit(".", 1)[1]
    yield Amount(what=f"endpoint {service}, per zone", price="endpoint.interface", quantity=len(inputs["subnetIds"]))
    data = resource.usage.of(NetworkUsage).endpoint_gb
    yield Amount(what=f"data through {service}", price="endpoint.data", quantity=data, part="use")


SERVICE: Final = Service(
    usage=NetworkUsage,
    prices={
        "nat.gateway": Price(0.045, "hour", "infracost", at="nat_gateway_test"),
        "nat.data": Price(0.045, "GB", "infracost", at="nat_gateway_test"),
        # NAT instances; nodes have larger ones
        "ec2.t4g.nano": Price(0.0042, "hour", "derived", at="an eighth of t4g.medium, 0.0336 an hour as quoted"),
        "ec2.t4g.micro": Price(0.0084, "hour", "derived", at="a quarter of t4g.medium, 0.0336 an hour as quoted"),
        "ec2.t4g.small": Price(0.0168, "hour", "derived", at="half of t4g.medium, 0.0336 an hour as quoted"),
        "ipv4.address": Price(0.005, "hour", "infracost", at="eip_test"),
        "endpoint.interface": Price(0.01, "hour", "infracost", at="vpc_endpoint_test"),
        "endpoint.data": Price(0.01, "GB", "infracost", at="vpc_endpoint_test"),
        "transfer.zone": Price(0.02, "GB", "infracost", at="data_transfer_test"),  # 0.01 on either side
    },
    rules={
        "aws:ec2/eip:Eip": flat("public IPv4 address", "ipv4.address"),
        "aws:ec2/instance:Instance": _instance,
        "aws:ec2/natGateway:NatGateway": flat("NAT gateway", "nat.gateway"),
        "aws:ec2/vpc:Vpc": _network,
        "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    },
)
