"""`python -m local reference`: the pages that are made from the settings models and from recordings."""

import importlib
import json
import pkgutil
from pathlib import Path
from typing import Annotated, Any, cast

import typer

import pages
from analysis import diagram
from analysis.stackfiles import ROOT
from policies import page as policies_page
from settings import PROJECT, REGION_KEY, SECRET_KEYS, StackSettings

SCHEMA_PATH = ROOT / "docs" / "settings.schema.json"
PATH = ROOT / "docs" / "settings.md"
POLICIES_PATH = ROOT / "docs" / "policies.md"


def reference(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether the files are in sync; change nothing")
    ] = False,
) -> None:
    """Write the generated pages of docs/: settings and schema, components, policies, alarms, cost, figures."""
    stale: list[str] = []
    generated = {
        SCHEMA_PATH: json.dumps(schema(), indent=2) + "\n",
        POLICIES_PATH: policies_page.page(),
        **diagram.sources(),
        **_pages(),
    }
    for path, content in generated.items():
        if path.exists() and path.read_text(encoding="utf-8") == content:
            continue
        stale.append(str(path.relative_to(ROOT)))
        if not check:
            path.write_text(content, encoding="utf-8")
    if stale and check:
        typer.echo(
            f"{', '.join(stale)}: not in sync with the program; run `make docs` (for a .dot also `make diagram`) and "
            "commit the result",
            err=True,
        )
        raise typer.Exit(1)


def _pages() -> dict[Path, str]:
    """Each module of this folder makes the page that its `PATH` names."""
    modules = (
        importlib.import_module(found.name)
        for found in pkgutil.iter_modules(pages.__path__, "pages.")
        if not found.ispkg
    )
    return {module.PATH: module.page() for module in modules}


def schema() -> dict[str, Any]:
    """JSON Schema of a stack file."""
    model = StackSettings.model_json_schema()
    properties = cast("dict[str, Any]", model["properties"])
    keys: dict[str, Any] = {
        REGION_KEY if name == "region" else f"{PROJECT}:{name}": section for name, section in properties.items()
    }
    for name in sorted(SECRET_KEYS):
        keys[f"{PROJECT}:{name}"] = {
            "description": f"Secret; set with `pulumi config set --secret {PROJECT}:{name}`.",
            "type": "object",
            "properties": {"secure": {"type": "string"}},
            "required": ["secure"],
            "additionalProperties": False,
        }
    required = [
        REGION_KEY if name == "region" else f"{PROJECT}:{name}" for name in cast("list[str]", model["required"])
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Stack file of Flowise on AWS",
        "type": "object",
        "required": ["config"],
        "properties": {
            "secretsprovider": {"type": "string"},
            "encryptedkey": {"type": "string"},
            "encryptionsalt": {"type": "string"},
            "config": {
                "type": "object",
                "properties": keys,
                "required": required,
                # Other namespaces (aws:, pulumi:) are Pulumi's own.
                "propertyNames": {"anyOf": [{"enum": sorted(keys)}, {"not": {"pattern": f"^{PROJECT}:"}}]},
            },
        },
        "$defs": model["$defs"],
    }


def page() -> str:
    """Reference of all settings as Markdown."""
    model = StackSettings.model_json_schema()
    definitions = cast("dict[str, Any]", model["$defs"])
    lines = [
        "# Settings",
        "",
        "Every key that `Pulumi.<stack>.yaml` may hold. This page is made from the settings models by `make docs`.",
        "A key without a default must be given; all mistakes in a file are reported at once.",
        "",
    ]
    scalars: list[tuple[str, dict[str, Any], str]] = []
    sections: list[tuple[str, str, str]] = []
    for name, node in cast("dict[str, Any]", model["properties"]).items():
        key = REGION_KEY if name == "region" else f"{PROJECT}:{name}"
        reference_ = _reference(node)
        if reference_:
            optional = "" if name in model["required"] else " The section may be left out."
            sections.append((key, reference_, f"{node.get('description', '')}{optional}"))
        else:
            scalars.append((key, node, "required" if name in model["required"] else ""))
    lines += ["## Stack", "", *_table(scalars), ""]
    lines += [
        f"- `{PROJECT}:{name}` is a secret: `pulumi config set --secret {PROJECT}:{name}`."
        for name in sorted(SECRET_KEYS)
    ]
    lines.append("")
    for key, definition, description in sections:
        lines += [f"## {key}", "", description, "", *_table(_rows(definitions, definition)), ""]
    return "\n".join(lines).rstrip() + "\n"


def _rows(
    definitions: dict[str, Any], name: str, prefix: str = "", required: str = "required"
) -> list[tuple[str, dict[str, Any], str]]:
    """Every key of a section, as deep as it goes; `required` says when a key without a default is."""
    node = cast("dict[str, Any]", definitions[name])
    needed = cast("list[str]", node.get("required", []))
    rows: list[tuple[str, dict[str, Any], str]] = []
    for key, item in cast("dict[str, Any]", node["properties"]).items():
        inner = _reference(item)
        if inner:
            may_be_left_out = key not in needed and item.get("default", ...) is None
            inside = f"required with `{prefix}{key}`" if may_be_left_out else required
            rows += _rows(definitions, inner, f"{prefix}{key}.", inside)
        else:
            rows.append((f"{prefix}{key}", item, required if key in needed else ""))
    return rows


def _table(rows: list[tuple[str, dict[str, Any], str]]) -> list[str]:
    lines = ["| key | allowed | default | meaning |", "| --- | --- | --- | --- |"]
    for key, node, required in rows:
        default = required or f"`{json.dumps(node.get('default'))}`"
        meaning = str(node.get("description", "")).replace("\n", " ").replace("|", "\\|")
        lines.append(f"| `{key}` | {_allowed(node)} | {default} | {' '.join(meaning.split())} |")
    return lines


def _reference(node: dict[str, Any]) -> str | None:
    """Name of the model that describes a section, or each entry of a list."""
    for option in [node, *cast("list[dict[str, Any]]", node.get("anyOf", [])), node.get("items", {})]:
        if "$ref" in option:
            return str(option["$ref"]).rsplit("/", 1)[1]
    return None


def _allowed(node: dict[str, Any]) -> str:
    options = [o for o in cast("list[dict[str, Any]]", node.get("anyOf", [node])) if o.get("type") != "null"]
    node = options[0]
    if "enum" in node:
        return ", ".join(f"`{value}`" for value in node["enum"])
    low, high = node.get("minimum"), node.get("maximum")
    if low is not None and high is not None:
        return f"{low} to {high}"
    if low is not None:
        return f"at least {low}"
    if node.get("type") == "array":
        return f"list: {_allowed(cast('dict[str, Any]', node.get('items', {})))}"
    examples = cast("list[Any]", node.get("examples", []))
    kinds = {"string": "text", "boolean": "`true`, `false`", "integer": "whole number", "object": "keys with text"}
    return f"like `{examples[0]}`" if examples else kinds.get(str(node.get("type")), str(node.get("type")))
