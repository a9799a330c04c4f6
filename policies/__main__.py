"""`pulumi preview --policy-pack policies`: the engine starts this file and asks it over gRPC until it is done."""

import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from pulumi_policy import EnforcementLevel, PolicyPack  # noqa: E402

from policies.pack import config_of_this_stack, make_policies  # noqa: E402

PolicyPack(
    name="flowise",
    policies=make_policies(config_of_this_stack(), datetime.now(tz=UTC).date()),
    enforcement_level=EnforcementLevel.MANDATORY,
)
