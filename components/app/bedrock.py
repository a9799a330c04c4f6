"""The right to call models of Amazon Bedrock."""

import pulumi
import pulumi_aws as aws

from components.app.model_arns import foundation_models, models_of_profiles, profiles
from components.app.settings import BedrockSettings
from components.common.context import StackContext
from components.common.iam import Statement
from components.common.partition import partition

_CALL = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
"""What Converse and ConverseStream need as well (Bedrock User Guide, inference-prereq)."""


def bedrock_statements(
    settings: BedrockSettings, stack: StackContext, parent: pulumi.Resource
) -> tuple[Statement, ...]:
    """Statements that allow calls of the listed models in the listed regions, and of no others."""
    regions = settings.regions or [stack.region]
    bedrock = f"arn:{partition(stack.region)}:bedrock"
    statements: list[Statement] = []
    if models := foundation_models(bedrock, regions, settings.model_ids):
        statements.append(Statement(sid="CallModels", actions=_CALL, resources=models))
    if called := profiles(settings.model_ids):
        account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=parent)).account_id
        arns = [
            pulumi.Output.format("{0}:{1}:{2}:inference-profile/{3}", bedrock, region, account_id, profile)
            for region in regions
            for profile in called
        ]
        statements += [
            Statement(sid="CallProfiles", actions=_CALL, resources=arns),
            # A profile calls its model in a region that Amazon chooses; nobody may do so past the profile.
            Statement(
                sid="CallModelsThroughProfiles",
                actions=_CALL,
                resources=models_of_profiles(bedrock, settings.model_ids),
                conditions={"ArnEquals": {"bedrock:InferenceProfileArn": arns}},
            ),
            # Flowise asks which profiles there are before it uses one. The action knows no resources.
            Statement(
                sid="ListProfiles",
                actions=["bedrock:ListInferenceProfiles"],
                resources=["*"],
                conditions={"StringEquals": {"aws:RequestedRegion": regions}},
            ),
        ]
    return tuple(statements)
