"""What a stack needs that is its own: names, image, roles."""

import json
from collections.abc import Iterator
from typing import Any

from delivery.preflight.model import Answer, Subject, exists
from settings import EXAMPLE_DIGEST

ACTIONS = (
    "cloudfront:CreateDistribution", "ec2:CreateVpc", "eks:CreateCluster", "elasticloadbalancing:CreateLoadBalancer",
    "kms:CreateKey", "rds:CreateDBInstance", "s3:CreateBucket", "secretsmanager:CreateSecret",
)  # fmt: skip
"""One of each service that a stack cannot do without."""


_LONGEST_DOMAIN = 28
"""Characters of a domain's name (OpenSearch Service API reference, CreateDomain)."""


def names(subject: Subject) -> Iterator[Answer]:
    """Names that a deleted stack may still hold; a stack that is there holds them itself."""
    if subject.is_deployed():
        yield Answer(about="names", good=True, text=f"{subject.cluster} is there, and its names are its own")
        return
    taken = [*_kept_secrets(subject), *_kept_domain(subject)]
    database = f"flowise-{subject.stack}-database"
    rds = subject.ask("rds")
    if exists(lambda: rds.describe_db_instances(DBInstanceIdentifier=database), "DBInstanceNotFound"):
        taken.append((f"database {database}", "delete it, or bring its data over (docs/day-two.md)"))
    balancer = f"flowise-{subject.stack}"[:32]
    elb = subject.ask("elbv2")
    if exists(lambda: elb.describe_load_balancers(Names=[balancer]), "LoadBalancerNotFound"):
        taken.append((f"load balancer {balancer}", "delete it"))
    logs = subject.ask("logs")
    prefix = f"flowise/{subject.stack}/"
    for group in logs.describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]:
        name = group["logGroupName"]
        taken.append((f"log group {name}", f"`aws logs delete-log-group --log-group-name {name}`"))
    for what, todo in taken:
        yield Answer(about="names", good=False, text=f"{what} is taken", todo=todo)
    if not taken:
        yield Answer(about="names", good=True, text="none of the stack's names is taken")


def _kept_secrets(subject: Subject) -> Iterator[tuple[str, str]]:
    secrets = subject.ask("secretsmanager")
    for part in ("keys", *(["retrieval"] if subject.settings.retrieval else [])):
        secret = f"flowise/{subject.stack}/{part}"
        if exists(lambda secret=secret: secrets.describe_secret(SecretId=secret), "ResourceNotFoundException"):
            found = secrets.describe_secret(SecretId=secret)
            how = (
                "wait, or `aws secretsmanager restore-secret`" if found.get("DeletedDate") else "keep its values, then"
            )
            yield (
                f"secret {secret}",
                f"{how} `aws secretsmanager delete-secret --force-delete-without-recovery --secret-id {secret}`",
            )


def _kept_domain(subject: Subject) -> Iterator[tuple[str, str]]:
    name = f"flowise-{subject.stack}"
    if subject.settings.retrieval is None or len(name) > _LONGEST_DOMAIN:  # a longer one ends in a hash
        return
    search = subject.ask("opensearch")
    if exists(lambda: search.describe_domain(DomainName=name), "ResourceNotFoundException"):
        yield f"OpenSearch domain {name}", "keep what its indexes hold, then delete it (docs/retrieval.md)"


def image(subject: Subject) -> Iterator[Answer]:
    """Whether the registry holds the image, for the processors that the nodes have."""
    address, _, digest = subject.settings.app.image.partition("@")
    if digest == EXAMPLE_DIGEST:
        todo = f"`gh workflow run image`, or `make image` and `make image-digest STACK={subject.stack}`"
        yield Answer(about="image", good=False, text="the digest is the example's, there is no such image", todo=todo)
        return
    host, _, repository = address.partition("/")
    parts = host.split(".")
    if ".dkr.ecr." not in host:
        yield Answer(about="image", good=None, text=f"{host} is no registry of ECR and is not asked")
        return
    found = subject.ask("ecr", parts[3]).batch_get_image(
        registryId=parts[0], repositoryName=repository, imageIds=[{"imageDigest": digest}]
    )["images"]
    if not found:
        todo = f"`make image`, then `make image-digest STACK={subject.stack}`"
        yield Answer(about="image", good=False, text=f"{repository} holds no image {digest}", todo=todo)
        return
    manifest: dict[str, Any] = json.loads(found[0].get("imageManifest") or "{}")
    built = {m.get("platform", {}).get("architecture") for m in manifest.get("manifests", [])}
    wanted = {"arm64" if subject.settings.nodes and subject.settings.nodes.architecture == "arm64" else "amd64"}
    missing = wanted - built if built else set[str]()
    yield Answer(
        about="image",
        good=not missing,
        text=f"{repository}@{digest[:19]} is there" + (f", but not for {', '.join(missing)}" if missing else ""),
        todo="build it for both platforms: `make image`",
    )


def roles(subject: Subject) -> Iterator[Answer]:
    """Whether the roles that the stack file names are there, and whether this one may make a stack."""
    cfg = subject.settings
    iam = subject.ask("iam")
    boundary = cfg.permissions_boundary_arn
    if boundary and not exists(lambda: iam.get_policy(PolicyArn=boundary), "NoSuchEntity"):
        todo = "`pulumi -C bootstrap stack output -s account permissions_boundary_arns` has the right one"
        yield Answer(about="roles", good=False, text=f"there is no policy {boundary}", todo=todo)
    for arn in [*cfg.cluster.admin_role_arns, *cfg.cluster.preview_role_arns]:
        name = arn.rpartition("/")[2]
        if not exists(lambda name=name: iam.get_role(RoleName=name), "NoSuchEntity"):
            todo = "correct flowise:cluster; EKS refuses an entry for a role that is not there"
            yield Answer(about="roles", good=False, text=f"there is no role {arn}", todo=todo)
    principal = _principal(subject.ask("sts").get_caller_identity()["Arn"], iam)
    results = iam.simulate_principal_policy(PolicySourceArn=principal, ActionNames=list(ACTIONS))["EvaluationResults"]
    refused = [result["EvalActionName"] for result in results if result["EvalDecision"] != "allowed"]
    yield Answer(
        about="roles",
        good=not refused,
        text=f"{principal} may " + (f"not: {', '.join(refused)}" if refused else "make what a stack needs"),
        todo="use the stack's deploying role, or that of an administrator",
    )


def _principal(arn: str, iam: Any) -> str:
    """The role behind a session: policies are simulated for it, not for the session."""
    if ":assumed-role/" not in arn:
        return arn
    return str(iam.get_role(RoleName=arn.split("/")[1])["Role"]["Arn"])
