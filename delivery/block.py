"""`make stack-block`: what bootstrap has made for a stack, as the lines of its stack file."""

import json
import sys
from collections.abc import Mapping
from typing import Any


def block(outputs: Mapping[str, Any], stack: str) -> list[str]:
    """Lines for `Pulumi.STACK.yaml`, under `config:`. None of them is a secret.

    `outputs` are those of `pulumi stack output --json` in bootstrap/. Raises `KeyError` for a stack that it does not
    know.
    """
    previews = [outputs["preview_role_arns"][stack], outputs["drift_role_arn"]]
    return [
        f"  flowise:permissions_boundary_arn: {outputs['permissions_boundary_arns'][stack]}",
        "  flowise:cluster:",
        f"    admin_role_arns: [{outputs['deploy_role_arns'][stack]}]",
        "    preview_role_arns:",
        *(f"      - {arn}" for arn in previews),
    ]


def main() -> None:
    """Print the block of the stack that the command line names."""
    (stack,) = sys.argv[1:]
    outputs = json.load(sys.stdin)
    if stack not in outputs["deploy_role_arns"]:
        known = ", ".join(sorted(outputs["deploy_role_arns"]))
        sys.exit(
            f"bootstrap has no stack {stack}; it has {known}. Add it to flowise-bootstrap:stacks in "
            "bootstrap/Pulumi.account.yaml and run `pulumi up` there"
        )
    sys.stdout.write("\n".join(block(outputs, stack)) + "\n")


if __name__ == "__main__":
    main()
