"""The recorder's short cuts through the SDK change what a recording costs, and nothing of what is recorded."""

import asyncio
import json
from contextlib import nullcontext
from dataclasses import asdict
from typing import Any, cast

import pytest
from pulumi import UNKNOWN, Output, _types  # pyright: ignore[reportPrivateUsage]
from pulumi.runtime import resource, resource_cycle_breaker, rpc

from analysis import plan, recorder
from analysis.plan import record_stack
from analysis.pulumi_sdk.short_cuts import short_cuts
from analysis.recorder import Recording
from analysis.stackfiles import read_stack
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


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_sent_and_read_as_by_the_sdk(name: str) -> None:
    async def crossed() -> list[Any]:
        value = VALUES[name]
        sent = await rpc.serialize_property(value, [], "key")
        output = Output.from_input({"in": value})
        return [
            sent,
            await rpc.serialize_property(value, [], "key", return_protobuf_value=True),
            type(rpc.deserialize_property(sent, keep_unknowns=True)),
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
