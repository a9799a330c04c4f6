#!/usr/bin/env bash
# moto's S3 takes a lifecycle rule and gives back one that deletes more.
#
# What: a rule keeps the three newest old versions (NewerNoncurrentVersions) and concerns only objects above a size
#   (ObjectSizeGreaterThan). Both are in AWS's API model; PutBucketLifecycleConfiguration succeeds, and
#   GetBucketLifecycleConfiguration answers with the same rule without them: all old versions of all objects go.
# Versions: moto 5.2.5 with boto3 1.43.106.
# Why it matters: a tool that reads the rules, adds its own and writes them back (the API replaces all rules at once)
#   is tested against this answer, and so is one that says what a bucket will delete; a comparison of wanted and real
#   rules never becomes equal.
# Here: the rules of our buckets use neither field (components/bucket.py), and tests read them from what the program
#   hands to AWS.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check 'moto[s3]==5.2.5' boto3==1.43.106

seen=$("$work/venv/bin/python" -W ignore - <<'PYTHON'
import boto3
from moto import mock_aws

KEY = {"region_name": "us-east-1", "aws_access_key_id": "none", "aws_secret_access_key": "none"}

RULE = {
    "ID": "old-versions",
    "Status": "Enabled",
    "Filter": {"And": {"Prefix": "files/", "ObjectSizeGreaterThan": 1024}},
    "NoncurrentVersionExpiration": {"NoncurrentDays": 30, "NewerNoncurrentVersions": 3},
}
with mock_aws():
    s3 = boto3.client("s3", **KEY)
    s3.create_bucket(Bucket="example-bucket")
    s3.put_bucket_lifecycle_configuration(Bucket="example-bucket", LifecycleConfiguration={"Rules": [RULE]})
    rule = s3.get_bucket_lifecycle_configuration(Bucket="example-bucket")["Rules"][0]
print(f"filter: {rule['Filter']}; expiration: {rule['NoncurrentVersionExpiration']}")
PYTHON
)
echo "version: $("$work/venv/bin/pip" freeze --disable-pip-version-check | grep -E '^(moto|boto3)==' | tr '\n' ' ')"
echo "behaviour: a lifecycle rule loses how many versions to keep, and from which size it counts"
echo "seen: $seen"
expected="filter: {'And': {'Prefix': 'files/'}}; expiration: {'NoncurrentDays': 30}"
[ "$seen" = "$expected" ] || { echo "the behaviour has changed; it was: $expected" >&2; exit 1; }
