#!/usr/bin/env bash
# Two tools that know IAM policies refuse a number in a condition that IAM takes.
#
# What: IAM's grammar says that quotation marks are optional around numbers and booleans, so a limit may be written
#   `10` or `"10"`. For the first parliament raises TypeError (no finding, and none of the policy's other mistakes is
#   told), and moto's IAM answers MalformedPolicyDocument. Both take the number as text, and moto takes a boolean
#   without quotation marks.
# Versions: parliament 1.6.4, moto 5.2.5 with boto3 1.43.106.
# Why it matters: policies come out of programs and of YAML, where a number is a number. The error of either tool
#   looks like a mistake in the policy, or like a fault of one's own code; the answer is to write every condition's
#   value as text.
# Here: all policies of the program give text (components/common/iam.py), parliament is not used any more, and
#   tests/aws makes the policies in moto.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
# parliament imports pkg_resources, which later releases of setuptools do not have.
"$work/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check \
  parliament==1.6.4 setuptools==80.9.0 'moto[iam]==5.2.5' boto3==1.43.106

seen=$("$work/venv/bin/python" -W ignore - <<'PYTHON'
import json

import boto3
from moto import mock_aws
from parliament import analyze_policy_string


def document(limit: object) -> str:
    statement = {
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": "arn:aws:s3:::example-bucket",
        "Condition": {"NumericLessThanEquals": {"s3:max-keys": limit}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def parliament(text: str) -> str:
    try:
        return " ".join(finding.issue for finding in analyze_policy_string(text).findings) or "nothing wrong"
    except Exception as error:
        return type(error).__name__


def moto(text: str) -> str:
    with mock_aws():
        iam = boto3.client("iam", "us-east-1", aws_access_key_id="none", aws_secret_access_key="none")
        try:
            iam.create_policy(PolicyName="example", PolicyDocument=text)
        except iam.exceptions.MalformedPolicyDocumentException as error:
            return error.response["Error"]["Code"]
        return "created"


for limit in ("10", 10):
    print(f"{json.dumps(limit)}: parliament {parliament(document(limit))}, moto {moto(document(limit))}", end="; ")
PYTHON
)
echo "version: $("$work/venv/bin/pip" freeze --disable-pip-version-check | grep -E '^(parliament|moto|boto3)==' | tr '\n' ' ')"
echo "behaviour: a number without quotation marks is an error to both, with them to neither"
echo "seen: $seen"
expected='"10": parliament nothing wrong, moto created; 10: parliament TypeError, moto MalformedPolicyDocument; '
[ "$seen" = "$expected" ] || { echo "the behaviour has changed; it was: $expected" >&2; exit 1; }
