"""What holds for all resources: protection, tags, names, keys."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from components.common.catalogue import AWS, PROTECTED, is_known
from policies.model import Resource, Stack, mapping, rule, stack_rule, text

NAMES = {type_: entry.names for type_, entry in AWS.items() if entry.names}
"""Type to what AWS takes as its names."""
NEEDED_TAGS = ("project", "stack", "managed-by")
_STATIC_KEY = re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b")
_KEY_NAMES = re.compile(r"(AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|S3_STORAGE_(SECRET_)?ACCESS_KEY(_ID)?)$")


@stack_rule(fix="set flowise:protected to true, or except the rule with the reason")
def stack_protected(stack: Stack) -> Iterator[str]:
    """A stack that is not protected may be destroyed with all its data; rules about deletion do not apply to it."""
    if not stack.protected:
        yield "flowise:protected is false"


@rule(*PROTECTED, fix="set protect=True in the resource's options", protected_only=True)
def data_protected(resource: Resource) -> Iterator[str]:
    """Pulumi then refuses to delete or replace it, also when a change of an input would."""
    if not resource.protect:
        yield "is not protected"


@rule("*", fix="add an entry to components/common/catalogue")
def type_known(resource: Resource) -> Iterator[str]:
    """No other rule looks at such a type: it may hold data without encryption or backups, and it has no price."""
    if not is_known(resource.type):
        yield f"{resource.type} is not in the catalogue of types"


@rule("pulumi:providers:aws", fix="set default_tags with project, stack and managed-by")
def provider_tags(provider: Resource) -> Iterator[str]:
    """Costs, clean-ups and alarms find resources by their tags."""
    given = provider.get("defaultTags")
    found = json.loads(given) if isinstance(given, str) else given
    if not isinstance(found, Mapping | None):
        return
    tags = mapping(cast("Mapping[str, Any]", found or {}).get("tags"))
    missing = [tag for tag in NEEDED_TAGS if tag not in tags]
    if missing:
        yield f"{', '.join(missing)} missing"


@rule(*NAMES, fix="shorten the name")
def name_within_limit(resource: Resource) -> Iterator[str]:
    """The service refuses a longer name in the middle of a deployment."""
    for rule_ in NAMES[resource.type]:
        name = text(resource.get(rule_.property))
        if len(name) > rule_.longest:
            yield f"{rule_.property} has {len(name)} characters, more than {rule_.longest}"


@rule("*", fix="use a role: Pod Identity for pods", controls=("CIS-AWS 2.17",))
def no_static_aws_keys(resource: Resource) -> Iterator[str]:
    """A key in an environment or a file works from anywhere, indefinitely; credentials of a role end within hours."""
    for path, value in _texts(resource.props, ""):
        if _STATIC_KEY.search(value) or _KEY_NAMES.search(path) or _KEY_NAMES.fullmatch(value):
            yield f"{path} holds a key of AWS"


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, item in cast("Mapping[str, object]", value).items():
            yield from _texts(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, item in enumerate(cast("list[object]", value)):
            yield from _texts(item, f"{path}[{index}]")
    elif isinstance(value, str):
        yield path, value
