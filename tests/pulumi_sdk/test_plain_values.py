"""Outputs of plain values are the SDK's own, only sooner."""

import asyncio
import json
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import pulumi_aws as aws
import pytest
from pulumi import UNKNOWN, Output
from pulumi.runtime import resource

from analysis.pulumi_sdk.plain_values import plain_values_at_once

STATEMENT: dict[str, Any] = {"Action": ["s3:Get*"], "Count": 3, "Share": 0.5, "On": True, "None": None}
DOCUMENT: dict[str, Any] = {"Version": "2012-10-17", "Statement": [STATEMENT, {}, []]}
STACK_URN = "urn:pulumi:dev::flowise::pulumi:pulumi:Stack::flowise-dev"
COMPONENT_URN = "urn:pulumi:dev::flowise::flowise:app:FlowiseApp::flowise"


class Colour(StrEnum):
    """A value that is a text, and more than that."""

    RED = "red"


MAKERS: dict[str, Callable[[], Any]] = {
    "a document": lambda: DOCUMENT,
    "a list": lambda: [1, "two", None, [True]],
    "nothing": lambda: None,
    "an empty list": list,
    "a text": lambda: "text",
    "an output inside": lambda: {"plain": [1], "later": [Output.from_input({"deep": 1})]},
    "a secret inside": lambda: {"plain": [1], "hidden": Output.secret("s")},
    "an unknown value inside": lambda: {"plain": [1], "unknown": UNKNOWN},
    "a tuple inside": lambda: {"pair": (1, {"two": 2})},
    "an enumeration": lambda: [Colour.RED],
    "arguments": lambda: {"rules": [aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled")]},
}


async def resolved(made: Output[Any]) -> list[Any]:
    value: object = await made.future(with_unknowns=True)
    shown = json.dumps(value, default=lambda each: [type(each).__name__, vars(each)])
    return [shown, type(value), await made.is_known(), await made.is_secret(), await made.resources()]


@pytest.mark.parametrize("name", MAKERS)
def test_an_output_is_what_the_sdk_makes_of_it(name: str) -> None:
    async def both() -> tuple[list[Any], list[Any]]:
        theirs = await resolved(Output.from_input(MAKERS[name]()))
        with plain_values_at_once():
            return theirs, await resolved(Output.from_input(MAKERS[name]()))

    theirs, ours = asyncio.run(both())
    assert ours == theirs


@pytest.mark.parametrize("parent", [None, STACK_URN, COMPONENT_URN])
def test_a_urn_is_what_the_sdk_makes_of_it(parent: str | None) -> None:
    async def both() -> list[str | None]:
        theirs = await resource.create_urn("b", "aws:s3/bucket:Bucket", parent, "flowise", "dev").future()
        with plain_values_at_once():
            return [theirs, await resource.create_urn("b", "aws:s3/bucket:Bucket", parent, "flowise", "dev").future()]

    theirs, ours = asyncio.run(both())
    assert ours == theirs
    assert ours


def test_a_plain_value_starts_no_task_and_later_changes_of_it_are_not_seen() -> None:
    async def made() -> tuple[int, Any]:
        mine = {"list": [1]}
        with plain_values_at_once():
            output = Output.from_input({"deep": [mine]})
        started = len(asyncio.all_tasks()) - 1
        mine["list"].append(2)
        return started, await output.future()

    assert asyncio.run(made()) == (0, {"deep": [{"list": [1]}]})


def test_the_sdk_is_as_before_after_it() -> None:
    before = Output.from_input, resource.create_urn
    with plain_values_at_once():
        assert Output.from_input is not before[0]
    assert (Output.from_input, resource.create_urn) == before
