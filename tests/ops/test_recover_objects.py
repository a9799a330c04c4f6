"""`recover-objects` against moto, and against a memory of what each key held."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.clients import s3_client
from ops.moments import format_timestamp
from ops.objects.history import Version
from ops.objects.restoring import Restorer
from tests.ops.bucket_history import START, BucketHistory, random_history
from tests.ops.conftest import Outcome, ops

REPORT = Path("report.jsonl")
MOMENT = START + timedelta(seconds=1000)
BEFORE, AFTER = MOMENT - timedelta(seconds=100), MOMENT + timedelta(seconds=100)


def recover(bucket: BucketHistory, *options: str, to: datetime = MOMENT, prefix: str = "", answer: str = "") -> Outcome:
    where = ("--bucket", bucket.name, "--prefix", prefix, "--to", format_timestamp(to))
    return ops("recover-objects", *where, "--report", str(REPORT), *options, answer=answer)


def execute(bucket: BucketHistory, *options: str, to: datetime = MOMENT, prefix: str = "") -> Outcome:
    return recover(bucket, "--execute", "--yes", *options, to=to, prefix=prefix)


def stored(bucket: BucketHistory, key: str) -> Any:
    """The current version of a key, as moto keeps it."""
    return bucket.versions(key)[-1]


def reported() -> dict[str, dict[str, Any]]:
    """Lines of the report by key."""
    lines = [json.loads(line) for line in REPORT.read_text(encoding="utf-8").splitlines()]
    return {line["key"]: line for line in lines[1:]}


@pytest.mark.parametrize(("seed", "prefix"), [(0, ""), (1, ""), (2, "files/")])
def test_brings_back_exactly_what_was_there(bucket: BucketHistory, seed: int, prefix: str) -> None:
    random_history(bucket, seed=seed, versions=300, seconds=2000)
    expected, elsewhere, before = bucket.held_at(MOMENT, prefix), bucket.holds(), bucket.ids()
    right = {
        key
        for key, events in bucket.events.items()
        if not key.startswith(prefix) or events[-1].at < MOMENT + timedelta(seconds=1)
    }
    assert bucket.holds(prefix) != expected

    assert execute(bucket, prefix=prefix).code == 0

    after = bucket.ids()
    assert bucket.holds(prefix) == expected
    assert {key: after[key][: len(ids)] for key, ids in before.items()} == before, "no version is lost"
    assert {key: after[key] for key in right} == {key: before[key] for key in right}, "what is right is not touched"
    changed = {key for key, ids in after.items() if ids != before[key]}
    assert changed == set(reported())
    outside = {key: body for key, body in elsewhere.items() if not key.startswith(prefix)}
    assert {key: body for key, body in bucket.holds().items() if not key.startswith(prefix)} == outside

    assert "There is nothing to do." in execute(bucket, prefix=prefix).text
    assert bucket.ids() == after


def test_a_dry_run_knows_what_a_run_with_the_usual_report_has_done(bucket: BucketHistory) -> None:
    random_history(bucket, seed=5, versions=60, seconds=2000)
    for prefix in ("", "files/", "logs/"):
        where = ("--bucket", bucket.name, "--prefix", prefix, "--to", format_timestamp(MOMENT))
        assert ops("recover-objects", *where, "--execute", "--yes").code == 0
        assert "There is nothing to do." in ops("recover-objects", *where).text


def test_can_be_undone_by_the_moment_before_it(bucket: BucketHistory) -> None:
    random_history(bucket, seed=9, versions=300, seconds=2000)
    damaged = bucket.holds()
    last = max(event.at for events in bucket.events.values() for event in events).replace(microsecond=0)
    execute(bucket)
    assert bucket.holds() != damaged
    REPORT.unlink()
    assert execute(bucket, to=last).code == 0
    assert bucket.holds() == damaged


def test_without_its_report_a_second_run_copies_again_and_is_still_exact(bucket: BucketHistory) -> None:
    random_history(bucket, seed=4, versions=300, seconds=2000)
    execute(bucket)
    REPORT.unlink()
    assert execute(bucket).code == 0
    assert bucket.holds() == bucket.held_at(MOMENT)


def test_what_was_written_since_an_interrupted_run_is_brought_back_too(bucket: BucketHistory) -> None:
    bucket.put("a", BEFORE, b"wanted")
    bucket.put("a", AFTER, b"damage")
    execute(bucket)
    bucket.put("a", datetime.now(UTC), b"newer damage")
    execute(bucket)
    assert bucket.holds() == {"a": b"wanted"}


def test_a_dry_run_changes_nothing_and_says_what_would(bucket: BucketHistory) -> None:
    bucket.put("back", BEFORE, b"123")
    bucket.delete("back", AFTER)
    bucket.put("new", AFTER, b"4")
    bucket.put("same", BEFORE, b"5")
    before = bucket.ids()
    shown = recover(bucket)
    assert shown.code == 0
    assert "bring back 1 3 bytes hide: were not there 1 are right 1" in shown.text
    assert f"--prefix '' --to {format_timestamp(MOMENT)} --execute" in shown.text
    assert bucket.ids() == before
    assert {key: line["action"] for key, line in reported().items()} == {"back": "restore", "new": "hide"}


@pytest.mark.parametrize(("answer", "code"), [("", 1), ("other", 1), ("flowise-files", 0)])
def test_asks_for_the_name_of_the_bucket(bucket: BucketHistory, answer: str, code: int) -> None:
    bucket.put("new", AFTER, b"4")
    shown = recover(bucket, "--execute", answer=answer)
    assert shown.code == code
    assert ("Nothing was changed." in shown.text) == bool(code) or not answer
    assert bucket.holds() == ({} if not code else {"new": b"4"})


def test_keeps_metadata_tags_and_storage_class_and_encrypts_as_the_bucket_does(bucket: BucketHistory) -> None:
    s3: Any = s3_client()
    s3.put_object(
        Bucket=bucket.name,
        Key="a",
        Body=b"wanted",
        ContentType="text/csv",
        CacheControl="no-store",
        Metadata={"owner": "ünknown".encode().hex()},
        Tagging="kind=flow",
        StorageClass="STANDARD_IA",
    )
    bucket.note("a", BEFORE, b"wanted")
    s3.put_bucket_encryption(
        Bucket=bucket.name,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/x"}}]
        },
    )
    bucket.put("a", AFTER, b"damage")
    assert execute(bucket).code == 0
    found = s3.get_object(Bucket=bucket.name, Key="a")
    assert found["Body"].read() == b"wanted"
    assert (found["ContentType"], found["CacheControl"]) == ("text/csv", "no-store")
    assert found["Metadata"] == {"owner": "ünknown".encode().hex()}
    assert found["ServerSideEncryption"] == "aws:kms"
    assert found["StorageClass"] == "STANDARD_IA"
    assert s3.get_object_tagging(Bucket=bucket.name, Key="a")["TagSet"] == [{"Key": "kind", "Value": "flow"}]


def test_copies_what_is_too_large_for_one_request_in_parts(bucket: BucketHistory) -> None:
    s3: Any = s3_client()
    body = bytes(range(256)) * 4 * 1024 * 11  # 11 MiB
    s3.put_object(
        Bucket=bucket.name, Key="a +ü", Body=body, ContentType="model/x", Metadata={"a": "b"}, Tagging="k=v%20w"
    )
    wanted = bucket.versions("a +ü")[-1].version_id
    bucket.put("a +ü", AFTER, b"damage")
    mib = 1024 * 1024
    restorer = Restorer(client=s3, bucket=bucket.name, largest_single_copy=5 * mib, part_size=5 * mib)
    version = Version(
        key="a +ü", id=wanted, stored=BEFORE, size=len(body), storage_class="STANDARD_IA", is_marker=False
    )
    made = restorer.restore(version)
    found = s3.get_object(Bucket=bucket.name, Key="a +ü")
    assert found["VersionId"] == made != wanted
    assert found["Body"].read() == body
    assert found["ETag"].endswith('-3"')
    assert (found["ContentType"], found["Metadata"], found["StorageClass"]) == ("model/x", {"a": "b"}, "STANDARD_IA")
    assert s3.get_object_tagging(Bucket=bucket.name, Key="a +ü")["TagSet"] == [{"Key": "k", "Value": "v w"}]


def test_brings_back_multipart_uploads(bucket: BucketHistory) -> None:
    s3: Any = s3_client()
    upload = s3.create_multipart_upload(Bucket=bucket.name, Key="big", ContentType="model/x")["UploadId"]
    parts = [b"a" * 5 * 1024 * 1024, b"tail"]
    tags = [
        s3.upload_part(Bucket=bucket.name, Key="big", UploadId=upload, PartNumber=number, Body=part)["ETag"]
        for number, part in enumerate(parts, start=1)
    ]
    done = [{"ETag": tag, "PartNumber": number} for number, tag in enumerate(tags, start=1)]
    s3.complete_multipart_upload(Bucket=bucket.name, Key="big", UploadId=upload, MultipartUpload={"Parts": done})
    bucket.note("big", BEFORE, b"".join(parts))
    bucket.delete("big", AFTER)
    assert execute(bucket).code == 0
    assert bucket.holds() == {"big": b"".join(parts)}
    assert s3.head_object(Bucket=bucket.name, Key="big")["ContentType"] == "model/x"


def test_names_what_lies_in_an_archive_and_brings_back_the_rest(bucket: BucketHistory) -> None:
    for key, storage in {
        "cold": "GLACIER",
        "deep": "DEEP_ARCHIVE",
        "thawed": "GLACIER",
        "instant": "GLACIER_IR",
    }.items():
        bucket.put(key, BEFORE, key.encode(), storage=storage)
    bucket.put("warm", BEFORE, b"warm")
    thawed = stored(bucket, "thawed")
    thawed.restore(1)
    for _ in range(3):
        _ = thawed.response_dict  # each look brings moto a step further
    for key in list(bucket.events):
        bucket.put(key, AFTER, b"damage")
    assert "of the first: in an archive 3" in recover(bucket).text
    REPORT.unlink()
    shown = execute(bucket)
    assert shown.code == 1
    assert "2 in an archive" in shown.text
    held = bucket.holds()
    assert {key for key in held if held[key] == b"damage"} == {"cold", "deep"}
    assert {key: line["outcome"] for key, line in reported().items()} == {
        "cold": "archived", "deep": "archived", "thawed": "restored", "instant": "restored", "warm": "restored",
    }  # fmt: skip
    assert [stored(bucket, key).storage_class for key in ("thawed", "instant")] == [
        "STANDARD",
        "GLACIER_IR",
    ]


def test_leaves_alone_what_may_have_been_overwritten_while_versioning_was_off() -> None:
    bucket = BucketHistory("flowise-files").make(status="")
    bucket.put("old", BEFORE, b"from before versioning")
    bucket.put("unsure", AFTER, b"overwrote something, or was the first")
    bucket.backend.put_bucket_versioning(bucket.name, "Enabled")
    bucket.put("old", AFTER, b"damage")
    shown = recover(bucket)
    assert "cannot be known 1" in shown.text
    REPORT.unlink()
    shown = execute(bucket)
    assert shown.code == 1
    assert bucket.holds() == {"old": b"from before versioning", "unsure": b"overwrote something, or was the first"}
    assert reported()["unsure"]["outcome"] == "unknown"


def test_a_version_that_cannot_be_copied_does_not_stop_the_others(
    bucket: BucketHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in "abc":
        bucket.put(key, BEFORE, key.encode())
        bucket.put(key, AFTER, b"damage")
    original = Restorer.restore

    def restore(self: Restorer, version: Version) -> str:
        if version.key == "b":
            version = Version(
                key="b", id="gone", stored=BEFORE, size=1, storage_class="STANDARD", is_marker=False
            )  # as if a lifecycle rule had just deleted it
        return original(self, version)

    monkeypatch.setattr(Restorer, "restore", restore)
    shown = execute(bucket)
    assert shown.code == 1
    assert "1 failed" in shown.text
    assert bucket.holds() == {"a": b"a", "b": b"damage", "c": b"c"}
    assert reported()["b"]["outcome"] == "failed"


def _lifecycle(bucket: BucketHistory, rule: dict[str, Any]) -> None:
    s3: Any = s3_client()
    s3.put_bucket_lifecycle_configuration(
        Bucket=bucket.name,
        LifecycleConfiguration={"Rules": [{"ID": "x", "Status": "Enabled", "Filter": {"Prefix": ""}} | rule]},
    )


_EXPIRY = {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}}


@pytest.mark.parametrize(
    ("rule", "refused"),
    [
        (_EXPIRY, True),
        (_EXPIRY | {"Filter": {"Prefix": "files/deeper/"}}, True),
        (_EXPIRY | {"Filter": {"Prefix": "fi"}}, True),
        (_EXPIRY | {"Filter": {"And": {"Prefix": "files/", "Tags": [{"Key": "a", "Value": "b"}]}}}, True),
        (_EXPIRY | {"Filter": {"Prefix": "logs/"}}, False),
        (_EXPIRY | {"Status": "Disabled"}, False),
        ({"NoncurrentVersionExpiration": {"NoncurrentDays": 3}}, False),
        ({"Expiration": {"Days": 1}}, False),
    ],
)
def test_refuses_a_moment_whose_versions_may_have_expired(
    bucket: BucketHistory, rule: dict[str, Any], *, refused: bool
) -> None:
    bucket.put("files/a", BEFORE, b"1")
    bucket.delete("files/a", AFTER)
    _lifecycle(bucket, rule)
    shown = recover(bucket, prefix="files/")
    assert shown.code == int(refused)
    assert ("deletes old versions after 1 days" in shown.text) == refused


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("", "versioning of bucket flowise-files is off"),
        ("Suspended", "versioning of bucket flowise-files is suspended"),
    ],
)
def test_refuses_a_bucket_without_versions(status: str, words: str) -> None:
    bucket = BucketHistory("flowise-files").make(status)
    bucket.put("new", AFTER, b"1")
    shown = execute(bucket)
    assert shown.code == 1
    assert words in shown.text
    assert bucket.holds() == {"new": b"1"}


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("2999-01-01T00:00:00Z", "lies in the future"),
        ("2026-11-23T10:00:00", "does not say in which time zone"),
        ("2026-11-23T10:00:00.5Z", "has fractions of a second"),
        ("yesterday", "is not a moment"),
    ],
)
def test_refuses_what_is_no_moment_of_the_past(bucket: BucketHistory, to: str, words: str) -> None:
    bucket.put("new", AFTER, b"1")
    shown = ops("recover-objects", "--bucket", bucket.name, "--prefix", "", "--to", to, "--execute", "--yes")
    assert shown.code == 1
    assert words in shown.text
    assert "What to do:" in shown.text
    assert bucket.holds() == {"new": b"1"}


def test_says_that_there_is_no_such_bucket_or_key(bucket: BucketHistory) -> None:
    assert "there is no bucket flowise-other" in recover(BucketHistory("flowise-other")).text
    shown = recover(bucket, prefix="nothing/")
    assert shown.code == 1
    assert "holds no version of a key that begins with 'nothing/'" in shown.text


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("GetBucketVersioning", "s3:GetBucketVersioning"),
        ("GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"),
        ("ListObjectVersions", "s3:ListBucketVersions"),
        ("CopyObject", "s3:GetObjectVersion, s3:GetObjectVersionTagging, s3:PutObject, s3:PutObjectTagging"),
        ("DeleteObject", "s3:DeleteObject"),
    ],
)
def test_names_the_right_that_is_missing(
    bucket: BucketHistory, deny: Callable[[str], None], operation: str, action: str
) -> None:
    if operation == "DeleteObject":
        bucket.put("new", AFTER, b"1")
    else:
        bucket.put("back", BEFORE, b"1")
        bucket.delete("back", AFTER)
    before = bucket.ids()
    deny(operation)
    shown = execute(bucket)
    assert shown.code == 1
    assert f"AWS denies {operation}" in shown.text
    assert f"needs: {action}" in shown.text
    assert bucket.ids() == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("something else", "is no report of recover-objects"),
        ("[1]\n", "is no report of recover-objects"),
        ('{"report": "recover-objects", "bucket": "other"}\n', "is the report of another run (bucket other)"),
    ],
)
def test_never_writes_over_a_file_that_is_not_its_own(bucket: BucketHistory, content: str, words: str) -> None:
    bucket.put("new", AFTER, b"1")
    REPORT.write_text(content, encoding="utf-8")
    shown = execute(bucket)
    assert shown.code == 1
    assert words in shown.text
    assert REPORT.read_text(encoding="utf-8") == content
    assert bucket.holds() == {"new": b"1"}


def test_says_that_a_report_cannot_be_written_before_it_changes_anything(bucket: BucketHistory) -> None:
    bucket.put("new", AFTER, b"1")
    shown = execute(bucket, "--report", "no/such/directory.jsonl")
    assert shown.code == 1
    assert "cannot use no/such/directory.jsonl as report" in shown.text
    assert bucket.holds() == {"new": b"1"}
