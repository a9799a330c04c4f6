"""What a stack decides about alarms, objectives and the canary."""

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from components.common.alarm import Percent
from components.common.model import Settings
from components.common.spelling import EmailAddress, Spelling

_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
_HTTPS = re.compile(r"^https://[^\s/@]+(/\S*)?$")


def _recipient(text: str) -> str:
    if not (_EMAIL.match(text) or _HTTPS.match(text)):
        raise ValueError(
            f"{text} is neither an e-mail address (ops@example.com) nor an HTTPS URL "
            "(https://events.example.com/flowise), so nobody would be notified of an alarm"
        )
    return text


AGENT_REQUEST: Final = (250, 128)
"""Millicores and MiB that CloudWatch's agent asks for on every node (its add-on's manifest)."""


class ThresholdSettings(Settings):
    """When an alarm goes off. What depends on a size is in percent of what the instance class has."""

    database_cpu_percent: Percent = 80
    """CPU of the database, 15 minutes on average (80 to 90 is usual)."""
    database_free_memory_percent: Percent = 10
    """Freeable memory, of that of the instance class (10 to 25 % is usual)."""
    database_free_storage_percent: Percent = 10
    """Free storage, of what the database has now. RDS grows the storage below 10 % after five minutes, so that an alarm
    half an hour later says that it did not: the limit is reached, or it has grown within the last six hours."""
    database_connections_percent: Percent = 80
    """Connections, of what the instance class allows (`max_connections`: a connection for 9,531,392 bytes)."""
    database_latency_milliseconds: Annotated[int, Field(ge=1, le=10_000)] = 50
    """Average time of a read or a write on the disk; gp3 answers in single-digit milliseconds."""
    database_load_per_vcpu: Annotated[float, Field(ge=0.1, le=10)] = 1
    """Sessions that work or wait, on average, for each vCPU: above 1 they wait for each other (RDS user guide)."""
    burst_balance_percent: Percent = 20
    """What is left of the disk's burst allowance; below it the class has its baseline soon."""
    database_cpu_credits: Annotated[int, Field(ge=1, le=1000)] = 20
    """CPU credits left, for classes of family t; one is a minute of a whole vCPU."""
    database_transaction_ids: Annotated[int, Field(ge=200_000_000, le=2_000_000_000)] = 1_000_000_000
    """Transaction ids in use; PostgreSQL stops at 2.1 billion, and vacuuming starts at 200 million (RDS user guide)."""
    cache_memory_percent: Percent = 75
    """Memory of a cache node. At 100 % it refuses writes, because it must not evict."""
    cache_cpu_percent: Percent = 80
    """CPU of the one thread that runs the commands (ElastiCache user guide: 90; 80 leaves time to act)."""
    cache_cpu_credits: Annotated[int, Field(ge=1, le=1000)] = 20
    """CPU credits left of a cache node of family t; one is a minute of a whole vCPU."""
    cache_connections: Annotated[int, Field(ge=10, le=65_000)] = 1000
    """Connections of a cache node, which takes 65,000; a growing number is a leak."""
    cache_replication_lag_seconds: Annotated[int, Field(ge=1, le=600)] = 10
    """How far a replica may be behind: what a failover would lose."""
    error_percent: Percent = 5
    """Requests answered with 5xx, at the load balancer and at the edge (CloudFront's own example)."""
    response_seconds: Annotated[int, Field(ge=1, le=600)] = 60
    """Time to the first byte of 95 % of the requests."""
    blocked_requests: Annotated[int, Field(ge=1, le=10_000_000)] = 1000
    """Requests that the firewall refuses in five minutes: an attack, or a rule that refuses users."""
    queue_jobs: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    """Jobs that wait; about what the workers run at once (`app.worker`: `max_replicas` times `concurrency`)."""
    queue_minutes: Annotated[int, Field(ge=5, le=120)] = 15
    """Minutes in which the queue was never empty: its oldest job may have waited as long."""
    pod_restarts: Annotated[int, Field(ge=1, le=100)] = 3
    """Restarts of the pods of a workload in 15 minutes."""
    pending_minutes: Annotated[int, Field(ge=2, le=60)] = 10
    """Minutes that a pod may wait for a node; one comes within two or three."""
    certificate_days: Annotated[int, Field(ge=1, le=60)] = 30
    """Days until a certificate expires. ACM renews it 60 days before."""


