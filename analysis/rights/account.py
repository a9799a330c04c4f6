"""The bootstrap program, recorded, and the policies that it renders."""

import json
from collections.abc import Mapping
from typing import Any, cast

from analysis.program import run_bootstrap
from analysis.recorder import Provider, Recording, record
from analysis.stackfiles import ROOT, override, read_stack
from analysis.synthetic import SyntheticProvider

Statements = list[dict[str, Any]]


def recorded_account(
    edits: Mapping[str, Any] | None = None, *, preview: bool = False, cloud: Provider | None = None
) -> Recording:
    """Record the account of this repository, with changed settings such as `stacks.dev.approval`."""
    account = read_stack("account", ROOT / "bootstrap")
    config = override(account, [f"{path}={json.dumps(value)}" for path, value in (edits or {}).items()])
    return record(
        run_bootstrap,
        cloud or SyntheticProvider.of(config.values),
        config=config.values,
        secret_keys=config.secret_keys,
        project=config.project,
        stack_name="account",
        preview=preview,
        threads=False,
    )


def document(text: str) -> Statements:
    """Statements of a policy."""
    return cast("Statements", json.loads(text)["Statement"])


def rights(recording: Recording) -> dict[str, Statements]:
    """Every policy that gives or limits rights, by name."""
    types = ("aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy")
    return {r.name: document(r.inputs["policy"]) for t in types for r in recording.of_type(t)}


def limits(recording: Recording, role: str) -> tuple[Statements, Statements | None]:
    """What a role is allowed by its policies, and its permissions boundary if it has one."""
    managed = {r.outputs["arn"]: document(r.inputs["policy"]) for r in recording.of_type("aws:iam/policy:Policy")}
    record_ = recording.only("aws:iam/role:Role", role)
    allowed: Statements = []
    for inline in recording.of_type("aws:iam/rolePolicy:RolePolicy"):
        if inline.name == role:
            allowed += document(inline.inputs["policy"])
    for attachment in recording.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment"):
        if attachment.name == role:
            allowed += managed[attachment.inputs["policyArn"]]
    boundary = record_.inputs.get("permissionsBoundary")
    return allowed, managed[boundary] if boundary else None
