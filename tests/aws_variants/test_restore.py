"""A restored database: the new instance is what the old one was, though AWS would restore into its own defaults."""

from typing import Any, final

import pytest
from moto import mock_aws

from analysis.program import run_main
from analysis.recorder import Created, Recording, Request, record
from analysis.remote import EXPANSIONS
from analysis.synthetic import SyntheticProvider
from analysis.wire import Properties
from local.aws import MotoCloud
from tests.aws.environment import REGION
from tests.conftest import edited

_OWN = {
    "DBInstanceIdentifier",
    "DBInstanceArn",
    "DbiResourceId",
    "Endpoint",
    "InstanceCreateTime",
    "LatestRestorableTime",
    "MasterUserSecret",
    "ReadReplicaSourceDBInstanceIdentifier",  # moto takes the source of a restore for that of a replica
    "StatusInfos",
}
"""What two instances never share."""
_FORGOTTEN = {
    "DatabaseInsightsMode",
    "PerformanceInsightsEnabled",
    "PerformanceInsightsKMSKeyId",
    "PerformanceInsightsRetentionPeriod",
}
"""What moto keeps of a change, but not of an instance that is made."""
_INSTANCE = "aws:rds/instance:Instance"
_NEEDED = ("aws:rds/", "aws:kms/key:", "aws:ec2/vpc:", "aws:ec2/subnet:", "aws:ec2/securityGroup:")
"""What moto must hold for an instance; the rest of the stack is invented."""
_BEFORE = "before-the-mistake"


@final
class _Restoring:
    """Moto, in which the first generation loses its settings once it is made: nothing can be copied from it."""

    def __init__(self) -> None:
        self.cloud = MotoCloud(REGION)
        self.synthetic = SyntheticProvider(REGION)
        self.original: dict[str, Any] = {}

    def create(self, request: Request) -> Created:
        if not request.type.startswith((*_NEEDED, "pulumi:providers:")):
            return self.synthetic.create(request)
        made = self.cloud.create(request)
        if request.type == _INSTANCE and request.name == "database":
            rds: Any = self.cloud.client("rds")
            identifier = request.inputs["identifier"]
            self.original = self.instance(identifier)
            rds.modify_db_instance(
                DBInstanceIdentifier=identifier,
                MultiAZ=False,
                DeletionProtection=False,
                BackupRetentionPeriod=1,
                MonitoringInterval=15,
                DBInstanceClass="db.t4g.micro",
                MaxAllocatedStorage=101,
                PreferredMaintenanceWindow="mon:10:00-mon:11:00",
                CopyTagsToSnapshot=False,
                AutoMinorVersionUpgrade=False,
            )
            rds.create_db_snapshot(DBInstanceIdentifier=identifier, DBSnapshotIdentifier=_BEFORE)
        return made

    def call(self, token: str, args: Properties) -> Properties:
        return self.synthetic.call(token, args)

    def instance(self, identifier: str) -> dict[str, Any]:
        rds: Any = self.cloud.client("rds")
        return rds.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"][0]


def _recorded(cloud: _Restoring, source: dict[str, Any]) -> Recording:
    config = edited("prod", {"database.generation": 2, "database.restore_from": source})
    return record(
        run_main,
        cloud,
        config=config.values,
        secret_keys=config.secret_keys,
        stack_name="prod",
        expansions=EXPANSIONS,
        threads=False,
    )


@pytest.mark.parametrize(
    "source",
    [{"point_in_time": "2026-01-02T03:04:05Z"}, {"snapshot_identifier": _BEFORE}],
    ids=["point in time", "snapshot"],
)
def test_a_restored_instance_is_what_the_original_was(source: dict[str, str]) -> None:
    with mock_aws():
        cloud = _Restoring()
        recording = _recorded(cloud, source)
        restored = cloud.instance("flowise-prod-database-g2")
    differing = {
        key: (cloud.original.get(key), restored.get(key))
        for key in (cloud.original.keys() | restored.keys()) - _OWN - _FORGOTTEN
        if cloud.original.get(key) != restored.get(key)
    }
    assert differing == {}
    assert restored["MasterUserSecret"]["KmsKeyId"] == cloud.original["MasterUserSecret"]["KmsKeyId"]
    # What moto forgets, and what only the provider knows, are the same inputs.
    old, new = (recording.only(_INSTANCE, name) for name in ("database", "database-g2"))
    own = {"identifier", "finalSnapshotIdentifier", "allocatedStorage", "restoreToPointInTime", "snapshotIdentifier"}
    assert {k: v for k, v in new.inputs.items() if k not in own} == {
        k: v for k, v in old.inputs.items() if k not in own
    }
    assert (new.protect, new.retain_on_delete) == (old.protect, old.retain_on_delete) == (True, True)
