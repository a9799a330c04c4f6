"""Stack files are read as the Pulumi CLI reads them."""

import json
from datetime import date
from pathlib import Path

import pytest

from analysis.stackfiles import PLACEHOLDER, StackFileError, override, read_stack, stack_names
from components.database.settings import RestoreSource
from policies.exceptions import PolicyException


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one stack."""
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nconfig:\n  aws:region: {value: eu-west-1}\n")
    (tmp_path / "Pulumi.dev.yaml").write_text(
        "config:\n  shop:count: 2\n  name: x\n  shop:net: {zones: [a, b]}\n"
        "  shop:password: {secure: v1:abc}\n  shop:deep: {user: u, pass: {secure: v1:def}}\n"
    )
    return tmp_path


def test_values_are_text_and_structures_json(root: Path) -> None:
    config = read_stack("dev", root)
    assert config.project == "shop"
    assert config.values["aws:region"] == "eu-west-1"
    assert config.values["shop:count"] == "2"
    assert config.values["shop:name"] == "x"
    assert json.loads(config.values["shop:net"]) == {"zones": ["a", "b"]}


def test_encrypted_values_become_a_placeholder_and_their_keys_are_secret(root: Path) -> None:
    config = read_stack("dev", root)
    assert config.values["shop:password"] == PLACEHOLDER
    assert json.loads(config.values["shop:deep"]) == {"user": "u", "pass": PLACEHOLDER}
    assert set(config.secret_keys) == {"shop:password", "shop:deep"}


def test_a_missing_stack_names_those_that_exist(root: Path) -> None:
    with pytest.raises(StackFileError, match=r"there is no stack 'deb' .*; stacks here: dev"):
        read_stack("deb", root)


def test_an_example_is_read_until_a_stack_has_its_name(root: Path) -> None:
    (root / "examples").mkdir()
    (root / "examples" / "Pulumi.office.yaml").write_text("config: {shop:count: 5}")
    assert read_stack("office", root).values["shop:count"] == "5"
    assert stack_names(root) == ["dev"]
    (root / "Pulumi.office.yaml").write_text("config: {shop:count: 6}")
    assert read_stack("office", root).values["shop:count"] == "6"
    with pytest.raises(StackFileError, match=r"stacks here: dev, office; examples: office"):
        read_stack("nowhere", root)


@pytest.mark.parametrize("text", ["config: [1, 2]", "- a", "config: {a: b", "just text"])
def test_a_file_that_is_no_stack_file_is_refused(root: Path, text: str) -> None:
    (root / "Pulumi.dev.yaml").write_text(text)
    with pytest.raises(StackFileError):
        read_stack("dev", root)


def test_an_empty_file_is_an_empty_configuration(root: Path) -> None:
    (root / "Pulumi.dev.yaml").write_text("")
    assert dict(read_stack("dev", root).values) == {"aws:region": "eu-west-1"}


def test_a_start_may_change_settings(root: Path) -> None:
    edits = ['net.zones=["c"]', "net.deep.er=1", "name=y", "count=3", "new={}", "aws:region=eu-west-2"]
    config = override(read_stack("dev", root), edits)
    assert json.loads(config.values["shop:net"]) == {"zones": ["c"], "deep": {"er": 1}}
    assert (config.values["shop:name"], config.values["shop:count"], config.values["shop:new"]) == ("y", "3", "{}")
    assert config.values["aws:region"] == "eu-west-2"


def test_a_start_may_remove_a_section(root: Path) -> None:
    assert "shop:net" not in override(read_stack("dev", root), ["net=null", "never.there=null"]).values


@pytest.mark.parametrize("text", ["net", "=1", "net..zones=1", "name.first=x", "count.x=1", "net.zones.first=x"])
def test_a_change_that_makes_no_sense_is_refused(root: Path, text: str) -> None:
    with pytest.raises(StackFileError):
        override(read_stack("dev", root), [text])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("config:\n  shop:count: 2\n  shop:count: 3\n", "'shop:count' stands twice, in lines 2 and 3"),
        ("config:\n  shop:net:\n    zones: [a]\n    zones: [b]\n", "'zones' stands twice, in lines 3 and 4"),
    ],
)
def test_a_key_that_stands_twice_is_refused_with_its_lines(root: Path, text: str, told: str) -> None:
    (root / "Pulumi.dev.yaml").write_text(text)
    with pytest.raises(StackFileError, match=rf"Pulumi\.dev\.yaml .*{told}"):
        read_stack("dev", root)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("yes", "yes"),
        ("on", "on"),
        ("true", "true"),
        ("3:30", "3:30"),
        ("1.30", "1.3"),
        ("1.0", "1"),
        ("1e3", "1000"),
        ("0x1F", "31"),
        ("0o17", "15"),
        ("1_000", "1000"),
        ("012345670123", "1402433619"),
        ("012345678901", "12345678901"),
        ("2026-01-02", "2026-01-02 00:00:00 +0000 UTC"),
        ("2026-01-02T03:04:05Z", "2026-01-02 03:04:05 +0000 UTC"),
        ("'2026-01-02'", "2026-01-02"),
        ("'yes'", "yes"),
    ],
)
def test_values_without_quotation_marks_are_read_as_pulumi_reads_them(root: Path, written: str, read: str) -> None:
    (root / "Pulumi.dev.yaml").write_text(f"config:\n  shop:one: {written}\n  shop:net: {{on: {written}}}\n")
    values = read_stack("dev", root).values
    assert values["shop:one"] == read
    assert str(json.loads(values["shop:net"])["on"]).lower() == read.lower()


def test_a_moment_without_quotation_marks_is_taken_as_it_was_written(root: Path) -> None:
    (root / "Pulumi.dev.yaml").write_text("config:\n  shop:from: {point_in_time: 2026-01-02T03:04:05Z}\n")
    source = RestoreSource.model_validate_json(read_stack("dev", root).values["shop:from"])
    assert source.point_in_time == "2026-01-02T03:04:05Z"


def test_a_date_without_quotation_marks_is_taken_as_it_was_written(root: Path) -> None:
    text = "config:\n  shop:one: {rule: r, resource: x, reason: it is needed until autumn, expires: 2027-06-30}\n"
    (root / "Pulumi.dev.yaml").write_text(text)
    exception = PolicyException.model_validate_json(read_stack("dev", root).values["shop:one"])
    assert exception.expires == date(2027, 6, 30)
