"""Reads Pulumi.yaml and Pulumi.<stack>.yaml into configuration values, as the Pulumi CLI does."""

import json
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import yaml
from typing_extensions import override as overrides

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = "examples"
"""Folder of the stack files that nobody deploys as they stand."""
PLACEHOLDER = "local-placeholder"
"""Stands for a value that only the stack's own secrets provider can decrypt."""


class StackFileError(Exception):
    """A stack file is missing or cannot be read; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class StackConfig:
    """What a program sees as `pulumi.Config`."""

    project: str
    stack: str
    values: Mapping[str, str]
    """`namespace:key` to text; structured values are JSON."""
    secret_keys: tuple[str, ...]


def read_stack(stack: str, root: Path = ROOT) -> StackConfig:
    """Read the configuration of one stack or example; encrypted values become `PLACEHOLDER`.

    A stack's own file comes before an example of its name. Raises `StackFileError`.
    """
    project_file = _mapping(root / "Pulumi.yaml")
    project = str(project_file["name"])
    path = root / f"Pulumi.{stack}.yaml"
    if not path.exists() and stack in example_names(root):
        path = root / EXAMPLES / path.name
    if not path.exists():
        known = ", ".join(stack_names(root)) or "none"
        examples = f"; examples: {', '.join(example_names(root))}" if example_names(root) else ""
        raise StackFileError(
            f"there is no stack '{stack}' ({path.name} does not exist); stacks here: {known}{examples}"
        )
    values: dict[str, str] = {}
    secrets: list[str] = []
    for key, declared in _section(project_file, "config").items():
        default = cast(dict[str, object], declared).get("value") if isinstance(declared, dict) else declared
        if default is not None:
            values[_qualified(key, project)] = _text(default)
    for key, value in _section(_mapping(path), "config").items():
        name = _qualified(key, project)
        plain, secret = _reveal(value)
        values[name] = _text(plain)
        if secret:
            secrets.append(name)
    return StackConfig(project=project, stack=stack, values=values, secret_keys=tuple(secrets))


def stack_names(root: Path = ROOT) -> list[str]:
    """Every stack that has a file."""
    return sorted(path.name.split(".")[1] for path in root.glob("Pulumi.*.yaml"))


def example_names(root: Path = ROOT) -> list[str]:
    """Every example, whose file becomes a stack when it is copied to the top level."""
    return stack_names(root / EXAMPLES)


def override(config: StackConfig, assignments: Sequence[str]) -> StackConfig:
    """Set keys such as `edge.admin_cidrs=["127.0.0.1/32"]` (JSON, or a bare text); a section set to null is removed.

    Raises `StackFileError`.
    """
    values = dict(config.values)
    for assignment in assignments:
        path, equals, text = assignment.partition("=")
        section, *rest = path.split(".")
        if not equals or not all((section, *rest)):
            raise StackFileError(f"{assignment} is no setting; write KEY=JSON, such as queue.nodes=2")
        key = _qualified(section, config.project)
        value = _with(values.get(key), rest, _json(text), path)
        if value is None:
            values.pop(key, None)
        else:
            values[key] = _text(value)
    return replace(config, values=values)


def _json(text: str) -> object:
    try:
        return cast(object, json.loads(text))
    except json.JSONDecodeError:
        return text


def _with(current: str | None, path: Sequence[str], value: object, name: str) -> object:
    """Return a section of the configuration with one value in its depth set."""
    if not path:
        return value
    document: object = {} if current is None else _json(current)
    inner: object = document
    for part in path[:-1]:
        inner = cast(dict[str, object], inner).setdefault(part, {}) if isinstance(inner, dict) else None
    if not isinstance(inner, dict):
        raise StackFileError(f"{name} lies inside of a setting that has no parts")
    cast(dict[str, object], inner)[path[-1]] = value
    return document


class _StackFileLoader(yaml.CSafeLoader):
    """Reads what is not in quotation marks as Pulumi does, and refuses a key that stands twice in one mapping.

    Pulumi's YAML (Go, gopkg.in/yaml.v3) is not PyYAML's: `yes` and `on` are text, `3:30` is no number, `1e3` is one,
    and a date becomes Go's text of it. Seen with `pulumi config --json` of engine 3.274.1. Keys are unique (YAML
    1.2.2, 3.2.1.1); PyYAML takes the last.
    """

    @overrides
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: dict[object, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            line = key.start_mark.line + 1
            if key.value in seen and key.tag != "tag:yaml.org,2002:merge":
                raise yaml.YAMLError(f"the key '{key.value}' stands twice, in lines {seen[key.value]} and {line}")
            seen[key.value] = line
        return super().construct_mapping(node, deep)

    def construct_integer(self, node: yaml.ScalarNode) -> int:
        """Zeros in front mean octal, as they do in Go, unless a digit is none of octal's."""
        digits = str(node.value).replace("_", "")
        plain = digits.lstrip("+-")
        base = 8 if re.fullmatch(r"0[0-7]+", plain) else 10 if plain.isdecimal() else 0
        return int(digits, base)

    def construct_number(self, node: yaml.ScalarNode) -> float:
        """A whole number is written without its fraction."""
        number = float(node.value)
        return int(number) if number.is_integer() else number

    def construct_moment(self, node: yaml.ScalarNode) -> str:
        moment = self.construct_yaml_timestamp(node)
        if not isinstance(moment, datetime):
            return f"{moment} 00:00:00 +0000 UTC"
        fraction = f".{moment:%f}".rstrip("0").rstrip(".")
        offset = f"{moment:%z}" or "+0000"
        return f"{moment:%Y-%m-%d %H:%M:%S}{fraction} {offset} {'UTC' if offset == '+0000' else offset}"


