#!/usr/bin/env bash
# In moto an update leaves a distribution's ETag as it was, so two editors of one distribution never collide.
#
# What: UpdateDistribution in CloudFront takes the ETag of the configuration that the caller has read (`IfMatch`) and
#   answers with that of the new one; AWS's API model calls the field the current version of the configuration. In
#   moto all versions of a distribution have one ETag, and `IfMatch` is not looked at: a second update with the first
#   ETag, or with the ETag of another distribution, is taken, where AWS answers PreconditionFailed or
#   InvalidIfMatchVersion.
# Versions: moto 5.2.5 with boto3 1.43.106.
# Why it matters: a script that reads once and updates twice, a runbook that switches an origin while somebody
#   deploys, or a retry after a collision is tested by nothing: all of them pass in moto, and the second fails on AWS.
# Here: only Pulumi's provider updates distributions; the one update by hand takes ETag and configuration out of one
#   answer (docs/runbooks/region-lost.md).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check 'moto[cloudfront]==5.2.5' boto3==1.43.106

seen=$("$work/venv/bin/python" -W ignore - <<'PYTHON'
import boto3
from moto import mock_aws

KEY = {"region_name": "us-east-1", "aws_access_key_id": "none", "aws_secret_access_key": "none"}


def configuration(comment: str) -> dict:
    origin = {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"}
    return {
        "CallerReference": "example",
        "Comment": comment,
        "Enabled": True,
        "Origins": {
            "Quantity": 1,
            "Items": [{"Id": "origin", "DomainName": "origin.example.com", "CustomOriginConfig": origin}],
        },
        "DefaultCacheBehavior": {
            "TargetOriginId": "origin",
            "ViewerProtocolPolicy": "https-only",
            "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
        },
    }


with mock_aws():
    cloudfront = boto3.client("cloudfront", **KEY)
    made = cloudfront.create_distribution(DistributionConfig=configuration("made"))
    name, etag = made["Distribution"]["Id"], made["ETag"]

    def update(comment: str, version: str) -> str:
        try:
            answer = cloudfront.update_distribution(
                Id=name, DistributionConfig=configuration(comment), IfMatch=version
            )
        except cloudfront.exceptions.ClientError as error:
            return error.response["Error"]["Code"]
        return "the same ETag" if answer["ETag"] == etag else "another ETag"

    print(f"one: {update('one', etag)}; two, with the first ETag: {update('two', etag)}; another's ETag: ", end="")
    print(update("three", "E2QWRUHAPOMQZL"))
PYTHON
)
echo "version: $("$work/venv/bin/pip" freeze --disable-pip-version-check | grep -E '^(moto|boto3)==' | tr '\n' ' ')"
echo "behaviour: an update gives no new ETag, and one with a stale ETag is taken"
echo "seen: $seen"
expected="one: the same ETag; two, with the first ETag: the same ETag; another's ETag: the same ETag"
[ "$seen" = "$expected" ] || { echo "the behaviour has changed; it was: $expected" >&2; exit 1; }
