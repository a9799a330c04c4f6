"""Every name and tag that the program registers is one that AWS takes (components/common/catalogue)."""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Annotated, Any, cast

import botocore.session
import pytest
import yaml
from botocore.model import OperationModel, ServiceModel, Shape
from pydantic import Field, TypeAdapter, ValidationError

from analysis.plan import record_stack
from analysis.recorder import Record, Recording
from analysis.rights.account import recorded_account
from analysis.rights.stacks import STACKS, everything, recordings, types
from analysis.stackfiles import ROOT
from components.common.aws_names import (
    LONGEST_TAG_KEY,
    LONGEST_TAG_VALUE,
    MOST_TAGS,
    TAG_CHARACTERS,
    TAGS,
)
from components.common.catalogue import AWS
from components.common.catalogue.entry import NameRule, TagRule
from components.common.model import OWN_TAGS, RESERVED_TAGS
from components.common.names import AUTONAMES, LONGEST_LOGICAL_NAMES, LONGEST_STACK_NAME, STACK_NAME_PATTERN
from engine.provider.schema import schema
from settings import SettingsError, parse_settings
from tests.conftest import edited, recorded_with
from tests.test_settings import broken, set_key

LONGEST = "production-eu-central-10"
CLOUD = {"pulumi_cloud": {"organization": "acme"}, "recovery_region": "us-west-2"}
INGRESS = {
    "ingress": {"class_name": "nginx", "host": "ai.example.org"},
    "edge": None,
    "network.existing": {
        "vpc_id": "vpc-0123456789abcdef0",
        "private_subnet_ids": ["subnet-0123456789abcdef1", "subnet-0123456789abcdef2"],
        "data_subnet_ids": ["subnet-0123456789abcdef3", "subnet-0123456789abcdef4"],
    },
}
NAMES = [
    *(f"{stack}{kind}" for kind in ("", ", everything on") for stack in STACKS),
    *("dev, ingress", "bootstrap", "bootstrap, longest name", "longest name"),
]
"""What is recorded for the table, before it is."""


@cache
def everywhere() -> Mapping[str, Recording]:
    """What is recorded for the table, by what it is called; the last one has the longest name that a stack may have."""
    account = {"stacks": {"dev": {"approval": False}, LONGEST: {"approval": False}}}
    return {
        **recordings(),
        "dev, ingress": recorded_with("dev", INGRESS),
        "bootstrap": recorded_account(CLOUD),
        "bootstrap, longest name": recorded_account(account),
        "longest name": record_stack(replace(everything("prod"), stack=LONGEST)),
    }


def of_aws(recording: Recording) -> list[Record]:
    return [r for r in recording.records if r.custom and r.type.startswith("aws:")]


def texts(value: Any, path: list[str]) -> Iterator[str]:
    """Every text at a path such as `visibilityConfig.metricName`."""
    if isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from texts(item, path)
    elif not path:
        if isinstance(value, str):
            yield value
    elif isinstance(value, dict):
        yield from texts(cast("dict[str, Any]", value).get(path[0]), path[1:])


def automatic(record: Record, stack: str) -> str:
    """The name that Pulumi makes, with its random suffix (docs, "Autonaming")."""
    pattern = AUTONAMES.get(record.type, "${name}-${hex(7)}") if stack else "${name}-${hex(7)}"
    name = pattern.replace("${stack}", stack).replace("${name}", record.name).replace("${hex(7)}", "1a2b3c4")
    return name.lower() if re.match(r"aws:(s3|rds|elasticache)/", record.type) else name


def names(record: Record, stack: str) -> Iterator[tuple[NameRule, str]]:
    """Names of a resource, each with its rule."""
    for rule in AWS[record.type].names:
        given = list(texts(record.inputs, rule.property.split(".")))
        is_automatic = rule is AWS[record.type].names[0] and rule.property in {"name", "bucket", "replicationGroupId"}
        yield from ((rule, name) for name in given or ([automatic(record, stack)] if is_automatic else []))


@pytest.mark.parametrize("name", NAMES)
def test_every_type_is_in_the_table(name: str) -> None:
    assert types(everywhere()[name]) - AWS.keys() == set(), "add the type to components/common/catalogue"


