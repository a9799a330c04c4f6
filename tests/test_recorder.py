"""The recorder: what it records, and that it refuses what the engine would refuse."""

from collections.abc import Callable

import pulumi
import pulumi_aws as aws
import pulumi_random as random
import pytest
from pulumi.output import Unknown
from typing_extensions import override

from analysis.recorder import Created, DuplicateResourceError, Recording, Request, record
from analysis.synthetic import SyntheticProvider, UnknownFunctionError


def run(program: Callable[[], None], *, preview: bool = False, config: dict[str, str] | None = None) -> Recording:
    """Record a small program."""
    return record(program, SyntheticProvider(), config=config or {}, preview=preview)


def bucket_and_policy() -> None:
    bucket = aws.s3.Bucket("b", opts=pulumi.ResourceOptions(protect=True, retain_on_delete=True))
    aws.s3.BucketVersioning(
        "v",
        bucket=bucket.id,
        versioning_configuration={"status": "Enabled"},
        opts=pulumi.ResourceOptions(depends_on=[bucket], ignore_changes=["mfa"]),
    )
    pulumi.export("arn", bucket.arn)


def test_inputs_are_resolved_and_options_kept() -> None:
    recording = run(bucket_and_policy)
    bucket = recording.only("aws:s3/bucket:Bucket")
    versioning = recording.only("aws:s3/bucketVersioning:BucketVersioning")
    assert (bucket.protect, bucket.retain_on_delete) == (True, True)
    assert versioning.inputs == {"bucket": bucket.id, "versioningConfiguration": {"status": "Enabled"}}
    assert versioning.depends_on == {bucket.urn}
    assert versioning.ignore_changes == ("mfa",)
    assert recording.exports == {"arn": bucket.outputs["arn"]}


def test_a_preview_leaves_computed_values_unknown() -> None:
    recording = run(bucket_and_policy, preview=True)
    assert isinstance(recording.only("aws:s3/bucketVersioning:BucketVersioning").inputs["bucket"], Unknown)
    assert isinstance(recording.exports["arn"], Unknown)


def test_secrets_are_unwrapped_and_remembered() -> None:
    def program() -> None:
        password = random.RandomPassword("p", length=12)
        aws.ssm.Parameter("s", type="SecureString", value=password.result)
        pulumi.export("password", password.result)

    recording = run(program)
    parameter = recording.only("aws:ssm/parameter:Parameter")
    assert parameter.inputs["value"] == recording.only("random:index/randomPassword:RandomPassword").outputs["result"]
    assert "value" in parameter.secrets
    assert recording.secret_exports == {"password"}


def test_urns_follow_the_engines_rule() -> None:
    class Outer(pulumi.ComponentResource):
        def __init__(self) -> None:
            super().__init__("a:b:Outer", "outer")
            inner = pulumi.ComponentResource("a:b:Inner", "inner", None, pulumi.ResourceOptions(parent=self))
            aws.s3.Bucket("b", opts=pulumi.ResourceOptions(parent=inner))

    record_ = run(lambda: Outer() and None).only("aws:s3/bucket:Bucket")
    assert record_.urn == "urn:pulumi:dev::flowise::a:b:Outer$a:b:Inner$aws:s3/bucket:Bucket::b"


def test_a_second_resource_with_the_same_urn_is_refused() -> None:
    def program() -> None:
        aws.s3.Bucket("b")
        aws.s3.Bucket("b")

    with pytest.raises(DuplicateResourceError, match="the engine would refuse the second"):
        run(program)


def test_an_exception_inside_an_output_is_not_lost() -> None:
    def refuse(_: str) -> None:
        raise ValueError("noticed")

    with pytest.raises(ValueError, match="noticed"):
        run(lambda: aws.s3.Bucket("b").arn.apply(refuse) and None)


def test_an_output_used_as_text_is_refused() -> None:
    def program() -> None:
        bucket = aws.s3.Bucket("b")
        aws.s3.Bucket("c", bucket=f"copy-of-{bucket.id}")

    with pytest.raises(Exception, match="Output"):
        run(program)


def test_an_unknown_provider_function_is_named() -> None:
    with pytest.raises(UnknownFunctionError, match="aws:ec2/getVpcs:getVpcs"):
        run(lambda: aws.ec2.get_vpcs_output().apply(lambda _: None) and None)


def test_runs_share_nothing() -> None:
    def program() -> None:
        pulumi.export("seen", pulumi.Config("x").get("key"))

    assert run(program, config={"x:key": "one"}).exports == {"seen": "one"}
    assert run(program).exports.get("seen") is None


def test_one_thread_records_what_many_record() -> None:
    one, many = (
        record(bucket_and_policy, SyntheticProvider(), config={}, threads=threads) for threads in (False, True)
    )
    assert repr(one) == repr(many)


def test_what_a_cloud_refuses_is_raised_in_one_thread_too() -> None:
    class Refuses(SyntheticProvider):
        @override
        def create(self, request: Request) -> Created:
            raise ConnectionRefusedError(request.name)

    with pytest.raises(ConnectionRefusedError, match="b"):
        record(bucket_and_policy, Refuses(), config={}, threads=False)
