"""Identity: what roles may do, and who may take them."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, cast

from policies.model import Resource, at, items, rule, text

POLICIES = (
    "aws:iam/policy:Policy",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/groupPolicy:GroupPolicy",
    "aws:iam/userPolicy:UserPolicy",
)
ROLE = "aws:iam/role:Role"
RESOURCE_POLICIES = (
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:kms/key:Key",
    "aws:kms/replicaKey:ReplicaKey",
    "aws:sns/topic:Topic",
    "aws:sns/topicPolicy:TopicPolicy",
    "aws:sqs/queuePolicy:QueuePolicy",
    "aws:secretsmanager/secretPolicy:SecretPolicy",
    "aws:backup/vaultPolicy:VaultPolicy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy",
)
ESCALATIONS = (
    "iam:AddUserToGroup",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreatePolicyVersion",
    "iam:DeleteRolePermissionsBoundary",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateLoginProfile",
)
"""Actions that let their holder give itself more rights."""
WITHOUT_RESOURCES = ("xray:PutTraceSegments",)
"""Actions that write, and name nothing that they write to (service authorization reference)."""
NAMES_ITS_SOURCE = (
    "backup.amazonaws.com",
    "codebuild.amazonaws.com",
    "monitoring.rds.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
)
"""Services whose guides bind a role to the account that they work for ("confused deputy" in each)."""
_FAR_REACHING = ("AdministratorAccess", "PowerUserAccess", "IAMFullAccess", "AWSCloudShellFullAccess")
_POD_CONDITIONS = ("eks-cluster-arn", "kubernetes-namespace", "kubernetes-service-account")


def statements(document: object) -> list[dict[str, Any]]:
    """Statements of a policy document. Raises `Undecided` if it is unknown."""
    found = items(json.loads(text(document) or "{}"), "Statement")
    return [cast("dict[str, Any]", statement) for statement in found]


def _allowed(resource: Resource) -> list[dict[str, Any]]:
    documents = [resource.get("policy"), *(at(p, "policy") for p in resource.items("inlinePolicies"))]
    return [s for document in documents for s in statements(document) if s.get("Effect") == "Allow"]


def _list(value: object) -> list[str]:
    return [value] if isinstance(value, str) else cast("list[str]", value or [])


def _matches(pattern: str, action: str) -> bool:
    return fnmatchcase(action.lower(), pattern.lower())


@rule(*POLICIES, ROLE, fix="name the actions", controls=("AWS IAM.1", "AWS IAM.21", "CIS-AWS 2.15"))
def iam_named_actions(policy: Resource) -> Iterator[str]:
    """A wildcard also allows what AWS adds to the service next year."""
    for statement in _allowed(policy):
        for action in _list(statement.get("Action")):
            if action == "*" or action.endswith(":*"):
                yield f"allows {action}"
        if "NotAction" in statement:
            yield "allows everything but some actions (NotAction)"


def _takes_no_resource(action: str) -> bool:
    """Whether it lists, or AWS has no resource that a statement could name for it."""
    return action.partition(":")[2].startswith(("Describe", "List")) or action in WITHOUT_RESOURCES


@rule(*POLICIES, ROLE, fix="name the ARNs, or add a condition", controls=("AWS IAM.1", "CIS-AWS 2.15"))
def iam_named_resources(policy: Resource) -> Iterator[str]:
    """Rights on everything reach the data of every other system in the account."""
    for statement in _allowed(policy):
        unbound = all(_takes_no_resource(action) for action in _list(statement.get("Action")))
        if "*" in _list(statement.get("Resource")) and not statement.get("Condition") and not unbound:
            yield f"statement {statement.get('Sid', '')} allows {', '.join(_list(statement.get('Action')))} on *"
        if "NotResource" in statement:
            yield "allows everything but some resources (NotResource)"


@rule(*POLICIES, ROLE, fix="leave these actions to the deployment's own role")
def iam_no_escalation(policy: Resource) -> Iterator[str]:
    """With one of these actions a pod that was taken over makes itself administrator."""
    for statement in _allowed(policy):
        for pattern in _list(statement.get("Action")):
            gained = [action for action in ESCALATIONS if _matches(pattern, action)]
            if gained:
                yield f"{pattern} allows {gained[0]}"


@rule(*POLICIES, ROLE, fix="name the role, and set the condition iam:PassedToService")
def iam_pass_role_bounded(policy: Resource) -> Iterator[str]:
    """Who may pass any role to any service may act with the strongest of them."""
    for statement in _allowed(policy):
        passes = [a for a in _list(statement.get("Action")) if _matches(a, "iam:PassRole")]
        open_ = any(r == "*" or r.endswith(":role/*") for r in _list(statement.get("Resource")))
        bound = "iam:PassedToService" in json.dumps(statement.get("Condition", {}))
        if passes and (open_ or not bound):
            yield f"{passes[0]} on {', '.join(_list(statement.get('Resource')))}, bound to no service"


@rule(*POLICIES, ROLE, fix="name the key", controls=("AWS KMS.1", "AWS KMS.2"))
def iam_decrypts_named_keys(policy: Resource) -> Iterator[str]:
    """Decryption with every key undoes the encryption of every other system in the account."""
    for statement in _allowed(policy):
        keys = _list(statement.get("Resource"))
        if any(_matches(a, "kms:Decrypt") for a in _list(statement.get("Action"))) and any(
            k == "*" or k.endswith((":key/*", ":alias/*")) for k in keys
        ):
            yield f"allows kms:Decrypt on {', '.join(keys)}"


@rule(
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:iam/policyAttachment:PolicyAttachment",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
    fix="attach a policy with what the role needs",
    controls=("AWS IAM.1", "AWS IAM.27", "CIS-AWS 2.15", "CIS-AWS 2.21"),
)
def iam_no_far_reaching_attachment(attachment: Resource) -> Iterator[str]:
    """AWS's policies for administrators are made for people, not for programs."""
    name = text(attachment.get("policyArn")).rpartition("/")[2]
    if name in _FAR_REACHING:
        yield f"attaches {name}"


