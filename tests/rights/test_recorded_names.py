"""The names that stacks give are those by which the boundary knows what is theirs."""

from typing import Any

import pytest
import yaml

from analysis.rights.evaluator import may
from analysis.rights.stacks import STACKS, recordings
from analysis.stackfiles import ROOT
from analysis.synthetic import ACCOUNT_ID
from tests.bootstrap.account import rights, with_actions

NAMES = (*STACKS, *(f"{stack}, everything on" for stack in STACKS))


def other(stack: str) -> str:
    return "prod" if stack == "dev" else "dev"


def named(name: str) -> list[tuple[str, str]]:
    """An action and an ARN for each resource that is known by its name."""
    recording = recordings()[name]
    here = f"us-east-1:{ACCOUNT_ID}"
    groups = [r.inputs["name"] for r in recording.of_type("aws:cloudwatch/logGroup:LogGroup")]
    secrets = [r.inputs["name"] for r in recording.of_type("aws:secretsmanager/secret:Secret")]
    boards = [r.inputs["dashboardName"] for r in recording.of_type("aws:cloudwatch/dashboard:Dashboard")]
    databases = [r.inputs["identifier"] for r in recording.of_type("aws:rds/instance:Instance")]
    assert groups
    assert secrets
    assert boards
    assert databases
    return [
        *(("logs:PutRetentionPolicy", f"arn:aws:logs:{here}:log-group:{group}") for group in groups),
        *(("logs:PutLogEvents", f"arn:aws:logs:{here}:log-group:{group}:log-stream:1") for group in groups),
        *(("secretsmanager:PutSecretValue", f"arn:aws:secretsmanager:{here}:secret:{s}-AbCdEf") for s in secrets),
        *(("cloudwatch:PutDashboard", f"arn:aws:cloudwatch::{ACCOUNT_ID}:dashboard/{board}") for board in boards),
    ]


@pytest.mark.parametrize("name", NAMES)
def test_what_a_stack_names_is_its_own_and_no_other_stacks(name: str) -> None:
    stack = name.partition(",")[0]
    policies = rights(with_actions())
    for action, arn in named(name):
        assert may(policies[f"boundary-{stack}"], action, arn), arn
        assert not may(policies[f"boundary-{other(stack)}"], action, arn), arn


@pytest.mark.parametrize("name", NAMES)
def test_the_password_of_the_own_database_alone_is_read(name: str) -> None:
    stack = name.partition(",")[0]
    policies = rights(with_actions())
    secret = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT_ID}:secret:rds!db-1234-AbCdEf"
    for instance in recordings()[name].of_type("aws:rds/instance:Instance"):
        database = f"arn:aws:rds:us-east-1:{ACCOUNT_ID}:db:{instance.inputs['identifier']}"
        context = {"aws:ResourceTag/aws:rds:primaryDBInstanceArn": database}
        assert may(policies[f"boundary-{stack}"], "secretsmanager:GetSecretValue", secret, context)
        assert not may(policies[f"boundary-{other(stack)}"], "secretsmanager:GetSecretValue", secret, context)
        assert may(policies[f"boundary-{stack}"], "secretsmanager:CreateSecret", secret), "RDS makes it, then tags it"


@pytest.mark.parametrize("stack", STACKS)
def test_automatic_names_of_roles_and_buckets_are_the_stacks_own(stack: str) -> None:
    project: Any = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))
    resources: dict[str, dict[str, str]] = project["config"]["pulumi:autonaming"]["value"]["providers"]["aws"][
        "resources"
    ]
    patterns = {type_: rule["pattern"] for type_, rule in resources.items()}
    policies = rights(with_actions())
    for type_, action, arn in (
        ("aws:s3/bucket:Bucket", "s3:PutObject", "arn:aws:s3:::{0}/x"),
        ("aws:s3/bucket:Bucket", "s3:PutBucketPolicy", "arn:aws:s3:::{0}"),
        ("aws:iam/role:Role", "iam:DeleteRole", f"arn:aws:iam::{ACCOUNT_ID}:role/{{0}}"),
    ):
        name = patterns[type_].replace("${stack}", stack).replace("${name}", "files").replace("${hex(7)}", "1a2b3c4")
        assert len(name) <= 63
        assert may(policies[f"boundary-{stack}"], action, arn.format(name))
        assert not may(policies[f"boundary-{other(stack)}"], action, arn.format(name))
