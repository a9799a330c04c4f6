"""The moto server as the environment starts it."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from local.backends.archive import Archive
from local.backends.aws import AwsClients
from local.backends.moto import Moto
from local.events import EventLog
from local.layout import StackLayout
from local.processes.supervisor import Supervisor


def run(stack: StackLayout, *work: Callable[[AwsClients], None]) -> None:
    async def main() -> None:
        events = EventLog(stack.events)
        supervisor = Supervisor(events)
        moto = Moto(stack, supervisor)
        try:
            await moto.start()
            for each in work:
                await asyncio.to_thread(each, AwsClients(moto.url, "us-east-1"))
        finally:
            await supervisor.close()
            await moto.stop()
            events.close()

    asyncio.run(main())


def statement(**condition: object) -> dict[str, object]:
    return {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::files/*"} | condition


def deny_without_conditions(aws: AwsClients) -> None:
    s3 = aws.s3()
    s3.create_bucket(Bucket="files")
    tls_only = statement(Condition={"Bool": {"aws:SecureTransport": "false"}})
    policy = {"Version": "2012-10-17", "Statement": [tls_only]}
    s3.put_bucket_policy(Bucket="files", Policy=json.dumps(policy))
    s3.put_object(Bucket="files", Key="a", Body=b"1")
    assert s3.get_object(Bucket="files", Key="a")["Body"].read() == b"1"
    assert json.loads(s3.get_bucket_policy(Bucket="files")["Policy"]) == policy
    s3.put_bucket_policy(Bucket="files", Policy=json.dumps(policy | {"Statement": statement()}))
    with pytest.raises(ClientError, match="403"):
        s3.put_object(Bucket="files", Key="b", Body=b"2")


def test_a_condition_does_not_deny_and_an_archive_says_how_far_it_reaches(stack: StackLayout) -> None:
    archived = datetime(2026, 11, 1, 12, 30, tzinfo=UTC)

    def restorable(aws: AwsClients) -> None:
        archive = Archive(stack.postgres / "database")
        archive.directory.mkdir(parents=True)
        archive.complete_to(archived)
        rds = aws.rds()
        for name in ("flowise-database", "flowise-other"):
            rds.create_db_instance(DBInstanceIdentifier=name, DBInstanceClass="db.t4g.micro", Engine="postgres")
        found = rds.describe_db_instances()["DBInstances"]
        known = {each.get("DBInstanceIdentifier"): each.get("LatestRestorableTime") for each in found}
        assert known == {"flowise-database": archived, "flowise-other": None}

    run(stack, deny_without_conditions, restorable)
