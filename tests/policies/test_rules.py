"""Every rule finds what it is for, and nothing else."""

import json
import re
from collections.abc import Callable
from datetime import date

import pytest

from policies.model import Resource, Rule, Stack
from policies.rules import BY_ID, RULES
from tests.policies import samples_aws, samples_kubernetes
from tests.policies.parts import Sample, document, made, may

TODAY = date(2026, 11, 23)
"""Versions and exceptions are evaluated by this day, so that the tests say the same next year."""
SAMPLES = samples_aws.SAMPLES | samples_kubernetes.SAMPLES
OPEN = ["0.0.0.0/0"]
CRON = {"jobTemplate": {"spec": {"template": samples_kubernetes.pod()}}}
CONTROL = re.compile(r"AWS [A-Z][A-Za-z0-9]+\.\d+|CIS-AWS \d(\.\d+)+|CIS-EKS \d(\.\d+)+|CIS-K8S \d(\.\d+)+")


def stack(resources: list[Resource], *, protected: bool = True) -> Stack:
    return Stack(name="test", resources=tuple(resources), protected=protected, today=TODAY)


def resources_of(rule: Rule, sample: Sample) -> list[Resource]:
    return sample if isinstance(sample, list) else [made(rule.types[0].replace("*", "test:a:A"), **sample)]


def test_no_rule_is_without_samples() -> None:
    assert set(SAMPLES) | {"stack_protected"} == set(BY_ID)
    assert len(RULES) == len(BY_ID) >= 40


def test_a_rule_tells_its_samples_apart() -> None:
    missed: list[str] = []
    unexplained: list[str] = []
    refused: dict[str, object] = {}
    for name, (breaks, passes) in SAMPLES.items():
        rule = BY_ID[name]
        found = rule.evaluate(stack(resources_of(rule, breaks))).findings
        missed += [] if found else [name]
        unexplained += [name for finding in found if not (finding.message and finding.fix)]
        if said := rule.evaluate(stack(resources_of(rule, passes))).findings:
            refused[name] = said
    assert not missed, str(missed)
    assert not unexplained, str(unexplained)
    assert not refused, str(refused)


@pytest.mark.parametrize("name", sorted(n for n, r in BY_ID.items() if r.protected_only))
def test_rules_about_deletion_leave_an_unprotected_stack_alone(name: str) -> None:
    rule = BY_ID[name]
    assert rule.evaluate(stack(resources_of(rule, SAMPLES[name][0]), protected=False)).findings == ()


def test_an_unprotected_stack_is_a_finding() -> None:
    rule = BY_ID["stack_protected"]
    assert [f.resource for f in rule.evaluate(stack([], protected=False)).findings] == ["stack"]
    assert rule.evaluate(stack([])).findings == ()


def test_a_rule_says_why_what_to_do_and_which_control() -> None:
    def every(holds: Callable[[Rule], bool]) -> None:
        others = [rule.id for rule in RULES if not holds(rule)]
        assert not others, str(others)

    every(lambda rule: len(rule.reason) > 20 and rule.reason.endswith("."))
    every(lambda rule: len(rule.fix) > 5)
    every(lambda rule: all(CONTROL.fullmatch(control) for control in rule.controls))
    every(lambda rule: [rule.on_resource, rule.on_owner, rule.on_stack].count(None) == 2)
    every(lambda rule: bool(rule.types) == (rule.on_stack is None))


@pytest.mark.parametrize(
    ("rule", "resources"),
    [
        ("sg_closed_to_internet", [made("aws:ec2/securityGroup:SecurityGroup", ingress=[{"cidrBlocks": OPEN}])]),
        ("sg_closed_to_internet", [made("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", cidrIpv6="::/0")]),
        (
            "sg_names_ports",
            [made("aws:ec2/securityGroupRule:SecurityGroupRule", type="ingress", fromPort=0, toPort=65535)],
        ),
        ("iam_named_actions", [made("aws:iam/rolePolicy:RolePolicy", policy=document(NotAction="iam:*"))]),
        ("iam_no_escalation", [made("aws:iam/policy:Policy", **may("*"))]),
        ("resource_policy_not_public", [made("aws:kms/key:Key", policy=document(Principal={"AWS": "*"}))]),
        ("pod_image_by_digest", [made("kubernetes:batch/v1:CronJob", spec=CRON)]),
        ("no_static_aws_keys", [made("kubernetes:core/v1:Secret", stringData={"x": "AKIA" + "A" * 16})]),
        ("cost_pods_bounded", [made("kubernetes:keda.sh/v1alpha1:ScaledObject", spec={})]),
        ("data_protected", [made("aws:backup/vault:Vault")]),
        ("helm_pinned", [made("kubernetes:helm.sh/v4:Chart", chart="keda")]),
    ],
)  # fmt: skip
def test_a_rule_sees_every_shape_of_the_mistake(rule: str, resources: list[Resource]) -> None:
    assert BY_ID[rule].evaluate(stack(resources)).findings


def test_no_finding_shows_a_secret() -> None:
    secret = "hunter2-hunter2"
    resources = [
        made("kubernetes:core/v1:ConfigMap", data={"API_KEY": secret}, metadata={"namespace": "a"}),
        made("aws:rds/instance:Instance", password=secret),
        made("kubernetes:core/v1:Pod", **samples_kubernetes.pod({"env": [{"name": "TOKEN", "value": secret}]})),
    ]
    found = [finding for rule in RULES for finding in rule.evaluate(stack(resources)).findings]
    assert {"configmap_without_secrets", "rds_password_managed", "pod_env_without_secrets"} <= {f.rule for f in found}
    assert secret not in json.dumps([finding.message for finding in found])


def test_an_ingress_of_aws_has_its_certificate_in_an_annotation() -> None:
    annotations = {"alb.ingress.kubernetes.io/certificate-arn": "arn:aws:acm:us-east-1:123456789012:certificate/a"}
    sample = {"metadata": {"annotations": annotations}, "spec": {}}
    rule = BY_ID["ingress_https"]
    assert rule.evaluate(stack(resources_of(rule, sample))).findings == ()
