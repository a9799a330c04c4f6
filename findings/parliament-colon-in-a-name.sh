#!/usr/bin/env bash
# parliament says that a resource with a colon in its name does not fit the action that is made for it.
#
# What: bedrock:GetFoundationModel on `foundation-model/anthropic.claude-3-haiku-20240307-v1:0` gets
#   RESOURCE_MISMATCH, with the format that the ARN does have as the required one. Without `:0` nothing is wrong. The
#   same goes for s3:GetObject on a key with a colon, as keys made of a time have. parliament takes a colon in the
#   last part of an ARN for a part of its structure unless AWS's format has one there.
# Versions: parliament 1.6.4, the newest release on PyPI when this was written (2026-11-27).
# Why it matters: many models on Bedrock have a version with a colon in their id. A policy that names the models that
#   a flow may call, and no more, is reported, and one with `foundation-model/*` is not: the check pushes towards the
#   wider policy.
# Here: components/app/bedrock.py names each model and profile; tests/components/test_bedrock.py asks its own
#   evaluator what the policy allows, and not parliament.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
# parliament imports pkg_resources, which later releases of setuptools do not have.
"$work/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check parliament==1.6.4 setuptools==80.9.0

seen=$("$work/venv/bin/python" -W ignore - <<'PYTHON'
import json

from parliament import analyze_policy_string


def issues(action: str, resource: str) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    policy = analyze_policy_string(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    return " ".join(finding.issue for finding in policy.findings) or "nothing"


model = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1"
print(
    f"model without colon: {issues('bedrock:GetFoundationModel', model)}; "
    f"with colon: {issues('bedrock:GetFoundationModel', model + ':0')}; "
    f"key with colon: {issues('s3:GetObject', 'arn:aws:s3:::example-bucket/logs/2026-11-27T10:00')}"
)
PYTHON
)
echo "version: $("$work/venv/bin/pip" freeze --disable-pip-version-check | grep '^parliament==')"
echo "behaviour: a colon in the name of a model or the key of an object makes its ARN a mismatch"
echo "seen: $seen"
expected="model without colon: nothing; with colon: RESOURCE_MISMATCH; key with colon: RESOURCE_MISMATCH"
[ "$seen" = "$expected" ] || { echo "the behaviour has changed; it was: $expected" >&2; exit 1; }
