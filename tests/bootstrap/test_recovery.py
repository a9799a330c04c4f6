"""Copies of the account: what a stack in the recovery region needs when the region itself is lost."""

from tests.bootstrap.account import recorded_account, with_actions


def test_state_is_copied_with_every_version_into_the_recovery_region() -> None:
    recording = with_actions()
    copy = recording.only("aws:s3/bucket:Bucket", "state-recovery")
    assert (copy.inputs["region"], copy.protect, copy.retain_on_delete) == ("us-west-2", True, True)
    replication = recording.only("aws:s3/bucketReplicationConfig:BucketReplicationConfig").inputs
    assert replication["bucket"] == recording.only("aws:s3/bucket:Bucket", "state").id
    (rule,) = replication["rules"]
    assert rule["destination"]["bucket"] == copy.outputs["arn"]
    assert rule["destination"]["metrics"] == {"status": "Enabled"}


def test_secrets_in_the_state_can_be_read_there() -> None:
    """Only a multi-Region key can be copied (KMS developer guide), and no key becomes one later."""
    recording = with_actions()
    for stack in ("dev", "prod"):
        key = recording.only("aws:kms/key:Key", f"state-{stack}")
        replica = recording.only("aws:kms/replicaKey:ReplicaKey", f"state-{stack}-recovery")
        assert key.inputs["multiRegion"] is True
        assert (replica.inputs["primaryKeyArn"], replica.inputs["region"]) == (key.outputs["arn"], "us-west-2")
        assert replica.inputs["tags"]["stack"] == stack, "the roles of other stacks are refused it by its tags"


def test_images_are_copied_and_nothing_else_of_the_registry() -> None:
    recording = with_actions()
    configuration = recording.only("aws:ecr/replicationConfiguration:ReplicationConfiguration").inputs
    (rule,) = configuration["replicationConfiguration"]["rules"]
    assert [to["region"] for to in rule["destinations"]] == ["us-west-2"]
    repository = recording.only("aws:ecr/repository:Repository").inputs["name"]
    assert rule["repositoryFilters"] == [{"filter": repository, "filterType": "PREFIX_MATCH"}]


def test_without_a_recovery_region_nothing_is_copied() -> None:
    recording = recorded_account({"recovery_region": None})
    assert not [r for r in recording.records if "recovery" in r.name or "eplica" in r.type]
