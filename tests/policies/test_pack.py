"""The pack as the engine runs it: a process that answers over gRPC."""

# Pulumi's protobuf messages carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false, reportMissingTypeStubs=false, reportUnknownParameterType=false
# pyright: reportPrivateUsage=false

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.output import Unknown
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi.runtime.rpc import _special_secret_sig, _special_sig_key
from pulumi_policy.proxy import UNKNOWN_BOOLEAN_VALUE, UNKNOWN_STRING_VALUE

from analysis.recorder import Record, Recording
from analysis.stackfiles import ROOT, read_stack
from policies.rules import RULES
from tests.conftest import recorded

DROPPED = {"eks_secrets_encrypted"}
"""The recorder drops the unknown key of the remote component's cluster, which the engine marks as unknown."""


def start(config: dict[str, str]) -> tuple[subprocess.Popen[bytes], analyzer_pb2_grpc.AnalyzerStub]:
    """Start the pack as the engine does (`python -m pulumi.policy`), and connect to the port it prints."""
    environment = {**os.environ, "PULUMI_CONFIG": json.dumps(config), "PULUMI_PROJECT": "flowise"}
    environment |= {"PULUMI_STACK": "dev", "PULUMI_DRY_RUN": "true"}
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(ROOT / "policies")],
        cwd=ROOT / "policies",
        env=environment,
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    port = int(process.stdout.readline())
    return process, analyzer_pb2_grpc.AnalyzerStub(grpc.insecure_channel(f"127.0.0.1:{port}"))


@pytest.fixture(scope="module")
def analyzer() -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    """The pack with the configuration of dev."""
    process, stub = start(dict(read_stack("dev").values))
    yield stub
    process.terminate()
    process.wait(10)
    if process.stdout:
        process.stdout.close()


def on_the_wire(value: Any) -> Any:
    """Inputs as the engine sends them: what is not known yet is a marker."""
    if isinstance(value, Unknown):
        return UNKNOWN_STRING_VALUE
    if isinstance(value, dict):
        return {key: on_the_wire(item) for key, item in value.items()}
    return [on_the_wire(item) for item in value] if isinstance(value, list) else value


def properties(record: Record) -> struct_pb2.Struct:
    message = struct_pb2.Struct()
    message.update(on_the_wire(record.inputs) | ({"id": record.id} if record.id else {}))
    return message


def options(record: Record) -> Any:
    return analyzer_pb2.AnalyzerResourceOptions(protect=record.protect)


def analyze(stub: analyzer_pb2_grpc.AnalyzerStub, record: Record, **change: Any) -> set[str]:
    """Policies that say something about one resource."""
    message = properties(record)
    message.update(change)
    request = analyzer_pb2.AnalyzeRequest(
        type=record.type, properties=message, urn=record.urn, name=record.name, options=options(record)
    )
    return {diagnostic.policyName for diagnostic in stub.Analyze(request).diagnostics}


def analyze_stack(stub: analyzer_pb2_grpc.AnalyzerStub, recording: Recording) -> set[str]:
    """Policies that say something about the whole stack."""
    resources = [
        analyzer_pb2.AnalyzerResource(
            type=record.type,
            properties=properties(record),
            urn=record.urn,
            name=record.name,
            options=options(record),
            dependencies=sorted(record.depends_on),
        )
        for record in recording.records
    ]
    request = analyzer_pb2.AnalyzeStackRequest(resources=resources)
    return {diagnostic.policyName for diagnostic in stub.AnalyzeStack(request).diagnostics}


def test_the_pack_offers_every_rule_that_judges_an_unprotected_stack(analyzer: Any) -> None:
    info = analyzer.GetAnalyzerInfo(empty_pb2.Empty())
    assert {p.name for p in info.policies} == {r.id for r in RULES if not r.protected_only} | {"policy_exceptions"}
    [policy] = [p for p in info.policies if p.name == "rds_encrypted"]
    assert policy.enforcementLevel == analyzer_pb2.MANDATORY
    assert "AWS RDS.3" in policy.tags


def test_the_first_preview_of_dev_passes(analyzer: Any) -> None:
    preview = recorded("dev", preview=True)
    assert {name for record in preview.records for name in analyze(analyzer, record)} == DROPPED
    assert analyze_stack(analyzer, preview) == set()


def test_a_mistake_is_a_diagnostic(analyzer: Any) -> None:
    database = recorded("dev").only("aws:rds/instance:Instance")
    assert analyze(analyzer, database) == set()
    assert analyze(analyzer, database, storageEncrypted=False, publiclyAccessible=True) == {
        "rds_encrypted",
        "rds_private",
    }


def test_a_secret_is_judged_and_what_is_unknown_is_not(analyzer: Any) -> None:
    database = recorded("dev").only("aws:rds/instance:Instance")
    wrapped = {_special_sig_key: _special_secret_sig, "value": False}
    assert analyze(analyzer, database, storageEncrypted=wrapped) == {"rds_encrypted"}
    assert analyze(analyzer, database, storageEncrypted=UNKNOWN_BOOLEAN_VALUE) == set()
    assert analyze(analyzer, database, storageEncrypted={**wrapped, "value": UNKNOWN_BOOLEAN_VALUE}) == set()


def test_numbers_and_entries_of_lists_are_judged(analyzer: Any) -> None:
    database = recorded("dev").only("aws:rds/instance:Instance")
    assert analyze(analyzer, database, backupRetentionPeriod=0) == {"rds_backups"}


def test_a_mistake_of_the_whole_stack_is_a_diagnostic(analyzer: Any) -> None:
    dev = recorded("dev")
    fewer = Recording(
        records=tuple(r for r in dev.records if "PublicAccessBlock" not in r.type),
        exports={},
        secret_exports=frozenset(),
    )
    assert analyze_stack(analyzer, fewer) == {"s3_public_access_blocked"}


def test_without_the_exception_the_finding_is_there() -> None:
    values = dict(read_stack("dev").values)
    values["flowise:policy_exceptions"] = json.dumps(
        [{"rule": "no_such_rule", "resource": "*", "reason": "It is here to be found out", "expires": "2026-12-31"}]
    )
    process, stub = start(values)
    try:
        dev = recorded("dev")
        assert analyze(stub, dev.only("aws:eks/cluster:Cluster")) == {"eks_endpoint_private"}
        assert analyze_stack(stub, dev) == {"policy_exceptions", "stack_protected"}
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout:
            process.stdout.close()
