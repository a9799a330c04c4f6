"""`make github-variables`: what the workflows need to know, from bootstrap's outputs, as commands to read and run."""

import json
import shlex
import sys
from collections.abc import Mapping
from typing import Any


def commands(outputs: Mapping[str, Any]) -> list[str]:
    """One `gh variable set` for each value. None of them is a secret."""
    region = str(outputs["backend_url"]).partition("region=")[2]
    values = {
        "AWS_REGION": region,
        "DELIVERY": outputs["delivery"],
        "PULUMI_BACKEND_URL": outputs["backend_url"],
        "DRIFT_ROLE_ARN": outputs["drift_role_arn"],
        "IMAGE_ROLE_ARN": outputs["image_role_arn"],
        "IMAGE_REGISTRY": outputs["registry"],
        **{
            f"{work}_{stack.upper().replace('-', '_')}_ROLE_ARN": arn
            for work in ("PREVIEW", "DEPLOY")
            for stack, arn in outputs[f"{work.lower()}_role_arns"].items()
        },
    }
    return [f"gh variable set {name} --body {shlex.quote(str(value))}" for name, value in values.items()]


if __name__ == "__main__":
    sys.stdout.write("\n".join(commands(json.load(sys.stdin))) + "\n")
