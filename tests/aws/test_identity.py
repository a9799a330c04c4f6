"""Who may do what, as AWS would show it."""

import re
from typing import Any

from tests.aws.environment import ACCOUNT, REGION, LocalEnvironment

_MANAGED = {
    "eks.amazonaws.com": {
        "AmazonEKSClusterPolicy",
        "AmazonEKSComputePolicy",
        "AmazonEKSBlockStoragePolicy",
        "AmazonEKSLoadBalancingPolicy",
        "AmazonEKSNetworkingPolicy",
    },
    "ec2.amazonaws.com": {"AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"},
    "monitoring.rds.amazonaws.com": {"service-role/AmazonRDSEnhancedMonitoringRole"},
    "vpc-flow-logs.amazonaws.com": set[str](),
    "pods.eks.amazonaws.com": set[str](),
}
"""AWS's own policies of the roles of each service."""
_BACKUP = {
    "backup": {"service-role/AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForS3Backup"},
    "backup-restore": {
        "service-role/AWSBackupServiceRolePolicyForRestores",
        "AWSBackupServiceRolePolicyForS3Restore",
    },
}
"""AWS Backup has two roles: one takes recovery points, one restores them for a test."""
_PROD_ONLY = ["backup.amazonaws.com", "backup.amazonaws.com", "s3.amazonaws.com", *["pods.eks.amazonaws.com"] * 3]
"""AWS Backup's two, the replication of files, the metrics agent, the Collector and Fluentd."""


def _trust(local_env: LocalEnvironment, role: str) -> dict[str, Any]:
    document = local_env.aws("iam").get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    (statement,) = document["Statement"]
    return statement


def _inline(local_env: LocalEnvironment, role: str) -> list[dict[str, Any]]:
    iam = local_env.aws("iam")
    return [
        statement
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
        for statement in iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]["Statement"]
    ]


def test_every_role_trusts_one_service(local_env: LocalEnvironment) -> None:
    trusted: list[str] = []
    for record in local_env.all("iam/role:Role"):
        statement = _trust(local_env, record.id)
        assert statement["Effect"] == "Allow"
        (service,) = statement["Principal"].pop("Service")
        assert statement["Principal"] == {}
        tagging = service in {"eks.amazonaws.com", "pods.eks.amazonaws.com"}
        assert statement["Action"] == (["sts:AssumeRole", "sts:TagSession"] if tagging else ["sts:AssumeRole"])
        trusted.append(service)
    more = _PROD_ONLY if local_env.promise.recovery_region else []
    assert sorted(trusted) == sorted([*_MANAGED, "pods.eks.amazonaws.com", *more])


def test_pods_get_their_role_in_this_cluster_only(local_env: LocalEnvironment) -> None:
    for account in ("flowise", "flowise-migration"):
        statement = _trust(local_env, local_env.only("iam/role:Role", account).id)
        assert statement["Condition"] == {
            "StringEquals": {
                "aws:RequestTag/eks-cluster-arn": f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/flowise-{local_env.stack}",
                "aws:RequestTag/kubernetes-namespace": "flowise",
                "aws:RequestTag/kubernetes-service-account": account,
            }
        }
        # moto has no Pod Identity.
        association = local_env.only("eks/podIdentityAssociation:PodIdentityAssociation", account).inputs
        assert association == {
            "clusterName": f"flowise-{local_env.stack}",
            "namespace": "flowise",
            "serviceAccount": account,
            "roleArn": local_env.only("iam/role:Role", account).outputs["arn"],
        }


def test_roles_have_the_managed_policies_of_their_service(local_env: LocalEnvironment) -> None:
    for record in local_env.all("iam/role:Role"):
        service = _trust(local_env, record.id)["Principal"]["Service"][0]
        attached = local_env.aws("iam").list_attached_role_policies(RoleName=record.id)["AttachedPolicies"]
        names = {policy["PolicyArn"].removeprefix("arn:aws:iam::aws:policy/") for policy in attached}
        agent = {"CloudWatchAgentServerPolicy"} if record.name == "observability-insights" else set[str]()
        assert names == (_BACKUP.get(record.name) or _MANAGED.get(service, set[str]()) | agent)


