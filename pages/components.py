"""docs/components.md: every component of `__main__.py`, from its types, its docstrings and prod's recording."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import griffe

from analysis.plan import descendants, record_stack, short
from analysis.recorder import Record, Recording
from analysis.rights.stacks import recordings
from analysis.sections import SECTIONS
from analysis.stackfiles import ROOT, read_stack
from pages.site.markdown_pages import slug
from settings import PROJECT, StackSettings

STACK: Final = "prod"
PATH: Final = ROOT / "docs" / "components.md"
_PACKAGE: Final = "components"
_HEADER: Final = """# Components

What `__main__.py` is made of, in creation order. `make docs` writes this page from the types and
docstrings of the components, and counts what prod registers. A component takes what others give; none imports another.
"""


def page() -> str:
    """The page as Markdown."""
    package = griffe.load(_PACKAGE, search_paths=[ROOT])
    recording = record_stack(read_stack(STACK))
    # What prod lacks: an internal stack has another entry point.
    others = (recordings()[f"{STACK}, everything on"], record_stack(read_stack("internal")))
    classes = _classes(package)
    handed: dict[str, griffe.Class] = {}
    lines = [_HEADER]
    for name, sections in SECTIONS.items():
        component, args = classes[name], classes[f"{name}Args"]
        for attribute in (*_attributes(args), *_attributes(component)):
            handed |= {each.name: each for each in _handed(attribute, classes)}
        holder = next(each for each in (recording, *others) if name in _registered(each))
        made = _registered(holder)[name]
        lines += [f"## {name}", "", f"`{made.type}` in {_file(component)}", "", _text(component), ""]
        if sections:
            lines += [f"Settings: {', '.join(_section(section) for section in sections)}.", ""]
        lines += [*_table("takes", args, classes), *_table("gives", component, classes)]
        where = f"in {STACK}" if holder is recording else f"where its section is on; {STACK} has none"
        lines += [*_resources(holder, made, where), ""]
    lines += ["## What they hand to each other", ""]
    for name in sorted(handed):
        lines += [f"### {name}", "", _text(handed[name]), "", *_table("field", handed[name], classes)]
    return "\n".join(lines).rstrip() + "\n"


def meaning(attribute: griffe.Attribute, classes: dict[str, griffe.Class]) -> str:
    """What an argument or output is: its docstring, or that of its type."""
    if attribute.docstring:
        return _one_line(attribute.docstring.value)
    for name in _names(attribute):
        if name in classes:
            return _one_line(_text(classes[name]).split("\n\n")[0])
    return ""


def _classes(module: griffe.Object | griffe.Alias) -> dict[str, griffe.Class]:
    """All classes of a package by their name."""
    found = dict(module.classes)
    for inner in module.modules.values():
        found |= _classes(inner)
    return found


def _attributes(class_: griffe.Class) -> Iterator[griffe.Attribute]:
    for name, attribute in class_.attributes.items():
        if attribute.annotation and not name.startswith("_"):
            yield attribute


def _handed(attribute: griffe.Attribute, classes: dict[str, griffe.Class]) -> Iterator[griffe.Class]:
    """What the type of an attribute is made of, and that in turn; settings have a page of their own."""
    for name in _names(attribute):
        if name in classes and not _is_settings(classes[name]):
            yield classes[name]
            for inner in _attributes(classes[name]):
                yield from _handed(inner, classes)


def _names(attribute: griffe.Attribute) -> Sequence[str]:
    """Names in its annotation, without what is only text."""
    annotation = attribute.annotation
    if not isinstance(annotation, griffe.Expr):
        return ()
    return [part.name for part in annotation.iterate() if isinstance(part, griffe.ExprName)]


def _is_settings(class_: griffe.Class) -> bool:
    return any("Settings" in str(base) for base in class_.bases)


def _table(title: str, class_: griffe.Class, classes: dict[str, griffe.Class]) -> list[str]:
    rows = [
        f"| `{attribute.name}` | {_type(attribute, classes)} | {meaning(attribute, classes)} |"
        for attribute in _attributes(class_)
    ]
    return [f"| {title} | type | meaning |", "| --- | --- | --- |", *rows, ""] if rows else []


def _type(attribute: griffe.Attribute, classes: dict[str, griffe.Class]) -> str:
    """A type for a cell of a table, where a bar would end it; what has a section here is a link to it."""
    names = [name for name in _names(attribute) if name in classes and not _is_settings(classes[name])]
    parts = str(attribute.annotation).replace("pulumi.", "").split(" | ")
    written = " or ".join("none" if part == "None" else f"`{part}`" for part in parts)
    return f"[{written}](#{slug(names[0])})" if len(names) == 1 else written


def _registered(recording: Recording) -> dict[str, Record]:
    return {r.type.rsplit(":", 1)[1]: r for r in recording.records if r.type.startswith(f"{PROJECT}:")}


def _resources(recording: Recording, component: Record, where: str) -> list[str]:
    made = [r for r in descendants(recording, component) if r.custom]
    by_urn = {r.urn: r for r in recording.records}
    counts = Counter((short(r.type), _through(by_urn[r.parent]) if r.expanded else "") for r in made)
    rows = [
        f"| `{type_}`{f' by {through}' if through else ''} | {count} |"
        for (type_, through), count in sorted(counts.items())
    ]
    return [f"| registered {where} | {len(made)} |", "| --- | ---: |", *rows]


def _through(remote: Record) -> str:
    """The remote component that registers a resource."""
    return f"`{remote.type.replace(':index', '').replace(':', '.')}`"


def _section(name: str) -> str:
    """A key of the stack file, and where docs/settings.md has it: a section of its own, or a line among the others."""
    key, annotation = f"{PROJECT}:{name}", StackSettings.model_fields[name].annotation
    return f"[`{key}`](settings.md#{'stack' if annotation is bool else slug(key)})"


def _file(class_: griffe.Class) -> str:
    path = Path(str(class_.filepath)).relative_to(ROOT).as_posix()
    return f"[`{path}`](../{path})"


def _text(class_: griffe.Class) -> str:
    return class_.docstring.value if class_.docstring else ""


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
