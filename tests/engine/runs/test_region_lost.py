"""docs/runbooks/region-lost.md by the real engine: the domain left out at first, its name moved, then added."""

import gc
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest

from analysis.changes import HOLDS_DATA
from engine import provider_kubernetes
from engine.proofs import with_settings
from engine.provider_kubernetes import Cluster
from engine.sandbox import Sandbox, find_project, sandbox
from engine.stack import EngineStack, Result
from engine.workspace import Project
from settings import IMPORTED_KEYS
from tests.docs.settings_blocks import EXCEPTIONS, blocks

DISTRIBUTION: Final = "aws:cloudfront/distribution:Distribution"
SNAPSHOT: Final = "arn:aws:rds:us-west-2:123456789012:snapshot:awsbackup:job-1a2b3c4d-5e6f-7081-92a3-b4c5d6e7f809"
NAME: Final = "flowise.example.com"
KEYS: Final = {key: f"{number:x}" * 64 for number, key in enumerate(sorted(IMPORTED_KEYS), start=10)}
IMAGE: Final = f"123456789012.dkr.ecr.us-west-2.amazonaws.com/flowise@sha256:{'ab' * 32}"
STEP_4: Final[Mapping[str, Any]] = {
    "aws:region": "us-west-2",
    "network.zones": ["us-west-2a", "us-west-2b", "us-west-2c"],
    "app.image": IMAGE,
    "recovery": None,
    "permissions_boundary_arn": None,
    "cluster.preview_role_arns": [],
    "domain": None,
}


def copied(*, domain: bool) -> Project:
    """The stack file of step 4 with the block that the page shows; with the domain as in step 8."""
    (block,) = (block for block in blocks() if block.page == "runbooks/region-lost.md")
    database = block.settings["flowise:database"]
    given = {**STEP_4, **{f"database.{key}": value for key, value in database.items()}}
    if domain:
        del given["domain"]
    else:
        kept = json.loads(find_project("prod").config.values[EXCEPTIONS])
        given["policy_exceptions"] = [*kept, *block.settings[EXCEPTIONS]]
    made = with_settings(find_project("prod"), given, KEYS)
    return replace(made, config=replace(made.config, stack="west-prod"))


@dataclass(frozen=True, kw_only=True)
class Recovered:
    """The stack of the recovery region before its domain."""

    box: Sandbox
    engine: EngineStack
    made: Result


@pytest.fixture(scope="module")
def recovered() -> Iterator[Recovered]:
    """The old stack is there, as nobody can delete it, and step 5 has been done."""
    with sandbox(moto=False) as box, provider_kubernetes.serve(Cluster()) as kubernetes:
        old = box.stack(find_project("prod")).up(policies=False)
        assert old.good, old.errors
        elsewhere = replace(box, ports={**box.ports, "kubernetes": kubernetes})  # the other region's own cluster
        engine = elsewhere.stack(copied(domain=False))
        yield Recovered(box=box, engine=engine, made=engine.up())
    for _ in range(3):  # event loops of the language server's threads, which end one after the other
        gc.collect()
        time.sleep(0.3)


def test_the_stack_comes_up_beside_the_old_one_without_the_domain(recovered: Recovered) -> None:
    assert recovered.made.good, recovered.made.errors
    resources = recovered.engine.resources().values()
    (database,) = (r["inputs"] for r in resources if r["type"] == "aws:rds/instance:Instance")
    assert database["snapshotIdentifier"] == SNAPSHOT
    (distribution,) = (r["inputs"] for r in resources if r["type"] == DISTRIBUTION)
    assert not distribution.get("aliases")
    assert distribution["viewerCertificate"]["cloudfrontDefaultCertificate"] is True
    assert not [r["urn"] for r in resources if r["type"].startswith(("aws:route53/", "aws:acm/"))]


def test_the_domain_is_added_once_the_old_distribution_has_given_its_name_up(recovered: Recovered) -> None:
    recovered.engine.use(copied(domain=True))
    refused = recovered.engine.up(policies=False)
    assert not refused.good, "the old distribution still has the name"
    assert any("CNAMEAlreadyExists" in message for message in refused.errors), refused.errors

    # What `aws cloudfront update-distribution` of step 8 does.
    old = next(
        each
        for each in recovered.box.backend.account.inventory.of_type(DISTRIBUTION)
        if NAME in (each.value("aliases") or [])
    )
    old.inputs["aliases"] = old.outputs["aliases"] = []

    added = recovered.engine.up()
    assert added.good, added.errors
    lost = [
        (step.op, step.urn)
        for result in (refused, added)
        for step in result.changes
        if step.type in HOLDS_DATA | {DISTRIBUTION} and step.op in {"replace", "delete", "create-replacement"}
    ]
    assert lost == []
    resources = recovered.engine.resources().values()
    (distribution,) = (r["inputs"] for r in resources if r["type"] == DISTRIBUTION)
    assert distribution["aliases"] == [NAME]
    assert {r["inputs"]["type"] for r in resources if r["type"] == "aws:route53/record:Record"} >= {"A", "AAAA"}
    again = recovered.engine.preview(policies=False)
    assert again.changes == (), [(step.op, step.urn) for step in again.changes]
    gc.collect()  # what the refused run has left is complained of here, where conftest.py ignores it