def test_all_that_is_recorded_is_looked_at() -> None:
    assert [*everywhere()] == NAMES


def test_the_table_holds_no_type_that_nothing_registers() -> None:
    assert AWS.keys() - set[str]().union(*(types(recording) for recording in everywhere().values())) == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_one_that_aws_takes(name: str) -> None:
    recording = everywhere()[name]
    stack = "" if name.startswith("bootstrap") else LONGEST if "longest" in name else name.partition(",")[0]
    wrong = [
        f"{record.urn}: {rule.property} {text!r} ({len(text)} of {rule.longest})"
        for record in of_aws(recording)
        for rule, text in names(record, stack)
        if not rule.shortest <= len(text) <= rule.longest or not re.fullmatch(rule.pattern, text, re.ASCII)
    ]
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
def test_every_tag_is_one_that_aws_takes(name: str) -> None:
    for record in of_aws(everywhere()[name]):
        own = cast("dict[str, str]", record.inputs.get("tags") or {})
        service = AWS[record.type].tags
        rule = service and service.tags
        if rule is None:
            assert not own, record.urn
            continue
        assert len({*own, *RESERVED_TAGS}) <= OWN_TAGS, record.urn
        for key, value in own.items():
            assert key.lower() not in {tag.lower() for tag in RESERVED_TAGS} or key in RESERVED_TAGS
            assert fits_tag(rule, key, value), f"{record.urn}: {key}={value}"


def matches(pattern: str, text: str) -> bool:
    """Whether a text matches a pattern with classes of Unicode, which Python's own expressions do not have."""
    try:
        TypeAdapter[str](Annotated[str, Field(pattern=pattern)]).validate_python(text)
    except ValidationError:
        return False
    return True


def fits_tag(rule: TagRule, key: str, value: str) -> bool:
    prefixed = any(text.lower().startswith(tuple(rule.reserved)) for text in (key, value))
    allowed = matches(f"^[{TAG_CHARACTERS}]+$", key) and matches(f"^[{TAG_CHARACTERS}]*$", value)
    return allowed and not prefixed and len(key) <= rule.longest_key and len(value) <= rule.longest_value


def test_the_table_says_of_each_type_what_the_provider_takes() -> None:
    wrong: list[str] = []
    for type_, rules in AWS.items():
        inputs = schema(type_).inputs
        if bool(rules.names) == bool(rules.unnamed):
            wrong.append(f"{type_} has either names, or a reason why not")
        if ("tags" in inputs) != bool(rules.tags and rules.tags.tags):
            wrong.append(f"{type_}: the provider says otherwise whether it takes tags")
        wrong += [f"{type_} has no {r.property}" for r in rules.names if r.property.partition(".")[0] not in inputs]
    assert wrong == []


@cache
def service_model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


@cache
def operation(service: str, name: str) -> OperationModel:
    return service_model(service).operation_model(name)


def member(source: str) -> tuple[Shape, str]:
    """A member of the API model, and what is written about it, without blanks."""
    service, name, path = source.split(" ")
    shape: Any = operation(service, name).input_shape
    written = ""
    for part in path.split("."):
        if shape.type_name == "list":
            shape = shape.member
        shape = getattr(shape, part) if shape.type_name == "map" else shape.members[part]
        written = shape.documentation
    return shape, without_blanks(html.unescape(re.sub("<[^>]+>", "", written)))


def without_blanks(text: str) -> str:
    return "".join(text.split())


NAME_RULES = {f"{type_} {rule.property}": rule for type_, rules in AWS.items() for rule in rules.names}


@pytest.mark.parametrize("name", NAME_RULES)
def test_a_name_rule_says_what_its_source_says(name: str) -> None:
    rule = NAME_RULES[name]
    if rule.source.startswith("https://docs.aws.amazon.com/"):
        return
    shape, written = member(rule.source)
    constraints = cast("Mapping[str, Any]", shape.metadata)
    assert without_blanks(rule.says) in written
    stated = re.findall(r"\d+", rule.says)
    if not rule.says:
        pattern = constraints.get("pattern")
        assert pattern is None or pattern.removeprefix("^").removesuffix("$") == rule.pattern
    if "max" in constraints and str(rule.longest) not in stated:
        assert constraints["max"] == rule.longest
    elif not rule.published or constraints.get("pattern", "").endswith(f",{rule.longest}}}$"):
        pass
    elif "less than" in rule.says:
        assert str(rule.longest + 1) in stated
    else:
        assert str(rule.longest) in stated
    if "min" in constraints:
        assert rule.shortest >= constraints["min"]


