"""Invents plausible outputs for every resource: enough for a plan and for tests, with no cloud at all."""

import hashlib
import json
import string
from collections.abc import Callable, Mapping
from typing import Final

from analysis.recorder import Created, Request
from analysis.wire import Properties
from components.common.partition import dns_suffix, partition

ACCOUNT_ID = "123456789012"
_REGION = "us-east-1"
PREFIX_LIST_ID = "pl-3b927c52"


class SyntheticProvider:
    """A `Provider` that makes nothing. The same program always gets the same answers."""

    def __init__(self, region: str = _REGION) -> None:
        self._region = region

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "SyntheticProvider":
        """A cloud in the region of a configuration; a program refuses one without it before it asks for anything."""
        return cls(values.get("aws:region", _REGION))

    def create(self, request: Request) -> Created:
        """Invent the outputs of one resource."""
        physical = request.existing_id or _physical_id(request)
        outputs: Properties = {}
        if request.type.startswith("aws:"):
            name = request.inputs.get("name", physical)  # auto-named otherwise
            outputs = {
                "arn": self._arn(request, physical),
                "region": request.inputs.get("region") or self._region,
                "name": name,
            }
        elif request.type.startswith("kubernetes:"):
            outputs = _kubernetes_outputs(request)
        invented = OUTPUTS.get(request.type)
        return Created(id=physical, outputs=outputs | (invented(request, physical, self._region) if invented else {}))

    def call(self, token: str, args: Properties) -> Properties:
        """Answer the few provider functions that the program uses."""
        match token:
            case "aws:index/getCallerIdentity:getCallerIdentity":
                return {
                    "accountId": ACCOUNT_ID,
                    "arn": f"arn:{partition(self._region)}:iam::{ACCOUNT_ID}:role/deployer",
                    "id": ACCOUNT_ID,
                }
            case "aws:index/getAvailabilityZones:getAvailabilityZones":
                # Only an account knows the ids of its zones: here every letter is a zone that nothing refuses.
                names = [f"{args.get('region') or self._region}{letter}" for letter in string.ascii_lowercase]
                return {"id": self._region, "names": names, "zoneIds": [f"any-{name}" for name in names]}
            case "aws:eks/getAddonVersion:getAddonVersion":
                return {"id": args["addonName"], "version": f"default-of-kubernetes-{args['kubernetesVersion']}"}
            case "aws:eks/getCluster:getCluster" | "aws:eks/getAddon:getAddon":
                return _existing_cluster(args, self._region)
            case "aws:ec2/getManagedPrefixList:getManagedPrefixList":
                return {"id": PREFIX_LIST_ID, "name": args.get("name")}
            case (
                "aws:ec2/getSubnet:getSubnet"
                | "aws:ec2/getVpc:getVpc"
                | "aws:ec2/getRouteTable:getRouteTable"
                | "aws:ec2/getAmi:getAmi"
            ):
                return _found_in_ec2(token, args)
            case _:
                raise UnknownFunctionError(f"no answer is known for the provider function {token}: add it here")

    def _arn(self, request: Request, physical: str) -> str:
        service = request.type.split(":")[1].split("/")[0]
        region = request.inputs.get("region") or self._region
        start = f"arn:{partition(region)}"
        match request.type:
            case "aws:s3/bucket:Bucket":
                return f"{start}:s3:::{physical}"
            case "aws:iam/role:Role" | "aws:iam/policy:Policy":
                kind = request.type.rsplit(":", 1)[1].lower()
                return f"{start}:iam::{ACCOUNT_ID}:{kind}{request.inputs.get('path', '/')}{physical}"
            case "aws:iam/openIdConnectProvider:OpenIdConnectProvider":
                issuer = request.inputs["url"].removeprefix("https://")
                return f"{start}:iam::{ACCOUNT_ID}:oidc-provider/{issuer}"
            case "aws:cloudwatch/logGroup:LogGroup":
                return f"{start}:logs:{region}:{ACCOUNT_ID}:log-group:{physical}"
            case "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream":
                return f"{start}:firehose:{region}:{ACCOUNT_ID}:deliverystream/{physical}"
            case _:
                kind = request.type.rsplit(":", 1)[1].lower()
                return f"{start}:{service}:{region}:{ACCOUNT_ID}:{kind}/{physical}"


class UnknownFunctionError(Exception):
    """The program calls a provider function that nothing here answers."""


