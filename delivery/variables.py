"""`make github-variables`: what the workflows need to know, from bootstrap's outputs, as commands to read and run."""

import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from typing import Any


def commands(outputs: Mapping[str, Any], deploys: Sequence[str] = ()) -> list[str]:
    """One `gh variable set` for each value. None of them is a secret.

    The roles of a stack are told only when they are asked for: from then on pull requests preview it, a merge deploys
    it, and the drift workflow looks. Raises `KeyError` for a stack that bootstrap does not know.
    """
    region = str(outputs["backend_url"]).partition("region=")[2]
    values = {
        "AWS_REGION": region,
        "DELIVERY": outputs["delivery"],
        "PULUMI_BACKEND_URL": outputs["backend_url"],
        "DRIFT_ROLE_ARN": outputs["drift_role_arn"],
        "IMAGE_ROLE_ARN": outputs["image_role_arn"],
        "IMAGE_REGISTRY": outputs["registry"],
        **{
            f"{work}_{stack.upper().replace('-', '_')}_ROLE_ARN": outputs[f"{work.lower()}_role_arns"][stack]
            for work in ("PREVIEW", "DEPLOY")
            for stack in deploys
        },
    }
    return [f"gh variable set {name} --body {shlex.quote(str(value))}" for name, value in values.items()]


if __name__ == "__main__":
    told = json.load(sys.stdin)
    if unknown := set(sys.argv[1:]) - set(told["deploy_role_arns"]):
        sys.exit(f"bootstrap has no stack {', '.join(sorted(unknown))}; it has {', '.join(told['deploy_role_arns'])}")
    sys.stdout.write("\n".join(commands(told, sys.argv[1:])) + "\n")