@pytest.mark.parametrize("service", TAGS)
def test_a_tag_rule_says_what_its_source_says(service: str) -> None:
    rule = TAGS[service]
    if rule.source.startswith("https://docs.aws.amazon.com/"):
        return
    shape, written = member(rule.source)
    constraints = cast("Mapping[str, Any]", shape.metadata)
    assert without_blanks(rule.says) in written
    assert constraints.get("max", rule.longest_key) == rule.longest_key
    if pattern := constraints.get("pattern"):
        for sample in ("a", "Ä", "7", " ", *"_.:/=+@-"):
            expected = matches(rule.key_characters or f"[{TAG_CHARACTERS}]", sample)
            assert matches(pattern.replace("(?!aws:)", ""), sample) is expected, f"{service}: {sample!r}"


def test_settings_take_the_tags_that_every_service_takes() -> None:
    most = {f"k{number}": "v" for number in range(MOST_TAGS - OWN_TAGS)}
    parse(edited("dev", {"tags": most}).values, "dev")
    parse(edited("dev", {"tags": {"k" * LONGEST_TAG_KEY: "v" * LONGEST_TAG_VALUE}}).values, "dev")
    for tags in ({**most, "more": "v"}, {"k" * (LONGEST_TAG_KEY + 1): "v"}, {"k": "v" * (LONGEST_TAG_VALUE + 1)}):
        assert "flowise:tags" in broken(set_key("tags", tags))
    assert "rds:x begins with rds:" in broken(set_key("tags", {"rds:x": "y"}))
    assert "AWS:x begins with aws:" in broken(set_key("tags", {"team": "AWS:x"}))


def parse(values: Mapping[str, str], stack: str) -> None:
    parse_settings(values, (), stack)


def test_a_domain_is_no_longer_than_a_certificate_takes() -> None:
    name = f"{'a' * 40}.{'b' * 12}.example.com"
    assert len(name) == 65
    domain = {"name": name, "hosted_zone_id": "Z0123456789ABCDEFGHIJ"}
    assert "at most 64 characters" in broken(set_key("domain", domain))


def test_the_names_that_pulumi_makes_are_those_of_the_project_file() -> None:
    project: Any = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))
    resources = project["config"]["pulumi:autonaming"]["value"]["providers"]["aws"]["resources"]
    assert {type_: rule["pattern"] for type_, rule in resources.items()} == AUTONAMES
    for type_, longest in LONGEST_LOGICAL_NAMES.items():
        recorded = {r.name for recording in recordings().values() for r in recording.of_type(type_)}
        assert max(len(name) for name in recorded) == len(longest)
        assert longest in recorded


@pytest.mark.parametrize(
    ("stack", "says"),
    [
        (f"{LONGEST}0", f"at most {LONGEST_STACK_NAME} characters, such as '{LONGEST}'"),
        ("production-eu-central-1-blue2", "a role named after it would have 69, where AWS takes 64"),
        ("production-eu-central-1-blue2", "such as 'production-eu-central-1'"),
        ("Prod", "lower-case letters"),
        ("prod_eu", "lower-case letters"),
        ("prod--eu", "one hyphen between them"),
        ("prod.eu", "lower-case letters"),
    ],
)
def test_a_stack_name_that_aws_refuses_is_refused_first(stack: str, says: str) -> None:
    assert len(LONGEST) == LONGEST_STACK_NAME
    assert re.fullmatch(STACK_NAME_PATTERN, LONGEST)
    with pytest.raises(SettingsError) as caught:
        parse(edited("dev", {}).values, stack)
    assert says in str(caught.value)
    assert "nothing has been made" in str(caught.value)
    with pytest.raises(Exception, match="nothing has been made") as refused:
        recorded_account({"stacks": {stack: {"approval": False}}})
    assert says in str(refused.value)
