"""The canary: what it asks, what it may do, and who it logs in as."""

import json
from typing import Any

import pytest

from components.common.metrics import NAMESPACE
from settings import SettingsError, parse_settings
from tests.components.test_observability import CANARY
from tests.components.test_sign_in import SIGN_IN
from tests.conftest import edited, recorded_with


def test_canary_asks_as_a_user_would_and_may_only_count() -> None:
    found = recorded_with("prod", {"observability.canary": CANARY})
    job = found.only("kubernetes:batch/v1:CronJob").inputs["spec"]
    assert job["schedule"] == "*/5 * * * *"
    pod = job["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    environment = {each["name"]: each["value"] for each in container["env"]}
    assert environment["CANARY_URL"] == found.exports["url"]
    assert environment["CANARY_FLOW_ID"] == CANARY["flow_id"]
    assert "envFrom" not in container, "no secret of Flowise's"
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    role = json.loads(found.only("aws:iam/rolePolicy:RolePolicy", "observability-canary").inputs["policy"])
    (statement,) = role["Statement"]
    assert statement["Action"] == ["cloudwatch:PutMetricData"]
    assert statement["Condition"] == {"StringEquals": {"cloudwatch:namespace": NAMESPACE}}


def test_canary_logs_in_where_it_has_an_account() -> None:
    canary = {**CANARY, "login_email": "canary@example.com"}
    found = recorded_with("prod", {"observability.canary": canary}, secrets={"canary_password": "a-password"})
    job = found.only("kubernetes:batch/v1:CronJob").inputs
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    environment = {each["name"]: each for each in pod["containers"][0]["env"]}
    assert environment["CANARY_EMAIL"]["value"] == "canary@example.com"
    reference = environment["CANARY_PASSWORD"]["valueFrom"]["secretKeyRef"]
    secret = found.only("kubernetes:core/v1:Secret", "observability-canary")
    assert reference["name"] == secret.outputs["metadata"]["name"]
    assert secret.inputs["metadata"]["namespace"] == job["metadata"]["namespace"]
    assert "a-password" not in str(job)


@pytest.mark.parametrize(
    ("edits", "message"),
    [
        ({}, "flowise:canary_password: is missing, but observability.canary.login_email is set"),
        ({"load_balancer.sign_in": SIGN_IN}, "observability.canary.login_email: the load balancer asks for a sign-in"),
    ],
)
def test_a_login_that_cannot_work_is_explained(edits: dict[str, Any], message: str) -> None:
    config = edited("prod", {"observability.canary": {**CANARY, "login_email": "canary@example.com"}, **edits})
    with pytest.raises(SettingsError) as caught:
        parse_settings(config.values, config.secret_keys, "prod")
    assert message in str(caught.value)
