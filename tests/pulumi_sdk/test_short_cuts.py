"""The recorder's short cuts through the SDK change what a recording costs, and nothing of what is recorded."""

import asyncio
import json
from contextlib import nullcontext
from dataclasses import asdict
from typing import Any, cast

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pulumi_random as random
import pytest
from pulumi import UNKNOWN, Output, _types  # pyright: ignore[reportPrivateUsage]
from pulumi.runtime import resource, resource_cycle_breaker, rpc

from analysis import plan, recorder
from analysis.plan import record_stack
from analysis.pulumi_sdk.short_cuts import short_cuts
from analysis.recorder import Recording, record
from analysis.stackfiles import read_stack
from analysis.synthetic import SyntheticProvider
from tests.conftest import recorded

VALUES: dict[str, Any] = {
    "a text": "text",
    "a number": 3,
    "nothing": None,
    "a document": {"list": [1, {"deep": "text"}], "none": None, "yes": True},
    "the engine's sign of an unknown value": rpc.UNKNOWN,
    "an unknown value": UNKNOWN,
    "an unknown value inside": {"list": [1, {"deep": UNKNOWN}]},
    "a tuple": (1, 2),
    "an enumeration": aws.ec2.InstanceType.T4G_MICRO,
}


def shown(recording: Recording) -> list[str]:
    """Everything in it as text: an unknown value is equal to itself alone."""
    everything = [*map(asdict, recording.records), recording.exports, sorted(recording.secret_exports)]
    return [json.dumps(each, sort_keys=True, default=_text) for each in everything]


def _text(value: object) -> object:
    return sorted(cast("frozenset[str]", value)) if isinstance(value, frozenset) else type(value).__name__


@pytest.mark.parametrize(("stack", "preview"), [("prod", False), ("dev", True)])
def test_a_recording_is_what_the_sdk_alone_makes_of_the_program(
    stack: str, preview: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = shown(recorded(stack, preview=preview))
    monkeypatch.setattr(recorder, "short_cuts", nullcontext)
    monkeypatch.setattr(plan, "record", recorder.record)  # not the one that is kept
    assert ours == shown(record_stack(read_stack(stack), preview=preview))


EXPIRATION = aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=5)


def options_and_values_of_every_kind() -> None:
    class Outer(pulumi.ComponentResource):
        def __init__(self) -> None:
            super().__init__("a:b:Outer", "outer")
            self.queue = aws.sqs.Queue("q", delay_seconds=5, opts=pulumi.ResourceOptions(parent=self))
            self.register_outputs({"delay": self.queue.delay_seconds, "url": self.queue.url})

    outer = Outer()
    password = random.RandomPassword("p", length=12, keepers={"delay": outer.queue.delay_seconds.apply(str)})
    options = pulumi.ResourceOptions(
        depends_on=[outer],
        protect=True,
        retain_on_delete=True,
        delete_before_replace=True,
        ignore_changes=["tags"],
        additional_secret_outputs=["arn"],
        aliases=[pulumi.Alias(name="earlier")],
        custom_timeouts=pulumi.CustomTimeouts(create="5m"),
    )
    bucket = aws.s3.Bucket(
        "b", tags={"one": "1", "delay": pulumi.Output.format("{}", outer.queue.delay_seconds)}, opts=options
    )
    aws.s3.BucketLifecycleConfiguration(
        "l",
        bucket=bucket.id,
        rules=[
            aws.s3.BucketLifecycleConfigurationRuleArgs(
                id=bucket.arn, status="Enabled", prefix=bucket.id, expiration=EXPIRATION
            ),
            {"id": "two", "status": "Enabled", "abort_incomplete_multipart_upload": {"days_after_initiation": 3}},
        ],
    )
    aws.s3.BucketObjectv2(
        "o", bucket=bucket.id, source=pulumi.StringAsset("text"), metadata={"secret": password.result}
    )
    k8s.core.v1.ConfigMap("c", metadata={"labels": {"delay": bucket.id}}, data={"a": password.result})
    k8s.apiextensions.CustomResource(
        "r",
        api_version="a/v1",
        kind="Kind",
        spec={"none": None, "snake_case": [1, {"deep": [bucket.arn, 2.5]}], "secret": [password.result]},
    )
    aws.sqs.Queue.get("read", "https://sqs/known")
    found = aws.ec2.get_subnet_output(id=bucket.id)
    pulumi.export("all", {"block": found.cidr_block, "bucket": bucket.arn, "number": outer.queue.delay_seconds})


@pytest.mark.parametrize("preview", [True, False])
def test_options_and_values_of_every_kind_are_recorded_as_by_the_sdk_alone(
    preview: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def recorded_here() -> list[str]:
        return shown(record(options_and_values_of_every_kind, SyntheticProvider(), config={}, preview=preview))

    ours = recorded_here()
    monkeypatch.setattr(recorder, "short_cuts", nullcontext)
    assert ours == recorded_here()


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_sent_and_read_as_by_the_sdk(name: str) -> None:
    async def crossed() -> list[Any]:
        value = VALUES[name]
        message = await rpc.serialize_properties({"key": value}, {})
        output = Output.from_input({"in": value})
        read = rpc.deserialize_properties(message, keep_unknowns=True)
        return [
            json.dumps(read, sort_keys=True, default=_text),
            type(read.get("key")),
            await rpc.serialize_property(value, [], "key", return_protobuf_value=True),
            rpc.contains_unknowns(value),
            await output.is_known(),
        ]

    theirs = asyncio.run(crossed())
    with short_cuts():
        assert asyncio.run(crossed()) == theirs


class Made:
    """A resource, as far as the SDK looks at one here."""


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("secret", [True, False])
@pytest.mark.parametrize("failed", [None, ValueError("refused")])
def test_an_output_of_a_resource_is_what_the_sdk_makes_of_it(
    known: bool, secret: bool, failed: Exception | None
) -> None:
    made, other = cast("Any", Made()), Made()

    async def resolved() -> list[Any]:
        resolvers = cast("dict[str, Any]", rpc.transfer_properties(made, {"urn": 1, "id": 1, "result": 1}, True))
        resolvers["result"]("a value", known, secret, {other}, failed)
        resolve_id, of_id = cast("Any", resource).resource_output(made)
        resolve_id("an id", known, secret, failed)
        outputs: list[Output[Any]] = [made.result, of_id]
        parts = [part for each in outputs for part in (each.future(), each.is_known(), each.is_secret())]
        resources = [each.resources() for each in outputs if not failed]
        return [list(resolvers), *await asyncio.gather(*parts, *resources, return_exceptions=True)]

    theirs = asyncio.run(resolved())
    with short_cuts():
        assert asyncio.run(resolved()) == theirs


def test_the_sdk_is_as_before_after_it() -> None:
    before = [dict(vars(module)) for module in (rpc, resource, resource_cycle_breaker, _types)]
    with short_cuts():
        assert rpc.transfer_properties is not before[0]["transfer_properties"]
    assert [dict(vars(module)) for module in (rpc, resource, resource_cycle_breaker, _types)] == before
