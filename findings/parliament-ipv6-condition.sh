#!/usr/bin/env bash
# parliament takes an IPv6 network in a condition for a value of the wrong type.
#
# What: a policy that allows only callers from a documentation network of IPv6 (`aws:SourceIp`, `2001:db8::/32`) gets
#   the finding MISMATCHED_TYPE. The same policy with an IPv4 network gets none. IAM takes both: the IAM User Guide
#   gives an IPv6 range as an example for the operators of IP addresses. parliament's pattern for addresses has room
#   for decimal digits only, and not for the letters and the double colon of IPv6.
# Versions: parliament 1.6.4, the newest release on PyPI when this was written (2026-11-27).
# Why it matters: who opens an endpoint to an office or a runner that speaks IPv6, and lets parliament check the
#   policy before a deployment, is sent to look for a mistake that is not there. A pipeline that fails on findings
#   stays red.
# Here: no policy of this project names an address; the policies are checked with another list of actions
#   (tests/bootstrap/policy_linter.py), which knows the type of a key and not the form of its value.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
# parliament imports pkg_resources, which later releases of setuptools do not have.
"$work/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check parliament==1.6.4 setuptools==80.9.0

seen=$("$work/venv/bin/python" -W ignore - <<'PYTHON'
import json

from parliament import analyze_policy_string


def issues(network: str) -> str:
    statement = {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::example-bucket/*",
        "Condition": {"IpAddress": {"aws:SourceIp": network}},
    }
    policy = analyze_policy_string(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    return " ".join(finding.issue for finding in policy.findings) or "nothing"


print(f"203.0.113.0/24: {issues('203.0.113.0/24')}; 2001:db8::/32: {issues('2001:db8::/32')}")
PYTHON
)
echo "version: $("$work/venv/bin/pip" freeze --disable-pip-version-check | grep '^parliament==')"
echo "behaviour: an IPv6 network in a condition on aws:SourceIp is reported as a type mismatch, an IPv4 network is not"
echo "seen: $seen"
expected="203.0.113.0/24: nothing; 2001:db8::/32: MISMATCHED_TYPE"
[ "$seen" = "$expected" ] || { echo "the behaviour has changed; it was: $expected" >&2; exit 1; }
