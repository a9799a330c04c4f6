"""What samples of rules are made of: resources, policy documents, and parts of their inputs."""

import json
from typing import Any

from policies.model import Resource

Sample = dict[str, Any] | list[Resource]


def made(type_: str, name: str = "it", /, **props: Any) -> Resource:
    """A resource whose id is its name."""
    return Resource(type=type_, name=name, id=name, urn=f"urn:{type_}::{name}", props=props)


def document(**statement: Any) -> str:
    """A policy document of one statement."""
    return json.dumps({"Statement": [{"Effect": "Allow", **statement}]})


def may(*actions: str, on: str = "arn:aws:s3:::files/*", **more: Any) -> dict[str, Any]:
    """Inputs of a policy that allows actions."""
    return {"policy": document(Action=list(actions), Resource=[on], **more)}


def trusts(principal: Any, **conditions: Any) -> dict[str, Any]:
    """Inputs of a role that a principal may take."""
    return {"assumeRolePolicy": document(Action="sts:AssumeRole", Principal=principal, Condition=conditions)}


ARN = "arn:aws:kms:us-east-1:123456789012:key/1"
PODS = {"Service": ["pods.eks.amazonaws.com"]}
POD_TAGS = {
    f"aws:RequestTag/{tag}": "x" for tag in ("eks-cluster-arn", "kubernetes-namespace", "kubernetes-service-account")
}
GITHUB = {"Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"}
BUCKET = made("aws:s3/bucket:Bucket", "files")
VPC = made("aws:ec2/vpc:Vpc", "vpc")
VAULT = made("aws:backup/vault:Vault", "vault")
PLAN = made("aws:backup/plan:Plan", "plan")
ACL = made("aws:wafv2/webAcl:WebAcl", "acl")
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
BLOCKED = {"blockPublicAcls": True, "blockPublicPolicy": True, "ignorePublicAcls": True, "restrictPublicBuckets": True}
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"


def of_bucket(type_: str, **props: Any) -> list[Resource]:
    """A bucket with one resource that belongs to it."""
    return [BUCKET, made(type_, "files", bucket="files", **props)]


def encrypted(**default: Any) -> list[Resource]:
    """A bucket with an encryption configuration."""
    return of_bucket(ENCRYPTION, rules=[{"applyServerSideEncryptionByDefault": default}])


def denies(**condition: Any) -> list[Resource]:
    """A bucket whose policy denies everything under a condition."""
    statement = {"Effect": "Deny", "Principal": "*", "Action": ["s3:*"], "Condition": {"Bool": condition}}
    return of_bucket("aws:s3/bucketPolicy:BucketPolicy", policy=json.dumps({"Statement": [statement]}))


def subnets_of(kind: str) -> list[Resource]:
    """A subnet group in a subnet of one kind."""
    return [
        made("aws:ec2/subnet:Subnet", "a", tags={"SubnetType": kind}),
        made("aws:rds/subnetGroup:SubnetGroup", subnetIds=["a"]),
    ]


def postgres(version: str) -> list[Resource]:
    """An instance with a version of PostgreSQL."""
    return [made("aws:rds/instance:Instance", engine="postgres", engineVersion=version)]


def valkey(version: str) -> list[Resource]:
    """A group with a version of Valkey."""
    return [made("aws:elasticache/replicationGroup:ReplicationGroup", engine="valkey", engineVersion=version)]


def managed(**override: Any) -> dict[str, Any]:
    """A web ACL with the two managed groups it needs."""
    names = ("AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet")
    return {
        "rules": [
            {"name": n, "statement": {"managedRuleGroupStatement": {"name": n}}, "overrideAction": override}
            for n in names
        ]
    }


def zones(count: int, gateways: int) -> list[Resource]:
    """Subnets in some zones and NAT gateways."""
    return [
        *(made("aws:ec2/subnet:Subnet", f"s{n}", availabilityZone=f"us-east-1{n}") for n in range(count)),
        *(made("aws:ec2/natGateway:NatGateway", f"n{n}") for n in range(gateways)),
    ]


def endpoints(count: int) -> list[Resource]:
    """Interface endpoints."""
    type_ = "aws:ec2/vpcEndpoint:VpcEndpoint"
    return [made(type_, f"e{n}", vpcEndpointType="Interface", subnetIds=["a", "b", "c"]) for n in range(count)]


def default(behavior: dict[str, Any]) -> dict[str, Any]:
    """A distribution with a default behavior."""
    return {"defaultCacheBehavior": behavior}


def viewer(**certificate: Any) -> dict[str, Any]:
    """A distribution with a certificate."""
    return {"viewerCertificate": certificate}


def origin(**config: Any) -> dict[str, Any]:
    """A VPC origin."""
    return {"vpcOriginEndpointConfig": config}
