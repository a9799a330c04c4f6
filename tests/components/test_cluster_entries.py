"""Who may enter the cluster can be revoked, and removing one entry of a list touches no other."""

from collections.abc import Iterator
from typing import Any, cast

import pytest

from analysis.recorder import Record, Recording
from tests.conftest import recorded_with

ENTRY = "aws:eks/accessEntry:AccessEntry"
ASSOCIATION = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
ROLE = "arn:aws:iam::123456789012:role/"
BEFORE = "urn:pulumi:prod::flowise::flowise:cluster:EksCluster$eks:index:Cluster$"
LISTS: dict[str, list[Any]] = {
    "cluster.admin_role_arns": [f"{ROLE}a", f"{ROLE}people/b"],
    "cluster.preview_role_arns": [f"{ROLE}preview", f"{ROLE}drift"],
    "cluster.api_client_cidrs": ["10.40.0.0/24", "10.41.0.0/24"],
    "cluster.api_client_security_group_ids": ["sg-0123456789abcdef0", "sg-0123456789abcdef1"],
    "network.interface_endpoints": ["ecr.api", "logs"],
    "observability.recipients": ["a@example.com", "b@example.com", "https://example.com/hook"],
    "backup.notify": ["a@example.com", "b@example.com"],
    "edge.admin_cidrs": ["198.51.100.0/24", "203.0.113.0/24"],
    "edge.blocked_paths": ["^/api/v1/one", "^/api/v1/two"],
}
"""Every list setting whose elements make resources, with elements to remove the first of."""


@pytest.fixture(scope="module")
def two() -> Recording:
    """Prod with two administrators and two roles of previews, and two of all else."""
    return recorded_with("prod", LISTS)


def test_entries_are_no_part_of_what_is_protected(two: Recording) -> None:
    found = [*two.of_type(ENTRY), *two.of_type(ASSOCIATION)]
    assert len(found) == 6
    for record in found:
        assert not record.protect
        assert "eks:index:Cluster$" not in record.urn, "a child of the protected component could not be removed"


def test_an_entry_is_named_after_its_role(two: Recording) -> None:
    assert {record.name for record in two.of_type(ENTRY)} == {
        f"cluster-{kind}-123456789012-{role}"
        for kind, role in (("admin", "a"), ("admin", "b"), ("preview", "preview"), ("preview", "drift"))
    }


def test_the_entries_of_an_existing_stack_are_kept(two: Recording) -> None:
    """pulumi-eks 4.4, nodejs/eks/authenticationMode.ts: an entry is `{cluster}-{key}`, an association its child."""
    aliases = {record.name: record.aliases for record in two.of_type(ENTRY)}
    assert aliases["cluster-admin-123456789012-b"] == (f"{BEFORE}{ENTRY}::cluster-admin-1",)
    assert aliases["cluster-preview-123456789012-preview"] == (f"{BEFORE}{ENTRY}::cluster-preview-0",)
    associations = {record.name: record.aliases for record in two.of_type(ASSOCIATION)}
    assert associations["cluster-admin-123456789012-b"] == (f"{BEFORE}{ENTRY}${ASSOCIATION}::cluster-admin-1-admin",)


def resources(recording: Recording) -> dict[str, Record]:
    """What the stack registers, by URN."""
    return {record.urn: record for record in recording.records}


def keyed(value: object) -> Iterator[str]:
    """Every text within a value."""
    match value:
        case dict():
            for item in cast("dict[str, object]", value).values():
                yield from keyed(item)
        case list():
            for item in cast("list[object]", value):
                yield from keyed(item)
        case _:
            yield str(value)


def test_removing_the_first_of_each_list_changes_nothing_of_the_others() -> None:
    before = resources(recorded_with("prod", LISTS))
    after = resources(recorded_with("prod", {path: others for path, (_, *others) in LISTS.items()}))
    assert not after.keys() - before.keys(), "nothing new is made for what is left"
    for urn, record in after.items():
        if record.inputs != before[urn].inputs:
            held, holds = set(keyed(before[urn].inputs)), set(keyed(record.inputs))
            assert holds < held, f"{record.type} {record.name} of another element is changed"


def test_who_calls_the_api_reaches_port_443_of_the_cluster(two: Recording) -> None:
    edits = {path: LISTS[path] for path in LISTS if "api_client" in path}
    rules = [
        record.inputs
        for record in two.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        if record.name.startswith("cluster-api-")
    ]
    sources = {str(rule.get("cidrIpv4") or rule.get("referencedSecurityGroupId")) for rule in rules}
    assert sources == {str(client) for clients in edits.values() for client in clients}
    assert {(rule["fromPort"], rule["toPort"], rule["ipProtocol"]) for rule in rules} == {(443, 443, "tcp")}
    assert len({str(rule["securityGroupId"]) for rule in rules}) == 1
