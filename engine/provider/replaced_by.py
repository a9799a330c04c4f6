"""Which properties replace which resource."""

import re
from collections.abc import Mapping
from typing import Final

from local.changes import REPLACED_BY

TABLE: Final[Mapping[str, str]] = REPLACED_BY


def replaces(token: str, path: str) -> bool:
    """Whether a change of this property (`vpcConfig.subnetIds[0]`) replaces a resource of this type."""
    bare = re.sub(r"\[[^\]]*\]", "", path)
    return any(bare == forcing or bare.startswith(f"{forcing}.") for forcing in TABLE.get(token, "").split())
