#!/usr/bin/env bash
# In moto a database that was restored is a read replica of the one it was restored from.
#
# What: RestoreDBInstanceToPointInTime makes an instance of its own. moto answers as it should but for one field: the
#   new instance names the old one in `ReadReplicaSourceDBInstanceIdentifier`. In RDS only a read replica has that
#   field (AWS's API model of DBInstance says so), and the old instance, which should list its replicas, lists none.
# Versions: moto 5.2.5 with boto3 1.43.106.
# Why it matters: a recovery tool that is tested with moto and looks for replicas (to promote them, to leave them
#   alone, to delete them first) takes every restored database for one. Its test passes, and on AWS the branch is
#   never taken.
# Here: tests/aws_variants/test_restore.py leaves the field out of what a restored instance must share with the old
#   one; nothing in `ops/` reads it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check 'moto[rds]==5.2.5' boto3==1.43.106

seen=$("$work/venv/bin/python" -W ignore - <<'PYTHON'
import boto3
from moto import mock_aws

with mock_aws():
    rds = boto3.client("rds", "us-east-1", aws_access_key_id="none", aws_secret_access_key="none")
    rds.create_db_instance(
        DBInstanceIdentifier="old",
        Engine="postgres",
        DBInstanceClass="db.t4g.medium",
        AllocatedStorage=20,
        MasterUsername="owner",
        ManageMasterUserPassword=True,
        BackupRetentionPeriod=7,
    )
    rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier="old", TargetDBInstanceIdentifier="new", UseLatestRestorableTime=True
    )
    old, new = (rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0] for name in ("old", "new"))
    source = new.get("ReadReplicaSourceDBInstanceIdentifier")
    print(f"source of the restored instance: {source}; replicas of the old one: {old['ReadReplicaDBInstanceIdentifiers']}")
PYTHON
)
echo "version: $("$work/venv/bin/pip" freeze --disable-pip-version-check | grep -E '^(moto|boto3)==' | tr '\n' ' ')"
echo "behaviour: a restored instance has a source as a read replica has"
echo "seen: $seen"
expected="source of the restored instance: old; replicas of the old one: []"
[ "$seen" = "$expected" ] || { echo "the behaviour has changed; it was: $expected" >&2; exit 1; }
