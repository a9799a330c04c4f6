"""Service level objectives as alarms on the rate at which the error budget burns.

Two windows each (Google SRE workbook, chapter 5): the long one says that much of the budget is gone, the short one
that it still burns. 14.4 times for an hour is 2 % of a month's budget, 6 times for six hours 5 %.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from components.common.alarm import Alarm
from components.observability.requests import LoadBalancerMetrics, error_percent
from components.observability.settings import ObjectiveSettings


@dataclass(frozen=True, kw_only=True)
class Burn:
    """A pair of windows."""

    name: str
    rate: float
    """How much faster than the budget allows."""
    long_minutes: int
    short_minutes: int


BURNS: Final = (
    Burn(name="fast", rate=14.4, long_minutes=60, short_minutes=5),
    Burn(name="slow", rate=6, long_minutes=360, short_minutes=30),
)


@dataclass(frozen=True, kw_only=True)
class BurnAlarm:
    """A composite alarm of two windows, before it is made."""

    name: str
    description: str
    runbook: str
    windows: tuple[Alarm, Alarm]


def burn_alarms(balancer: LoadBalancerMetrics, objectives: ObjectiveSettings) -> Iterator[BurnAlarm]:
    """Fast and slow alarms of availability and latency."""
    for burn in BURNS:
        yield BurnAlarm(
            name=f"availability-{burn.name}-burn",
            description=_description("answered without an error", objectives.availability_percent, burn),
            runbook="errors",
            windows=_windows("availability", balancer, objectives, burn, objectives.availability_percent),
        )
        yield BurnAlarm(
            name=f"latency-{burn.name}-burn",
            description=_description(
                f"answered within {objectives.latency_seconds} s", objectives.latency_percent, burn
            ),
            runbook="slow",
            windows=_windows("latency", balancer, objectives, burn, objectives.latency_percent),
        )


def _description(promise: str, percent: float, burn: Burn) -> str:
    return (
        f"Requests fail the objective that {percent} % are {promise}, {burn.rate:g} times as fast as it allows: "
        f"at this rate the budget of 30 days lasts {30 * 24 / burn.rate:.0f} hours."
    )


def _windows(
    subject: str, balancer: LoadBalancerMetrics, objectives: ObjectiveSettings, burn: Burn, percent: float
) -> tuple[Alarm, Alarm]:
    long, short = (
        Alarm(
            name=f"{subject}-{burn.name}-{window}",
            description=f"Window of {minutes} minutes of the alarm {subject}-{burn.name}-burn.",
            runbook="errors" if subject == "availability" else "slow",
            metrics=balancer.errors()
            if subject == "availability"
            else [
                balancer.target_metric("RequestCount", "Sum"),
                balancer.target_metric("TargetResponseTime", f"PR(:{objectives.latency_seconds})"),
            ],
            expression=error_percent(objectives.fewest_requests)
            if subject == "availability"
            else f"IF(FILL(m0, 0) >= {objectives.fewest_requests}, 100 - m1, 0)",
            # More than everything cannot fail: a generous objective would have an alarm that never goes off.
            threshold=min(round(burn.rate * (100 - percent), 6), 99),
            minutes=minutes,
            periods=1,
            treat_missing_data="notBreaching",
            notify=False,
        )
        for window, minutes in (("long", burn.long_minutes), ("short", burn.short_minutes))
    )
    return long, short