def stable_suffix(*parts: str, length: int = 8) -> str:
    """Hexadecimal text that depends on `parts` alone, in place of the random part of a physical name."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:length]


_EXISTING: Final = "10.250.0.0/16"
"""Addresses of a VPC that exists."""


def _found_in_ec2(token: str, args: Properties) -> Properties:
    match token.rpartition(":")[2]:
        case "getSubnet":
            number = int(stable_suffix(str(args["id"])), 16) % 256
            return {"id": args["id"], "cidrBlock": _EXISTING.replace(".0.0/16", f".{number}.0/24")}
        case "getVpc":
            block = {"associationId": "vpc-cidr-assoc-1", "cidrBlock": _EXISTING, "state": "associated"}
            return {"id": args["id"], "cidrBlock": _EXISTING, "cidrBlockAssociations": [block]}
        case "getRouteTable":
            name = str(args["subnetId"]).rpartition("-")[0]  # a table has the name of its subnet
            table = f"{name}-{stable_suffix('aws:ec2/routeTable:RouteTable', name)}"
            return {"id": table, "routeTableId": table, "subnetId": args["subnetId"]}
        case _:
            return {"id": f"ami-{stable_suffix(json.dumps(args, sort_keys=True), length=17)}"}


def _existing_cluster(args: Properties, region: str) -> Properties:
    """A cluster in Auto Mode with every add-on, which nothing refuses; only an account knows its VPC."""
    if "addonName" in args:
        return {"id": f"{args['clusterName']}:{args['addonName']}", **args, "configurationValues": ""}
    name = str(args["name"])
    return {
        "id": name,
        "name": name,
        "arn": f"arn:{partition(region)}:eks:{region}:{ACCOUNT_ID}:cluster/{name}",
        "endpoint": f"https://{name}.example.com",
        "certificateAuthorities": [{"data": ""}],
        "computeConfigs": [{"enabled": True, "nodePools": ["general-purpose"], "nodeRoleArn": ""}],
        "kubernetesNetworkConfigs": [{"serviceIpv4Cidr": "172.20.0.0/16", "ipFamily": "ipv4"}],
        "status": "ACTIVE",
        "version": "1.36",
        "vpcConfig": {"clusterSecurityGroupId": f"sg-{stable_suffix(name)}", "vpcId": ""},
    }


def _physical_id(request: Request) -> str:
    if request.type == "aws:route53/record:Record":  # an A and an AAAA record have the same name
        return "_".join(str(request.inputs.get(key, "")) for key in ("zoneId", "name", "type"))
    for key in ("identifier", "name", "bucket", "keyId"):
        value = request.inputs.get(key)
        if isinstance(value, str) and value:
            return value
    return f"{request.name}-{stable_suffix(request.type, request.name)}"


def _kubernetes_outputs(request: Request) -> Properties:
    """A Kubernetes object without a name gets one that changes with its content, as the provider's auto-naming does."""
    metadata = dict(request.inputs.get("metadata") or {})
    content = json.dumps(request.inputs, sort_keys=True, default=str)
    metadata.setdefault("name", f"{request.name}-{stable_suffix(content)}")
    metadata.setdefault("namespace", "default")
    return {"metadata": metadata}


def _random_text(request: Request, length: int) -> str:
    text, keepers = "", json.dumps(request.inputs.get("keepers") or {}, sort_keys=True)
    while len(text) < length:
        text += stable_suffix(request.type, request.name, keepers, str(len(text)), length=64)
    return text[:length]


def _validation_options(request: Request) -> list[Properties]:
    return [
        {
            "domainName": request.inputs["domainName"],
            "resourceRecordName": f"_validation.{request.inputs['domainName']}.",
            "resourceRecordType": "CNAME",
            "resourceRecordValue": "_validation.acm-validations.aws.",
        }
    ]


OUTPUTS: Mapping[str, Callable[[Request, str, str], Properties]] = {
    "aws:acm/certificate:Certificate": lambda r, _, _region: {"domainValidationOptions": _validation_options(r)},
    "aws:cloudfront/distribution:Distribution": lambda _r, _p, _region: {
        "domainName": "d111111abcdef8.cloudfront.net",
        "hostedZoneId": "Z2FDTNDATAQYW2",
    },
    "aws:ecr/repository:Repository": lambda _r, p, region: {
        "repositoryUrl": f"{ACCOUNT_ID}.dkr.ecr.{region}.{dns_suffix(region)}/{p}"
    },
    "aws:eks/cluster:Cluster": lambda r, p, _region: {
        "vpcConfig": {**r.inputs.get("vpcConfig", {}), "clusterSecurityGroupId": f"sg-{p}"},
        "certificateAuthority": {"data": ""},
    },
    "aws:elasticache/replicationGroup:ReplicationGroup": lambda _r, p, _region: {
        "primaryEndpointAddress": f"master.{p}.cache.amazonaws.com"
    },
    "aws:kms/key:Key": lambda _r, p, _region: {"keyId": p},
    "aws:lb/loadBalancer:LoadBalancer": lambda _r, p, _region: {
        "dnsName": f"internal-{p}.elb.amazonaws.com",
        "zoneId": "Z35SXDOTRQ7X7K",
    },
    "aws:opensearch/domain:Domain": lambda r, _, region: {
        "arn": f"arn:{partition(region)}:es:{region}:{ACCOUNT_ID}:domain/{r.inputs['domainName']}",
        "endpoint": f"vpc-{r.inputs['domainName']}.{region}.es.{dns_suffix(region)}",
    },
    "aws:rds/instance:Instance": lambda r, p, region: {
        "address": f"{p}.rds.amazonaws.com",
        "allocatedStorage": r.inputs.get("allocatedStorage", 100),
        "masterUserSecrets": [
            {"secretArn": f"arn:{partition(region)}:secretsmanager:{region}:{ACCOUNT_ID}:secret:rds!{p}"}
        ],
    },
    "aws:route53/record:Record": lambda r, _, _region: {"fqdn": r.inputs.get("name")},
    "aws:secretsmanager/secretVersion:SecretVersion": lambda r, _, _region: {"secretArn": r.inputs.get("secretId")},
    "kubernetes:core/v1:ConfigMapPatch": lambda r, _, _region: {"metadata": r.inputs["metadata"]},
    "random:index/randomBytes:RandomBytes": lambda r, _, _region: {"hex": _random_text(r, 64), "base64": ""},
    "random:index/randomId:RandomId": lambda r, _, _region: {"hex": _random_text(r, 8)},
    "random:index/randomPassword:RandomPassword": lambda r, _, _region: {
        "result": _random_text(r, int(r.inputs["length"]))
    },
}
