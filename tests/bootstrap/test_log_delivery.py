"""Logs that AWS delivers itself need the account's consent, which the catalogue says and bootstrap gives."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, cast

import pytest

from analysis.recorder import Record
from analysis.rights.stacks import recordings
from components.common.catalogue import AWS
from tests.bootstrap.account import document, with_actions


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for part in cast("dict[str, Any]", value).values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in cast("list[Any]", value):
            yield from texts(part)
    elif isinstance(value, str):
        yield value


def delivered_by_aws(stack: str) -> Iterator[tuple[Record, str]]:
    """Resources that name a log group by its ARN and no role that writes to it, each with the ARN."""
    for record in recordings()[stack].records:
        found = [text for text in texts(record.inputs) if text.startswith("arn:")]
        if record.type in AWS and not any(":role/" in arn for arn in found):
            yield from ((record, arn) for arn in found if arn.split(":")[2:6:3] == ["logs", "log-group"])


@pytest.mark.parametrize("stack", recordings())
def test_the_account_lets_aws_deliver_each_log(stack: str) -> None:
    allowed = {
        (principal, into)
        for policy in with_actions().of_type("aws:cloudwatch/logResourcePolicy:LogResourcePolicy")
        for statement in document(policy.inputs["policyDocument"])
        for principal in statement["Principal"]["Service"]
        for into in statement["Resource"]
    }
    for record, arn in delivered_by_aws(stack):
        consent = AWS[record.type].log_consent
        assert consent, f"{record.type} has its log delivered to {arn}: say in its entry what the account must allow"
        written = f"{arn.removesuffix(':*')}:log-stream:x"
        assert any(by == consent.service and fnmatchcase(written, into) for by, into in allowed), (
            f"{record.type} has its log delivered to {arn}, which is not among {consent.log_groups} in its entry"
        )


def test_no_consent_is_without_a_log_and_the_account_has_room_for_all() -> None:
    needed = {record.type for stack in recordings() for record, _ in delivered_by_aws(stack)}
    assert needed == {type_ for type_, entry in AWS.items() if entry.log_consent}
    assert len(needed) <= 10, "CloudWatch Logs quotas: resource policies of a region"
