"""Observability: alarms that lead to a runbook, objectives, a dashboard, and a canary.

A component describes its alarms itself, in `alarms.py` of its own package, with thresholds in its own section
(docs/decisions/0087-alarms-stand-with-their-component.md). What takes thresholds from `ThresholdSettings`, whose keys
are released, is described here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

import pulumi
import pulumi_aws as aws

from components.common.alarm import Alarm
from components.common.connections import ClusterAccess
from components.common.context import StackContext
from components.common.monitoring import MonitoringTargets
from components.common.names import physical_name
from components.common.partition import build_arn
from components.common.scripts_image import ScriptsImage
from components.observability import dashboard, requests, stores
from components.observability.alarm import Alarms
from components.observability.budget import make_budget
from components.observability.canary import CanaryArgs, make_canary
from components.observability.events import BACKUP_EVENTS, database_events, tell
from components.observability.objectives import burn_alarms
from components.observability.pods import container_insights, pod_alarms
from components.observability.settings import AGENT_REQUEST, ObservabilitySettings
from components.observability.topics import make_topics

__all__ = ["AGENT_REQUEST", "Observability", "ObservabilityArgs", "ObservabilitySettings"]


@dataclass(frozen=True, kw_only=True)
class ObservabilityArgs:
    """What a stack decides about its alarms, and what there is to watch."""

    settings: ObservabilitySettings
    stack: StackContext
    cluster: ClusterAccess
    targets: MonitoringTargets
    image: ScriptsImage
    """Image of Flowise, which the canary runs in."""
    url: pulumi.Output[str] | None
    """Where people reach Flowise; the canary asks there."""
    canary_password: pulumi.Input[str] | None
    """Password of the account that the canary logs in with (secret)."""


@final
class Observability(pulumi.ComponentResource):
    """Alarms over everything of a stack, told to people through encrypted topics, and one dashboard.

    Each alarm says what it means and names its runbook; what it does without data is decided for each.
    """

    dashboard: pulumi.Output[str]
    """Name of the dashboard."""
    topic_arn: pulumi.Output[str]
    """Topic of the stack's region, for whoever else has something to tell."""

    def __init__(self, resource_name: str, args: ObservabilityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:observability:Observability", resource_name, None, opts)
        self._args = args
        settings, targets = args.settings, args.targets
        topics = make_topics(resource_name, recipients=settings.recipients, stack=args.stack, parent=self)
        self._alarms = Alarms(resource_name, topics, settings.runbooks_url, self)
        self._balancer = requests.LoadBalancerMetrics.of(targets.load_balancer) if targets.load_balancer else None

        made = {alarm.name: self._alarms.make(alarm) for alarm in self._all()}
        down = [made[name] for name in ("servers-gone", "canary-failed") if name in made]
        burning = self._burning()
        down += [name for short, name in burning.items() if short == "availability-fast-burn"]
        if down:
            made["flowise-down"] = self._alarms.any_of(
                "flowise-down",
                down,
                description="Flowise is down: no server is healthy, the canary gets no answer, or most requests fail.",
                runbook="flowise-down",
            )
        database_events(resource_name, targets.database, topics, self)
        for event in (BACKUP_EVENTS, *(each for one in targets.described for each in one.events)):
            tell(resource_name, event, topics, settings.runbooks_url, self)
        if targets.edge and settings.cloudfront_metrics:
            aws.cloudfront.MonitoringSubscription(
                resource_name,
                distribution_id=targets.edge.distribution_id,
                monitoring_subscription={
                    "realtime_metrics_subscription_config": {"realtime_metrics_subscription_status": "Enabled"}
                },
                opts=pulumi.ResourceOptions(parent=self),
            )
        if settings.budget:
            make_budget(resource_name, settings.budget, topics, self)
        if settings.container_insights and args.cluster.owned:
            container_insights(f"{resource_name}-insights", args.cluster, args.stack.region, self)
        if settings.canary and args.url:
            canary = CanaryArgs(
                settings=settings.canary,
                image=args.image,
                url=args.url,
                stack=args.stack,
                password=args.canary_password,
                cluster=args.cluster,
                namespace=args.stack.beside("canary"),
            )
            make_canary(f"{resource_name}-canary", canary, self)
        self.dashboard = self._dashboard(resource_name, [*burning.values(), *made.values()])
        self.topic_arn = topics.stack
        self.register_outputs({"dashboard": self.dashboard, "topic_arn": self.topic_arn})

    def _all(self) -> Iterator[Alarm]:
        args, targets, limits = self._args, self._args.targets, self._args.settings.thresholds
        yield from stores.database_alarms(targets.database, limits)
        if targets.replication:
            yield from stores.replication_alarms(targets.replication)
        if targets.cache:
            yield from stores.cache_alarms(targets.cache, limits)
        for each in targets.described:
            yield from each.alarms
        if targets.backlog:
            yield from stores.queue_alarms(limits)
        if self._balancer:
            yield from requests.balancer_alarms(self._balancer, limits)
        if targets.edge:
            yield from requests.edge_alarms(targets.edge, args.settings)
        if targets.load_balancer and targets.load_balancer.site:
            yield from requests.certificate_alarms(targets.load_balancer.site, limits)
        if args.settings.container_insights:
            workloads = ["server", "worker"] if targets.cache else ["server"]
            yield from pod_alarms(args.cluster, args.stack.namespace, workloads, limits)
        if args.settings.canary:
            yield from requests.canary_alarms(args.settings.canary)

    def _burning(self) -> dict[str, pulumi.Output[str]]:
        if not self._balancer:
            return {}
        return {
            burn.name: self._alarms.all_of(
                burn.name,
                [self._alarms.make(window) for window in burn.windows],
                description=burn.description,
                runbook=burn.runbook,
            )
            for burn in burn_alarms(self._balancer, self._args.settings.objectives)
        }

    def _dashboard(self, resource_name: str, alarms: list[pulumi.Output[str]]) -> pulumi.Output[str]:
        args = self._args
        account = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id
        return aws.cloudwatch.Dashboard(
            resource_name,
            dashboard_name=physical_name("dashboard"),
            dashboard_body=dashboard.body(
                region=args.stack.region,
                targets=args.targets,
                balancer=self._balancer,
                objectives=args.settings.objectives,
                alarm_arns=[
                    build_arn("cloudwatch", args.stack.region, account, pulumi.Output.concat("alarm:", name))
                    for name in alarms
                ],
            ),
            opts=pulumi.ResourceOptions(parent=self),
        ).dashboard_name
