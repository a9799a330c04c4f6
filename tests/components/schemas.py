"""The schemas of a Kubernetes version, which kubernetes_validate would read from disk again for every object."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from unittest import mock

import kubernetes_validate  # pyright: ignore[reportMissingTypeStubs]  # it has no types
import kubernetes_validate.utils  # pyright: ignore[reportMissingTypeStubs]

for _read in ("all_versions", "schema_contents"):
    mock.patch.object(kubernetes_validate.utils, _read, cache(getattr(kubernetes_validate.utils, _read))).start()


def validate(manifest: Mapping[str, Any], version: str) -> None:
    """Raise `kubernetes_validate.ValidationError` for an object that this version would refuse."""
    kubernetes_validate.validate(dict(manifest), version, strict=True)