_plain_forms: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
for _kind, _form, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?", list("-+.0123456789")),
    (
        "timestamp",
        r"\d{4}-\d\d?-\d\d?([Tt ]\d\d?:\d\d?:\d\d?(\.\d+)?(Z|[-+]\d\d:\d\d)?)?",
        list("0123456789"),
    ),
    ("merge", r"<<", ["<"]),
):
    for _letter in _first:
        _plain_forms.setdefault(_letter, []).append((f"tag:yaml.org,2002:{_kind}", re.compile(rf"(?:{_form})\Z")))
setattr(_StackFileLoader, "yaml_implicit_resolvers", _plain_forms)  # noqa: B010  # PyYAML types it for instances
_StackFileLoader.add_constructor("tag:yaml.org,2002:int", _StackFileLoader.construct_integer)
_StackFileLoader.add_constructor("tag:yaml.org,2002:float", _StackFileLoader.construct_number)
_StackFileLoader.add_constructor("tag:yaml.org,2002:timestamp", _StackFileLoader.construct_moment)


def _mapping(path: Path) -> dict[str, object]:
    try:
        content = cast(object, yaml.load(path.read_text(encoding="utf-8"), Loader=_StackFileLoader))  # noqa: S506  # a safe one
    except OSError as error:
        raise StackFileError(f"cannot read {path.name}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise StackFileError(f"{path.name} is not valid YAML: {error}") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise StackFileError(f"{path.name} must hold a mapping with the key 'config', not {type(content).__name__}")
    return cast(dict[str, object], content)


def _section(content: dict[str, object], key: str) -> dict[str, object]:
    section = cast("object", content.get(key)) or cast("object", {})
    if not isinstance(section, dict):
        raise StackFileError(f"'{key}' must hold a mapping, not {type(section).__name__}")
    return cast(dict[str, object], section)


def _qualified(key: str, project: str) -> str:
    return key if ":" in key else f"{project}:{key}"


def _text(value: object) -> str:
    """Configuration reaches a program as text: JSON for structures, `true` and `2` for scalars."""
    return value if isinstance(value, str) else json.dumps(value)


def _reveal(value: object) -> tuple[object, bool]:
    """Replace `secure:` leaves; the second value says whether there was one."""
    if isinstance(value, dict):
        mapping = cast(dict[str, object], value)
        if set(mapping) == {"secure"}:
            return PLACEHOLDER, True
        revealed = {key: _reveal(item) for key, item in mapping.items()}
        return {k: v for k, (v, _) in revealed.items()}, any(s for _, s in revealed.values())
    if isinstance(value, list):
        items = [_reveal(item) for item in cast(list[object], value)]
        return [v for v, _ in items], any(s for _, s in items)
    return value, False
