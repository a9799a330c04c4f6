"""The DOT text of a picture. Every arrow has a witness: a resource of the one side that needs one of the other."""

import html
from collections.abc import Sequence
from typing import Final

from analysis.diagram.arrows import ARROWS
from analysis.diagram.labels import recovery_region
from analysis.diagram.model import Arrow, Part, Picture
from analysis.diagram.parts import GROUPS, PARTS
from analysis.recorder import Record, Recording

_FONT: Final = "DejaVu Sans"


def dot_of(recording: Recording, picture: Picture) -> str:
    """DOT text of one picture. `LookupError` when an arrow has lost its witness."""
    shown = [name for name, part in PARTS.items() if picture in part.pictures and _is_there(recording, part)]
    arrows = [
        arrow
        for arrow in ARROWS
        if {arrow.start, arrow.end} <= set(shown)
        and picture not in arrow.hidden
        and (not arrow.only_with or _component(recording, arrow.only_with))
        and _is_witnessed(recording, arrow)
    ]
    lines = [
        f'digraph "{picture}" {{',
        f'  graph [rankdir=LR nodesep=0.35 ranksep=0.75 pad=0.2 bgcolor=white dpi=110 fontname="{_FONT}" fontsize=12]',
        f'  node [shape=plain fontname="{_FONT}" fontsize=11]',
        f'  edge [fontname="{_FONT}" fontsize=10 color="#5a6b7b" fontcolor="#5a6b7b" arrowsize=0.7]',
        *_group(recording, shown, ""),
        *(f'  "{a.start}" -> "{a.end}"' + (f' [label=" {a.label} "]' if a.label else "") for a in arrows),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _group(recording: Recording, shown: Sequence[str], group: str, depth: int = 1) -> list[str]:
    pad = "  " * depth
    lines = [pad + _node(recording, name) for name in shown if PARTS[name].group == group]
    for name, (around, title) in GROUPS.items():
        inner = _group(recording, shown, name, depth + 1) if around == group and name != group else []
        if inner:
            # Arrows come from above into the services of the region, and from below if all that is watched is drawn.
            corner = "labeljust=r labelloc=b" if "alarms" in shown else "labeljust=l labelloc=b"
            place = corner if name == "region" else "labeljust=l"
            style = f'style="rounded,filled" fillcolor="#0000000a" color="#8fa3b3" {place}'
            lines += [
                f'{pad}subgraph "cluster_{name}" {{',
                f"{pad}  graph [label={_quoted(title(recording))} {style}]",
                *inner,
                pad + "}",
            ]
    return lines


def _node(recording: Recording, name: str) -> str:
    part = PARTS[name]
    text = "<BR/>".join(html.escape(line) for line in part.label(recording).split("\n"))
    icon = f'<TD FIXEDSIZE="TRUE" WIDTH="52" HEIGHT="52"><IMG SCALE="TRUE" SRC="{part.icon}"/></TD>'
    return f'"{name}" [label=<<TABLE BORDER="0" CELLSPACING="0"><TR>{icon}</TR><TR><TD>{text}</TD></TR></TABLE>>]'


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


def _component(recording: Recording, name: str) -> Record | None:
    return next((r for r in recording.records if r.type.startswith("flowise:") and r.type.endswith(f":{name}")), None)


def _is_there(recording: Recording, part: Part) -> bool:
    if part.group == "recovery" and not recovery_region(recording):
        return False
    return part.there(recording) and (not part.of or _component(recording, part.of) is not None)


def _inside(recording: Recording, name: str) -> set[str]:
    """URNs of a component and of all that it holds."""
    component = _component(recording, name)
    urns = {component.urn} if component else set[str]()
    while True:
        more = {r.urn for r in recording.records if r.parent in urns} - urns
        if not more:
            return urns
        urns |= more


def _is_witnessed(recording: Recording, arrow: Arrow) -> bool:
    start, end = PARTS[arrow.start].of, PARTS[arrow.end].of
    if arrow.witness is None and (not start or not end or start == end):
        return True
    needs, needed = arrow.witness or (start, end)
    inside, others = _inside(recording, needs), _inside(recording, needed)
    if any(r.depends_on & others for r in recording.records if r.urn in inside):
        return True
    raise LookupError(
        f"the picture has an arrow from {arrow.start} to {arrow.end}, but nothing of {needs} needs anything of "
        f"{needed}: change it in analysis/diagram/arrows.py, or in its section's file in analysis/diagram/optional/"
    )
