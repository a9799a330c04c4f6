"""docs/names.md: what AWS takes as names and tags of each type, and where it says so."""

from analysis.stackfiles import ROOT
from components.common.aws_names import RESERVED_TAG_PREFIXES, TAG_CHARACTERS, TAGS
from components.common.catalogue import AWS, api
from components.common.catalogue.entry import NameRule, TagRule
from components.common.model import OWN_TAGS, RESERVED_TAGS
from components.common.names import AUTONAMES, LONGEST_LOGICAL_NAMES, LONGEST_STACK_NAME, STACK_NAME_PATTERN

PATH = ROOT / "docs" / "names.md"


def page() -> str:
    """The page as Markdown."""
    automatic = [
        f"- {type_.rsplit(':', 1)[1]}: `{pattern}`; the longest `${{name}}` is `{LONGEST_LOGICAL_NAMES[type_]}`, and a "
        f"name has at most {AWS[type_].names[0].longest} characters."
        for type_, pattern in AUTONAMES.items()
    ]
    prefixes = " or ".join(f"`{prefix}`" for prefix in RESERVED_TAG_PREFIXES)
    own = ", ".join(f"`{tag}`" for tag in RESERVED_TAGS)
    lines = [
        "# Names and tags that AWS takes",
        "",
        "Every AWS type that the stacks and bootstrap register, with what AWS takes as its name and its tags, and",
        "where it says so. `make docs` writes this page from `components/common/catalogue`, from which the checks of",
        "stack names, tags and domains are made too, and the names that components give. `tests/test_aws_names.py`",
        "compares them with AWS's API models as botocore has them, and with every name and tag that is recorded; a",
        "type that is not in the catalogue fails.",
        "",
        "## Name of a stack",
        "",
        f"At most {LONGEST_STACK_NAME} characters that match `{STACK_NAME_PATTERN}`. A longer name is refused before",
        "anything is made, by a stack and by bootstrap's list of stacks: names of these types hold it, and Pulumi adds",
        "seven random digits to them. Names of other types end in a hash when they would be too long.",
        "",
        *automatic,
        "",
        "## Tags",
        "",
        f"`flowise:tags` holds what every service takes: characters `{TAG_CHARACTERS}`, keys that differ in more than",
        f"case, nothing that begins with {prefixes}, and at most",
        f"what the strictest service takes, less {OWN_TAGS} that are the program's own ({own} and a component's).",
        "",
        "| service | most | longest key | longest value | reserved | source |",
        "| --- | --- | --- | --- | --- | --- |",
        *(_tag_row(service, rule) for service, rule in TAGS.items()),
        "",
        "## Types",
        "",
        "*not published*: AWS names no limit there; the one of this program is shown.",
        "",
        "| type | name | longest | pattern | tags | source |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for type_, rules in AWS.items():
        plain = f"`{type_.removeprefix('aws:')}`"
        tags = rules.tags.name if rules.tags else "none"
        if rules.unnamed:
            lines.append(f"| {plain} | none: {rules.unnamed} | | | {tags} | |")
        lines += [f"| {plain} | {_name_cells(rule)} | {tags} | {_source(rule.source)} |" for rule in rules.names]
    return "\n".join(lines) + "\n"


def _name_cells(rule: NameRule) -> str:
    limit = f"{rule.longest}" if rule.published else f"{rule.longest} (not published)"
    pattern = rule.pattern.replace("|", "\\|")
    return f"`{rule.property}` | {limit} | `{pattern}`"


def _tag_row(service: str, rule: TagRule) -> str:
    reserved = ", ".join(f"`{prefix}`" for prefix in rule.reserved)
    return (
        f"| {service} | {rule.most} | {rule.longest_key} | {rule.longest_value} | {reserved} | {_source(rule.source)} |"
    )


def _source(source: str) -> str:
    if source.startswith("https://"):
        return f"[{source.rsplit('/', 1)[1].removesuffix('.html')}]({source})"
    service, operation, member = source.split(" ")
    return f"[{operation}]({api(service, operation)}), `{member}`"
