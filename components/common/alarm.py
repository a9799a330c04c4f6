"""Alarms and events as descriptions, which a component makes of its own values; `Observability` makes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pulumi
from pydantic import Field

Percent = Annotated[int, Field(ge=1, le=100)]
"""A threshold in percent of what there is."""
Missing = Literal["breaching", "notBreaching", "ignore", "missing"]


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric as CloudWatch knows it."""

    namespace: str
    name: str
    dimensions: Mapping[str, pulumi.Input[str]]
    statistic: str = "Average"
    """`Average`, `Sum`, ..., a percentile such as `p95`, or a percentile rank such as `PR(:30)`."""


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """An alarm before it is made."""

    name: str
    description: str
    """What has happened, in a sentence or two."""
    runbook: str
    """Page in docs/runbooks."""
    metrics: Sequence[Metric]
    """Named m0, m1, ... in `expression`."""
    expression: str | None = None
    """Metric math; needed for more than one metric."""
    threshold: float | pulumi.Output[float]
    comparison: Literal["above", "below"] = "above"
    """On which side of the threshold the alarm goes off."""
    minutes: int = 5
    """Length of a period."""
    periods: int = 3
    """How many of them in a row; AWS's own metrics come a minute or two late besides."""
    evaluation_periods: int | None = None
    """With it, `periods` of the last so many suffice."""
    treat_missing_data: Missing
    """What no data means."""
    edge: bool = False
    """Metrics of CloudFront and WAF are in us-east-1, and so must their alarms be."""
    notify: bool = True
    """Without it nobody is notified: the alarm counts for a composite alarm only."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """A message about events of EventBridge, for what no metric tells."""

    name: str
    description: str
    """Which events, for whoever sees the rule in AWS."""
    pattern: Mapping[str, Any]
    """Event pattern; values may be outputs."""
    paths: Mapping[str, str]
    """What of an event the message has, by the name that it has there."""
    says: str
    """What has happened; `<name>` stands for one of `paths`."""
    runbook: str
    """Page in docs/runbooks."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Something that goes wrong, as the drills do it; a row of docs/alarms.md."""

    what: str
    seen_by: Sequence[str]
    """Alarms that go off, the first one first."""
    note: str = ""
