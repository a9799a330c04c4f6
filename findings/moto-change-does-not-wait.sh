#!/usr/bin/env bash
# moto changes a database at once when the caller has asked for the next maintenance window.
#
# What: ModifyDBInstance without ApplyImmediately gives the instance its new class and its new size in the answer
#   itself, and PendingModifiedValues stays empty. AWS's API model says of the parameter that without it changes are
#   applied in the next maintenance window; until then the old class stands in DBInstanceClass and the new one in
#   PendingModifiedValues.
# Versions: moto 5.2.5 with boto3 1.43.106.
# Why it matters: a program that forgets ApplyImmediately passes every test, and on AWS the database stays as small as
#   it was for up to a week. One that reports pending changes never has any to report.
# Here: changes of the database wait for its window, and docs/day-two.md says how to apply one at an announced hour;
#   the tests look at what the program hands to AWS, not at the class that moto names afterwards.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check 'moto[rds]==5.2.5' boto3==1.43.106

seen=$("$work/venv/bin/python" -W ignore - <<'PYTHON'
import boto3
from moto import mock_aws

KEY = {"region_name": "us-east-1", "aws_access_key_id": "none", "aws_secret_access_key": "none"}

with mock_aws():
    rds = boto3.client("rds", **KEY)
    rds.create_db_instance(
        DBInstanceIdentifier="example",
        DBInstanceClass="db.t4g.small",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="owner",
        MasterUserPassword="not-a-password",
    )
    rds.modify_db_instance(DBInstanceIdentifier="example", DBInstanceClass="db.r6g.large", ApplyImmediately=False)
    instance = rds.describe_db_instances(DBInstanceIdentifier="example")["DBInstances"][0]
print(f"class: {instance['DBInstanceClass']}; pending: {instance.get('PendingModifiedValues') or 'nothing'}")
PYTHON
)
echo "version: $("$work/venv/bin/pip" freeze --disable-pip-version-check | grep -E '^(moto|boto3)==' | tr '\n' ' ')"
echo "behaviour: a change for the next maintenance window is there at once, and none is pending"
echo "seen: $seen"
expected='class: db.r6g.large; pending: nothing'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed; it was: $expected" >&2; exit 1; }
