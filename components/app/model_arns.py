"""ARNs by which a policy names models of Amazon Bedrock."""

from collections.abc import Sequence
from typing import Final

from components.common.partition import partition

_AREAS: Final = frozenset({"us", "us-gov", "eu", "apac", "jp", "au", "ca", "global"})
_LONGEST_REGION: Final = "ap-southeast-1"
_LONGEST_GOVCLOUD_REGION: Final = "us-gov-west-1"
QUOTED: Final = 3
"""Quotation marks and comma of a text in a list of JSON."""


def profiles(model_ids: Sequence[str]) -> list[str]:
    """Those that are inference profiles over several regions: their ids begin with an area."""
    return [model for model in model_ids if model.split(".")[0] in _AREAS]


def foundation_models(start: str, regions: Sequence[str], model_ids: Sequence[str]) -> list[str]:
    """ARNs of models that are called by themselves."""
    called = set(profiles(model_ids))
    return [
        f"{start}:{region}::foundation-model/{model}"
        for region in regions
        for model in model_ids
        if model not in called
    ]


def models_of_profiles(start: str, model_ids: Sequence[str]) -> list[str]:
    """ARNs of the models behind profiles, in whatever region; a global profile's own entry has none."""
    models = sorted({profile.split(".", 1)[1] for profile in profiles(model_ids)})
    return [f"{start}:{region}::foundation-model/{model}" for model in models for region in ("*", "")]


def characters(model_ids: Sequence[str], regions: Sequence[str] | None) -> int:
    """What the ARNs take in a policy that names each profile twice, as a resource and in a condition."""
    in_govcloud = any(profile.startswith("us-gov.") for profile in profiles(model_ids))
    regions = regions or [_LONGEST_GOVCLOUD_REGION if in_govcloud else _LONGEST_REGION]
    start = f"arn:{partition(regions[0])}:bedrock"
    called = [
        f"{start}:{region}:123456789012:inference-profile/{profile}"
        for region in regions
        for profile in profiles(model_ids)
    ]
    arns = [
        *foundation_models(start, regions, model_ids),
        *called,
        *called,
        *models_of_profiles(start, model_ids),
    ]
    return sum(len(arn) + QUOTED for arn in arns)