@rule(
    "aws:iam/user:User",
    "aws:iam/accessKey:AccessKey",
    "aws:iam/userLoginProfile:UserLoginProfile",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment",
    fix="use a role: Pod Identity for pods, OIDC for pipelines, the identity provider for people",
    controls=("AWS IAM.2", "CIS-AWS 2.20"),
)
def iam_no_users(user: Resource) -> Iterator[str]:
    """Keys of users do not expire, and leak."""
    yield f"makes a {user.type.rpartition(':')[2]}"


@rule(ROLE, fix="name the principal")
def iam_trust_named(role: Resource) -> Iterator[str]:
    """A role that anybody may take belongs to every AWS customer."""
    for statement in statements(role.get("assumeRolePolicy")):
        principal = statement.get("Principal")
        if statement.get("Effect") == "Allow" and (principal == "*" or "*" in _list(at(principal, "AWS"))):
            yield "Principal is *"


@rule(
    ROLE,
    fix="set StringEquals on aws:RequestTag/eks-cluster-arn, kubernetes-namespace and kubernetes-service-account",
    controls=("CIS-EKS 5.2.1",),
)
def iam_pod_identity_bound(role: Resource) -> Iterator[str]:
    """Without conditions an association in any cluster of the account hands the role to any pod."""
    for statement in statements(role.get("assumeRolePolicy")):
        if "pods.eks.amazonaws.com" not in _list(at(statement, "Principal.Service")):
            continue
        condition: dict[str, Any] = statement.get("Condition") or {}
        bound = " ".join(condition.get("StringEquals") or {})
        missing = [tag for tag in _POD_CONDITIONS if f"/{tag}" not in bound]
        if missing:
            yield f"no condition on {', '.join(missing)}"


@rule(ROLE, fix="set StringEquals on the provider's :aud, and :sub to this repository and branch or environment")
def iam_federation_bound(role: Resource) -> Iterator[str]:
    """A provider such as GitHub signs tokens for everybody; only the subject says whose pipeline it is."""
    for statement in statements(role.get("assumeRolePolicy")):
        if statement.get("Effect") != "Allow" or not at(statement, "Principal.Federated"):
            continue
        operators: dict[str, dict[str, Any]] = statement.get("Condition") or {}
        conditions = [(k, v) for operator in operators.values() for k, v in operator.items()]
        subjects = [s for key, value in conditions if key.endswith(":sub") for s in _list(value)]
        if not subjects or any(s in ("*", "repo:*") for s in subjects):
            yield f"the subject is {', '.join(subjects) or 'not bound'}"
        if not any(key.endswith(":aud") for key, _ in conditions):
            yield "the audience is not bound"


@rule(ROLE, fix="set StringEquals on aws:SourceAccount")
def iam_service_trust_bound(role: Resource) -> Iterator[str]:
    """Without it the service may be talked into using the role on behalf of another customer (confused deputy)."""
    for statement in statements(role.get("assumeRolePolicy")):
        bound = "aws:SourceA" in json.dumps(statement.get("Condition", {}))
        for service in _list(at(statement, "Principal.Service")):
            if service in NAMES_ITS_SOURCE and not bound:
                yield f"{service} without aws:SourceAccount"


@rule(
    *RESOURCE_POLICIES,
    fix="name the principal, or add a condition on aws:PrincipalOrgID or aws:SourceAccount",
    controls=("AWS S3.2", "AWS S3.3", "AWS KMS.5", "AWS SNS.4"),
)
def resource_policy_not_public(resource: Resource) -> Iterator[str]:
    """A policy that allows everybody publishes what it guards, whatever the roles say."""
    for statement in _allowed(resource):
        principal = statement.get("Principal")
        if (principal == "*" or "*" in _list(at(principal, "AWS"))) and not statement.get("Condition"):
            yield f"statement {statement.get('Sid', '')} allows everybody"
