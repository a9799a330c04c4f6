"""Keyless models: what the pods' role may call, decided by the rendered policy alone."""

import fnmatch
import json
from functools import cache
from typing import Any, cast

import pytest

from analysis.recorder import Recording
from tests.conftest import recorded, recorded_with

NOVA, TITAN = "amazon.nova-lite-v1:0", "amazon.titan-embed-text-v2:0"
CLAUDE = "anthropic.claude-sonnet-4-6"


@cache
def keyless() -> Recording:
    """Prod with two models and a profile, in two regions."""
    models = {"model_ids": [NOVA, TITAN, f"us.{CLAUDE}"], "regions": ["us-east-1", "us-west-2"]}
    return recorded_with("prod", {"app.bedrock": models, "network.interface_endpoints": ["bedrock-runtime"]})


def statements(recording: Recording) -> list[dict[str, Any]]:
    """Statements of the server and worker pods' role that speak of Bedrock."""
    policy = recording.only("aws:iam/rolePolicy:RolePolicy", name="flowise").inputs["policy"]
    found = cast("list[dict[str, Any]]", json.loads(policy)["Statement"])
    return [s for s in found if any(action.startswith("bedrock:") for action in s["Action"])]


def account(recording: Recording) -> str:
    """Account of the recording."""
    return str(recording.only("aws:eks/cluster:Cluster").outputs["arn"]).split(":")[4]


def allowed(action: str, arn: str, context: dict[str, str] | None = None) -> bool:
    """Whether some statement allows it: every condition must equal one of its values."""
    given = context or {}
    return any(
        action in statement["Action"]
        and any(fnmatch.fnmatchcase(arn, pattern) for pattern in statement["Resource"])
        and all(
            given.get(key) in values
            for condition in statement.get("Condition", {}).values()
            for key, values in condition.items()
        )
        for statement in statements(keyless())
    )


def model(region: str, name: str) -> str:
    """ARN of a foundation model."""
    return f"arn:aws:bedrock:{region}::foundation-model/{name}"


def profile(region: str, name: str) -> str:
    """ARN of an inference profile."""
    return f"arn:aws:bedrock:{region}:{account(keyless())}:inference-profile/{name}"


@pytest.mark.parametrize("action", ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"])
@pytest.mark.parametrize(
    ("region", "name", "answer"),
    [
        ("us-east-1", NOVA, True),
        ("us-west-2", TITAN, True),
        ("eu-west-1", NOVA, False),  # a region that is not listed
        ("us-east-1", "amazon.nova-pro-v1:0", False),  # a model that is not listed
        ("us-east-1", CLAUDE, False),  # past its profile
    ],
)
def test_listed_models_in_listed_regions_may_be_called(action: str, region: str, name: str, answer: bool) -> None:
    assert allowed(action, model(region, name)) is answer


def test_a_profile_may_call_its_model_wherever_amazon_sends_it() -> None:
    through = profile("us-east-1", f"us.{CLAUDE}")
    assert allowed("bedrock:InvokeModel", through)
    assert allowed("bedrock:InvokeModel", model("us-east-2", CLAUDE), {"bedrock:InferenceProfileArn": through})
    other = profile("us-east-1", f"global.{CLAUDE}")
    assert not allowed("bedrock:InvokeModel", other)
    assert not allowed("bedrock:InvokeModel", model("us-east-2", CLAUDE), {"bedrock:InferenceProfileArn": other})


def test_nothing_but_calling_and_listing_is_allowed() -> None:
    actions = {action for statement in statements(keyless()) for action in statement["Action"]}
    assert actions == {
        "bedrock:InvokeModel",
        "bedrock:InvokeModelWithResponseStream",
        "bedrock:ListInferenceProfiles",
    }


def test_without_the_setting_pods_have_no_right_to_any_model() -> None:
    assert statements(recorded("prod")) == []


def test_the_private_endpoint_is_the_runtimes() -> None:
    services = [r.inputs["serviceName"] for r in keyless().of_type("aws:ec2/vpcEndpoint:VpcEndpoint")]
    assert "com.amazonaws.us-east-1.bedrock-runtime" in services


def test_no_key_is_in_the_environment() -> None:
    for record in keyless().of_type("kubernetes:core/v1:Secret"):
        assert not [name for name in record.inputs["stringData"] if name.startswith("AWS_")]
