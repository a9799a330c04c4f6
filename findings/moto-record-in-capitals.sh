#!/usr/bin/env bash
# moto's Route 53 refuses a record whose name has a capital letter in the zone's part.
#
# What: a record `app.Example.com` in the zone `example.com` is an InvalidChangeBatch in moto: not permitted in this
#   zone. Names of DNS have no case, and Route 53 stores letters in lower case however they are given (Developer
#   Guide, "DNS domain name format"). A capital in the record's own label is taken, and kept, so a list of records
#   differs from what AWS would answer.
# Versions: moto 5.2.5 with boto3 1.43.106.
# Why it matters: a domain out of a brand name, written as the brand is, deploys on AWS and fails in the tests, with a
#   message about the wrong zone.
# Here: a domain with a capital letter is refused with the settings (`HostName`, components/common/model.py), before
#   anything is made.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check 'moto[route53]==5.2.5' boto3==1.43.106

seen=$("$work/venv/bin/python" -W ignore - <<'PYTHON'
import boto3
from moto import mock_aws


def outcome(name: str) -> str:
    record = {"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    with mock_aws():
        route53 = boto3.client("route53", "us-east-1", aws_access_key_id="none", aws_secret_access_key="none")
        zone = route53.create_hosted_zone(Name="example.com", CallerReference="example")["HostedZone"]["Id"]
        try:
            route53.change_resource_record_sets(
                HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
            )
        except route53.exceptions.InvalidChangeBatch as error:
            return error.response["Error"]["Code"]
        return route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"][-1]["Name"]


print(f"app.Example.com: {outcome('app.Example.com')}; App.example.com: {outcome('App.example.com')}")
PYTHON
)
echo "version: $("$work/venv/bin/pip" freeze --disable-pip-version-check | grep -E '^(moto|boto3)==' | tr '\n' ' ')"
echo "behaviour: a capital in the zone's part of a name is refused, one in its own label is kept"
echo "seen: $seen"
expected="app.Example.com: InvalidChangeBatch; App.example.com: App.example.com."
[ "$seen" = "$expected" ] || { echo "the behaviour has changed; it was: $expected" >&2; exit 1; }
