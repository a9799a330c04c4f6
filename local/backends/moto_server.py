"""The moto server, started as `python -m local.backends.moto_server`, with two corrections.

Moto evaluates bucket policies, but not their conditions: "deny what does not come by TLS" denies everything. Here a
statement with a condition decides nothing; the policy itself is kept and read back as it was written.

Moto restores up to this very moment; here it is what the archives of the local databases hold.
"""

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from moto import backends
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket
from moto.server import main

from local.backends.archive import Archive

if TYPE_CHECKING:
    from moto.rds.models import DBInstance

DATABASES = "LOCAL_DATABASES"
"""Variable with the directory of the databases."""
_moto_backend = cast("Callable[[str], object]", backends.get_backend)


def _permission(self: FakeBucket, action: str, resource: str) -> PermissionResult:
    """What the statements without a condition say."""
    if self.policy is None:
        return PermissionResult.NEUTRAL
    policy = cast("dict[str, Any]", json.loads(self.policy))
    statements = cast("list[dict[str, Any]] | dict[str, Any]", policy["Statement"])
    every = statements if isinstance(statements, list) else [statements]
    plain = [statement for statement in every if "Condition" not in statement]
    return IAMPolicy(json.dumps({**policy, "Statement": plain})).is_action_permitted(action, resource)


def _backend(service: str) -> object:
    """What answers for a service; RDS is corrected when it is first asked, as it takes longer to load than the rest."""
    found = _moto_backend(service)
    if service == "rds":
        from moto.rds.models import DBInstance  # noqa: PLC0415  # 0.7 s

        cast("Any", DBInstance).latest_restorable_time = property(_latest_restorable_time)
    return found


def _latest_restorable_time(self: "DBInstance") -> datetime | None:
    """What the archive of the instance says; its resource's name ends the identifier."""
    identifier = f"-{cast('Any', self).db_instance_identifier}"
    directories = sorted(Path(os.environ[DATABASES]).iterdir()) if DATABASES in os.environ else list[Path]()
    mine = [path for path in directories if identifier.endswith(f"-{path.name}")]
    return Archive(max(mine, key=lambda path: len(path.name))).latest if mine else None


if __name__ == "__main__":
    FakeBucket.get_permission = _permission
    cast("Any", backends).get_backend = _backend
    main()
