"""The moto server, started as `python -m local.backends.moto_server`, with one correction.

Moto evaluates bucket policies, but not their conditions: "deny what does not come by TLS" denies everything. Here a
statement with a condition decides nothing; the policy itself is kept and read back as it was written.
"""

import json
from typing import Any, cast

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket
from moto.server import main


def _permission(self: FakeBucket, action: str, resource: str) -> PermissionResult:
    """What the statements without a condition say."""
    if self.policy is None:
        return PermissionResult.NEUTRAL
    policy = cast("dict[str, Any]", json.loads(self.policy))
    statements = cast("list[dict[str, Any]] | dict[str, Any]", policy["Statement"])
    every = statements if isinstance(statements, list) else [statements]
    plain = [statement for statement in every if "Condition" not in statement]
    return IAMPolicy(json.dumps({**policy, "Statement": plain})).is_action_permitted(action, resource)


if __name__ == "__main__":
    FakeBucket.get_permission = _permission
    main()
