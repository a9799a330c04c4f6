"""The runner: whose jobs start a machine in the stack's network, and what a program on that machine can do."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from analysis.optional_sections import left_out_by_prod
from analysis.recorder import Recording
from analysis.rights.evaluator import may
from analysis.rights.stacks import CONNECTION_ARN
from analysis.stackfiles import ROOT
from components.runner.settings import WORKFLOWS
from tests.conftest import recorded, recorded_with
from tests.delivery.test_workflows import jobs
from tests.test_settings import broken

RUNNER = left_out_by_prod()["runner"]

INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
HERE = "arn:aws:{0}:us-east-1:123456789012:{1}"
INTERFACE = HERE.format("ec2", "network-interface/eni-1")


def with_runner(preview: bool = False, **change: Any) -> Recording:
    """The production stack with a runner, and nobody else who reaches its API."""
    closed = {"cluster.api_client_cidrs": list[str](), "cluster.public_access_cidrs": list[str]()}
    edits: dict[str, Any] = {"runner": {**RUNNER, **change}, **closed}
    return recorded_with("prod", edits, preview=preview)


def project(recording: Recording) -> dict[str, Any]:
    return recording.only("aws:codebuild/project:Project").inputs


def filters(recording: Recording) -> dict[str, str]:
    """Filters of the webhook; all of them must hold for a machine to start."""
    (group,) = recording.only("aws:codebuild/webhook:Webhook").inputs["filterGroups"]
    return {each["type"]: each["pattern"] for each in group["filters"]}


def statements() -> list[dict[str, Any]]:
    policy = with_runner().only("aws:iam/rolePolicy:RolePolicy", "runner").inputs["policy"]
    return json.loads(policy)["Statement"]


def subnets() -> list[str]:
    return [HERE.format("ec2", f"subnet/{subnet}") for subnet in project(with_runner())["vpcConfig"]["subnets"]]


def test_no_stack_of_this_repository_has_one(stack: str) -> None:
    assert not recorded(stack).of_type("aws:codebuild/project:Project")
    assert "runner" not in recorded(stack).exports


def test_the_cluster_admits_the_machines_to_its_api_and_nobody_else() -> None:
    recording = with_runner()
    group = recording.only("aws:ec2/securityGroup:SecurityGroup", "runner").id
    cluster = recording.only("aws:eks/cluster:Cluster")
    assert cluster.inputs["vpcConfig"]["endpointPublicAccess"] is False
    rules = [r for r in recording.of_type(INGRESS) if r.name.startswith("cluster-api-")]
    assert [(r.name, r.inputs["referencedSecurityGroupId"], r.inputs["toPort"]) for r in rules] == [
        ("cluster-api-runner", group, 443)
    ]
    assert not [r for r in recording.of_type(INGRESS) if r.inputs["securityGroupId"] == group], "none is connected to"


def test_a_machine_is_in_the_private_subnets_and_keeps_its_log_under_the_stacks_key() -> None:
    recording = with_runner()
    made, group = project(recording), recording.only("aws:ec2/securityGroup:SecurityGroup", "runner").id
    private = {r.id for r in recording.of_type("aws:ec2/subnet:Subnet") if "private" in r.name}
    assert set(made["vpcConfig"]["subnets"]) == private
    assert made["vpcConfig"]["securityGroupIds"] == [group]
    log = recording.only("aws:cloudwatch/logGroup:LogGroup", "runner").inputs
    assert made["logsConfig"]["cloudwatchLogs"] == {"status": "ENABLED", "groupName": log["name"]}
    assert log["kmsKeyId"] == recording.only("aws:kms/key:Key", "key").outputs["arn"]
    assert made["environment"]["privilegedMode"] is False


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_its_label_is_what_the_workflows_ask_for(stack: str) -> None:
    """CodeBuild user guide, "Label overrides": codebuild-PROJECT-RUN-ATTEMPT, of which the workflows add the end."""
    recording = recorded_with(stack, {"runner": RUNNER})
    assert (
        recording.exports["runner"] == f"codebuild-{project(recording)['name']}" == f"codebuild-flowise-{stack}-runner"
    )
    assert recorded_with(stack, {"runner": RUNNER}, preview=True).exports["runner"] == recording.exports["runner"]


def test_jobs_of_deployments_start_a_machine_and_no_others() -> None:
    found = filters(with_runner())
    assert found["EVENT"] == "WORKFLOW_JOB_QUEUED"
    every = {path.stem for path in (ROOT / ".github" / "workflows").glob("*.yml")}
    assert {name for name in every if re.search(found["WORKFLOW_NAME"], name)} == {"deploy", "drift"} == set(WORKFLOWS)
    assert not re.search(found["WORKFLOW_NAME"], "deploy of somebody else")
    allowed = filters(with_runner(previews=True))["WORKFLOW_NAME"]
    assert {name for name in every if re.search(allowed, name)} == {"deploy", "drift", "preview"}


def test_every_job_that_may_run_there_has_ended_before_the_machine_is_stopped() -> None:
    longest = max(job["timeout-minutes"] for workflow, _, job in jobs() if workflow in (*WORKFLOWS, "preview"))
    assert longest <= project(with_runner())["buildTimeout"]


def test_the_accounts_that_are_named_start_a_machine_and_no_others() -> None:
    pattern = filters(with_runner(account_ids=[123, 45]))["ACTOR_ACCOUNT_ID"]
    assert [number for number in ("123", "45", "1234", "5", "12345") if re.search(pattern, number)] == ["123", "45"]
    assert "ACTOR_ACCOUNT_ID" not in filters(with_runner(account_ids=[], private_repository=True))


REFUSED: list[tuple[Mapping[str, Any], str]] = [
    ({"account_ids": []}, "everybody who may send a pull request could start a machine"),
    ({"account_ids": [7, 7]}, "more than once"),
    ({"repository": "https://github.com/acme/flowise"}, "for example acme/flowise-on-aws"),
    ({"connection_arn": CONNECTION_ARN.replace("codeconnections", "codestar-connections")}, "for example arn:aws:code"),
]


@pytest.mark.parametrize(("change", "says"), REFUSED)
def test_what_would_let_strangers_in_or_never_work_is_refused(change: Mapping[str, Any], says: str) -> None:
    def edit(document: dict[str, Any]) -> None:
        document["flowise:runner"] = {**RUNNER, **change}

    assert says in broken(edit)


def test_a_program_on_the_machine_may_only_do_what_codebuild_does_for_it() -> None:
    """The credentials of the service role are there for every job."""
    allowed = {(action, s["Sid"]) for s in statements() for action in s["Action"] if "Describe" not in action}
    assert {action for action, _ in allowed} == {
        "logs:CreateLogStream", "logs:PutLogEvents",
        "codeconnections:GetConnection", "codeconnections:GetConnectionToken", "codeconnections:UseConnection",
        "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:CreateNetworkInterfacePermission",
    }  # fmt: skip
    log = HERE.format("logs", "log-group:flowise/prod/runner:log-stream:1")
    assert may(statements(), "logs:PutLogEvents", log)
    assert not may(statements(), "logs:PutLogEvents", log.replace("runner", "containers"))
    assert may(statements(), "codeconnections:GetConnectionToken", CONNECTION_ARN)
    assert not may(statements(), "codeconnections:GetConnectionToken", CONNECTION_ARN[:-1] + "0")


def test_interfaces_are_made_in_its_own_subnets_for_codebuild_alone() -> None:
    found, own = statements(), subnets()
    group = HERE.format("ec2", f"security-group/{project(with_runner())['vpcConfig']['securityGroupIds'][0]}")
    foreign = HERE.format("ec2", "subnet/subnet-0data")
    for resource in (*own, group, INTERFACE):
        assert may(found, "ec2:CreateNetworkInterface", resource)
    for resource in (foreign, HERE.format("ec2", "security-group/sg-0other")):
        assert not may(found, "ec2:CreateNetworkInterface", resource)
    for action, service in (("DeleteNetworkInterface", ""), ("CreateNetworkInterfacePermission", "codebuild")):
        context = {"ec2:AuthorizedService": f"{service}.amazonaws.com"} if service else dict[str, str]()
        assert may(found, f"ec2:{action}", INTERFACE, {**context, "ec2:Subnet": own[0]})
        assert not may(found, f"ec2:{action}", INTERFACE, {**context, "ec2:Subnet": foreign})
    given = {"ec2:Subnet": own[0], "ec2:AuthorizedService": "lambda.amazonaws.com"}
    assert not may(found, "ec2:CreateNetworkInterfacePermission", INTERFACE, given)


def test_the_role_is_taken_by_this_project_of_this_account_alone() -> None:
    (trust,) = json.loads(with_runner().only("aws:iam/role:Role", "runner").inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": ["codebuild.amazonaws.com"]}
    assert trust["Condition"]["StringEquals"] == {
        "aws:SourceAccount": "123456789012",
        "aws:SourceArn": HERE.format("codebuild", "project/flowise-prod-runner"),
    }


def test_the_project_waits_for_the_rights_that_its_making_needs() -> None:
    """CodeBuild asks GitHub by the role while it makes the project and the webhook."""
    recording = with_runner()
    made = recording.only("aws:codebuild/project:Project")
    assert recording.only("aws:iam/rolePolicy:RolePolicy", "runner").urn in made.depends_on
    assert made.urn in recording.only("aws:codebuild/webhook:Webhook").depends_on


def test_a_first_preview_shows_all_of_it() -> None:
    assert {r.urn for r in with_runner(preview=True).records} == {r.urn for r in with_runner().records}
