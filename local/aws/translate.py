"""From the provider's words to boto3's."""

from collections.abc import Mapping
from typing import Any, cast

Words = Mapping[str, str]
"""Irregular words: `{"kmsKeyId": "KMSKeyId"}`."""


def pascal(value: Any, words: Words | None = None) -> Any:
    """Turn camelCase keys into PascalCase at every level; values stay."""
    if isinstance(value, dict):
        mapping = cast("dict[str, Any]", value)
        return {_word(key, words): pascal(item, words) for key, item in mapping.items()}
    if isinstance(value, list):
        return [pascal(item, words) for item in cast("list[Any]", value)]
    return value


def tag_list(tags: Mapping[str, str]) -> list[Any]:
    """Tags as most services want them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def given(**arguments: Any) -> Any:
    """Leave out the arguments that are None: boto3 refuses them."""
    return {key: value for key, value in arguments.items() if value is not None}


def items(values: list[Any]) -> dict[str, Any]:
    """Render a list as CloudFront wants it."""
    return {"Quantity": len(values), "Items": values}


def _word(key: str, words: Words | None) -> str:
    return (words or {}).get(key) or key[0].upper() + key[1:]