class ObjectiveSettings(Settings):
    """Service level objectives, over 30 days, with alarms on how fast they are used up (Google SRE workbook, ch. 5).

    The load balancer cannot tell predictions from other requests, so these are of all requests to the servers.
    """

    availability_percent: Annotated[float, Field(ge=90, le=99.99)] = 99.5
    """Requests that are not answered with 5xx."""
    latency_percent: Annotated[float, Field(ge=90, le=99.99)] = 95
    """Requests whose first byte comes within `latency_seconds`."""
    latency_seconds: Annotated[int, Field(ge=1, le=600)] = 30
    """What is fast enough; a prediction that is not streamed has its first byte at its end."""
    fewest_requests: Annotated[int, Field(ge=1, le=1_000_000)] = 20
    """Requests in a window below which nothing is concluded from it."""


class CanarySettings(Settings):
    """A CronJob that asks a flow a question through the public name, as a user would."""

    flow_id: Annotated[
        str,
        Spelling(
            pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
            is_="the id of a flow",
            wrong=(
                (r"[/?]", "it is an address, and the id is only its end"),
                (r"[A-F]", "it has capitals"),
                (r"^(?![0-9a-fA-F-]{36}$)", "it is not 36 hexadecimal digits and hyphens; a flow's name is no id"),
            ),
            find="It is the end of the address while the flow is open in Flowise",
            examples=["7c0a1f6e-3a55-4d0c-9f0e-2f1f0a9f5b11"],
        ),
    ]
    """Flow that is asked: one without an API key, and cheap, such as one whose answer needs no model."""
    question: Annotated[str, Field(min_length=1, max_length=200)] = "ping"
    """What it is asked."""
    login_email: EmailAddress | None = None
    """Account of Flowise that it logs in with before it asks; its password is the secret `flowise:canary_password`.
    The firewall must let the cluster's NAT gateways log in (`edge.admin_cidrs`). None given: it only asks."""
    every_minutes: Annotated[int, Field(ge=1, le=30)] = 5
    """How often."""
    answer_seconds: Annotated[int, Field(ge=1, le=110)] = 30
    """How long an answer may take."""


class BudgetSettings(Settings):
    """What a month may cost. AWS counts a few times a day, tells people, and stops nothing."""

    monthly_usd: Annotated[float, Field(gt=0, le=1_000_000)]
    """Limit of a month, in US dollars: told at 80 % and 100 %, and when the month is forecast to end above it."""
    counts: Literal["account", "stack"] = "account"
    """Costs of the whole account, or those with the tag `stack`. For the latter the tag must be switched on as a cost
    allocation tag in the billing console first: until then the budget sees nothing."""


class ObservabilitySettings(Settings):
    """Alarms, dashboard, objectives, budget and the canary of a stack."""

    recipients: Annotated[
        list[Annotated[str, AfterValidator(_recipient), Field(examples=["ops@example.com"])]],
        Field(min_length=1, max_length=20),
    ]
    """Who is notified of an alarm: e-mail addresses, whose owners must confirm, or HTTPS URLs of an on-call service."""
    runbooks_url: (
        Annotated[
            str,
            Spelling(
                pattern=r"^https://\S+[^/\s]$",
                is_="an HTTPS URL without a slash at its end",
                examples=["https://git.example.com/docs/runbooks"],
                wrong=((r"^http://", "it is not encrypted (http)"), (r"/$", "it ends with a slash")),
            ),
        ]
        | None
    ) = None
    """Where people read docs/runbooks; an alarm's message links its page there. None: it names the file."""
    container_insights: bool = True
    """Install AWS's CloudWatch add-on in the cluster for the metrics of pods and nodes (billed by observation)."""
    cloudfront_metrics: bool = True
    """CloudFront's additional metrics, such as the time to the load balancer's first byte (2.40 USD a month)."""
    thresholds: ThresholdSettings = ThresholdSettings()
    """When an alarm goes off."""
    objectives: ObjectiveSettings = ObjectiveSettings()
    """What is promised, and when so much of it is used up that somebody is woken."""
    budget: BudgetSettings | None = None
    """What a month may cost; none: nobody is told."""
    canary: CanarySettings | None = None
    """A question that is asked all the time; none: only what users ask tells whether flows answer."""
