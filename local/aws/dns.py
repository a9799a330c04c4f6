"""ACM certificates and Route 53 records."""

from collections.abc import Mapping
from typing import Any

from analysis.recorder import Created
from local.aws.resource_request import Handler, ResourceRequest, made
from local.aws.translate import pascal


def _certificate(request: ResourceRequest) -> Created:
    acm, inputs = request.client("acm", request.region), request.inputs
    arn = acm.request_certificate(**inputs.pascal("domainName", "validationMethod"), Tags=request.tag_list())[
        "CertificateArn"
    ]
    certificate: Any = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    options = [
        {
            "domainName": option["DomainName"],
            "resourceRecordName": option["ResourceRecord"]["Name"],
            "resourceRecordType": option["ResourceRecord"]["Type"],
            "resourceRecordValue": option["ResourceRecord"]["Value"],
        }
        for option in certificate["DomainValidationOptions"]
    ]
    return made(arn, arn=arn, domainName=certificate["DomainName"], domainValidationOptions=options)


def _record(request: ResourceRequest) -> Created:
    route53, inputs = request.client("route53"), request.inputs
    name: str = inputs["name"]
    record: Any = inputs.pascal("name", "type", "ttl", words={"ttl": "TTL"})
    if values := inputs.get("records"):
        record["ResourceRecords"] = [{"Value": value} for value in values]
    for alias in inputs.get("aliases", []):
        record["AliasTarget"] = pascal(alias, {"name": "DNSName", "zoneId": "HostedZoneId"})
    route53.change_resource_record_sets(
        HostedZoneId=_stand_in(request, name),
        ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]},
    )
    return made(f"{inputs['zoneId']}_{name}_{inputs['type']}", fqdn=name.removesuffix("."), name=name)


def _stand_in(request: ResourceRequest, record_name: str) -> str:
    """Return the zone of a record: the program names one that exists in AWS, and moto gives ids of its own."""
    route53, domain = request.client("route53"), ".".join(record_name.removesuffix(".").split(".")[-2:])
    reference = f"{request.inputs['zoneId']} {domain}"
    for zone in route53.list_hosted_zones()["HostedZones"]:
        if zone["CallerReference"] == reference:
            return zone["Id"]
    return route53.create_hosted_zone(Name=domain, CallerReference=reference)["HostedZone"]["Id"]


HANDLERS: Mapping[str, Handler] = {
    "aws:acm/certificate:Certificate": _certificate,
    "aws:route53/record:Record": _record,
}