def test_inline_policies_name_actions_and_resources(local_env: LocalEnvironment) -> None:
    # A wildcard only for the objects of a bucket or the streams of a log group.
    resource = re.compile(r"arn:aws:s3:::[^*]+(/\*)?|arn:aws:logs:[^*]+(:\*)?|arn:aws:[^*]+")
    statements = {record.name: _inline(local_env, record.id) for record in local_env.all("iam/role:Role")}
    assert any(statements.values())
    for role, statement in ((role, one) for role, some in statements.items() for one in some):
        assert statement["Effect"] == ("Deny" if role == "backup-restore" else "Allow")
        assert all(re.fullmatch(r"[a-z0-9]+:[A-Za-z]+", action) for action in statement["Action"]), statement
        unnamed = statement["Resource"] == ["*"]
        assert unnamed == (statement["Action"] == ["xray:PutTraceSegments"]), "it names nothing that it writes to"
        assert unnamed or all(resource.fullmatch(arn) for arn in statement["Resource"]), statement


def test_flowise_reaches_its_files_only(local_env: LocalEnvironment) -> None:
    bucket = f"arn:aws:s3:::{local_env.only('s3/bucket:Bucket', 'files').id}"
    rights = {
        (action, arn)
        for statement in _inline(local_env, local_env.only("iam/role:Role", "flowise").id)
        for action in statement["Action"]
        for arn in statement["Resource"]
    }
    assert rights == {
        ("s3:ListBucket", bucket),
        *((f"s3:{verb}Object", f"{bucket}/*") for verb in ("Get", "Put", "Delete")),
        *((f"kms:{verb}", local_env.key_arn) for verb in ("Decrypt", "GenerateDataKey")),
    }


def test_migration_reads_the_administrator_secret_only(local_env: LocalEnvironment) -> None:
    secret = local_env.only("rds/instance:Instance").outputs["masterUserSecrets"][0]["secretArn"]
    statements = _inline(local_env, local_env.only("iam/role:Role", "flowise-migration").id)
    rights = {(action, arn) for s in statements for action in s["Action"] for arn in s["Resource"]}
    assert rights == {("secretsmanager:GetSecretValue", secret), ("kms:Decrypt", local_env.key_arn)}


def test_keys_are_used_through_one_service(local_env: LocalEnvironment) -> None:
    for record in local_env.all("iam/role:Role"):
        for statement in _inline(local_env, record.id):
            if statement["Resource"] == [local_env.key_arn]:
                assert [key for test in statement["Condition"].values() for key in test] == ["kms:ViaService"]


def test_restore_tests_never_touch_the_originals(local_env: LocalEnvironment) -> None:
    if not local_env.promise.recovery_region:
        assert local_env.all("backup/plan:Plan") == []
        return
    bucket = local_env.only("s3/bucket:Bucket", "files").outputs["arn"]
    denied = {
        arn: set(s["Action"])
        for s in _inline(local_env, local_env.only("iam/role:Role", "backup-restore").id)
        for arn in s["Resource"]
    }
    assert denied.keys() == {bucket, f"{bucket}/*", local_env.only("rds/instance:Instance").outputs["arn"]}
    assert {"s3:DeleteObject", "s3:DeleteObjectVersion"} <= denied[f"{bucket}/*"]


def test_the_copying_role_reads_here_and_writes_there(local_env: LocalEnvironment) -> None:
    region = local_env.promise.recovery_region
    if not region:
        return
    here = local_env.only("s3/bucket:Bucket", "files").outputs["arn"]
    there = local_env.only("s3/bucket:Bucket", "files-recovery").outputs["arn"]
    rights = {
        action: set(statement["Resource"])
        for statement in _inline(local_env, local_env.only("iam/role:Role", "files-recovery").id)
        for action in statement["Action"]
    }
    assert {action for action, arns in rights.items() if f"{there}/*" in arns} == {
        "s3:ReplicateObject",
        "s3:ReplicateDelete",
        "s3:ReplicateTags",
    }
    assert rights["s3:GetObjectVersionForReplication"] == {f"{here}/*"}
    assert rights["kms:Decrypt"] == {local_env.key_arn}
    assert rights["kms:Encrypt"] == {local_env.only("kms/key:Key", "key-recovery").outputs["arn"]}
