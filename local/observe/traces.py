"""Reads what the Collector wrote, and draws it."""

import html
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

_COLOURS = {"flowise-server": "#2563eb", "flowise-worker": "#d97706"}
_STYLE = """
body { font: 13px/1.5 system-ui, sans-serif; margin: 2rem; color: #1f2937; background: #fff }
h1 { font-size: 1.2rem } h2 { font-size: 1rem; margin: 1.6rem 0 .3rem } small { color: #6b7280; font-weight: normal }
.row { display: grid; grid-template-columns: 24rem 1fr 6rem; gap: .7rem; border-bottom: 1px solid #f3f4f6 }
.name { white-space: nowrap; overflow: hidden; text-overflow: ellipsis } .time { text-align: right; color: #6b7280 }
.bar { position: relative; height: 1.3em } .bar i { position: absolute; top: .25em; bottom: .25em; min-width: 2px;
border-radius: 2px } .error .name { color: #dc2626 } details summary { cursor: pointer } .key { display: inline-block;
width: .8em; height: .8em; border-radius: 2px; margin: 0 .3em 0 1em }
"""


@dataclass(frozen=True, kw_only=True)
class Span:
    """A span of a trace, with what matters of its resource."""

    trace: str
    id: str
    parent: str
    service: str
    scope: str
    """Who made it, such as `instrumentation-pg`."""
    name: str
    begin: int
    """Nanoseconds since 1970."""
    end: int
    failed: bool
    attributes: Mapping[str, Any]


def read_traces(path: Path) -> dict[str, list[Span]]:
    """Spans by trace, each trace in the order of time, the newest trace first; none where there is no file yet."""
    traces: dict[str, list[Span]] = defaultdict(list)
    for line in path.read_text("utf-8").splitlines() if path.exists() else []:
        for span in _spans(json.loads(line)):
            traces[span.trace].append(span)
    for spans in traces.values():
        spans.sort(key=lambda span: span.begin)
    return dict(sorted(traces.items(), key=lambda item: -item[1][0].begin))


def read_metrics(path: Path) -> dict[str, list[Mapping[str, Any]]]:
    """Attributes of the data points by the name of their metric."""
    points: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for line in path.read_text("utf-8").splitlines() if path.exists() else []:
        for resource in json.loads(line)["resourceMetrics"]:
            for scope in resource["scopeMetrics"]:
                for metric in scope["metrics"]:
                    for kind in ("gauge", "sum", "histogram"):
                        for point in metric.get(kind, {}).get("dataPoints", []):
                            points[metric["name"]].append(_attributes(point))
    return dict(points)


def _spans(batch: dict[str, Any]) -> Iterable[Span]:
    for resource in batch["resourceSpans"]:
        service = _attributes(resource["resource"])
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                yield Span(
                    trace=span["traceId"],
                    id=span["spanId"],
                    parent=span.get("parentSpanId", ""),
                    service=str(service.get("service.name", "?")),
                    scope=scope["scope"]["name"].rpartition("/")[2],
                    name=span["name"],
                    begin=int(span["startTimeUnixNano"]),
                    end=int(span["endTimeUnixNano"]),
                    failed=span.get("status", {}).get("code") == 2,  # noqa: PLR2004  # ERROR (opentelemetry-proto)
                    attributes=_attributes(span) | {f"resource:{key}": value for key, value in service.items()},
                )


def _attributes(part: dict[str, Any]) -> dict[str, Any]:
    pairs = cast("list[dict[str, Any]]", part.get("attributes", []))
    return {pair["key"]: next(iter(pair["value"].values()), None) for pair in pairs}


def draw(traces: Mapping[str, Sequence[Span]], *, stack: str, most: int = 50) -> str:
    """Return a page with a waterfall for each of the newest traces."""
    keys = "".join(f'<span class="key" style="background:{c}"></span>{name}' for name, c in _COLOURS.items())
    parts = [_waterfall(spans, is_open=i == 0) for i, spans in enumerate(list(traces.values())[:most])]
    title = f"Traces of the stack {html.escape(stack)}"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"<h1>{title} <small>{len(traces)} received{keys}</small></h1>{''.join(parts)}</html>\n"
    )


def _waterfall(spans: Sequence[Span], *, is_open: bool) -> str:
    begin, end = min(s.begin for s in spans), max(s.end for s in spans)
    known = {span.id for span in spans}
    children: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        children[span.parent if span.parent in known else ""].append(span)

    def rows(parent: str, depth: int) -> Iterable[str]:
        for span in children[parent]:
            yield _row(span, depth, begin, max(1, end - begin))
            yield from rows(span.id, depth + 1)

    first = spans[0]
    services = ", ".join(sorted({span.service for span in spans}))
    body = "".join(rows("", 0))
    return (
        f"<details {'open' if is_open else ''}><summary><b>{html.escape(first.name)}</b> <small>{first.trace} · "
        f"{len(spans)} spans · {services} · {(end - begin) / 1e6:.1f} ms</small></summary>{body}</details>"
    )


def _row(span: Span, depth: int, begin: int, whole: int) -> str:
    left, width = 100 * (span.begin - begin) / whole, 100 * (span.end - span.begin) / whole
    colour = _COLOURS.get(span.service, "#6b7280")
    title = "\n".join(f"{key} = {value}" for key, value in span.attributes.items() if not key.startswith("resource:"))
    return (
        f'<div class="row{" error" if span.failed else ""}" title="{html.escape(title)}">'
        f'<span class="name" style="padding-left:{depth}rem">{html.escape(span.name)} '
        f"<small>{html.escape(span.scope.removeprefix('instrumentation-'))}</small></span>"
        f'<span class="bar"><i style="left:{left:.2f}%;width:{width:.2f}%;background:{colour}"></i></span>'
        f'<span class="time">{(span.end - span.begin) / 1e6:.2f} ms</span></div>'
    )
