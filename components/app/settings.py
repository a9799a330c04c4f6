"""What a stack decides about Flowise itself."""

import ipaddress
import math
from typing import Annotated, Final, Literal, Self

import pulumi
from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from components.app.distribution import FLOWISE, DistributionSettings, MigrationName
from components.app.ingress import NAME_MISTAKES
from components.app.model_arns import QUOTED, characters
from components.app.outbound import ProxySettings
from components.app.variables import PlainVariableName, SecretArn, VariableName, VariableValue
from components.common.authorities import CertificateAuthorities
from components.common.cidr import Cidr, is_public
from components.common.model import AS_A_SET, AwsRegion, Settings
from components.common.names import DEFAULT_NAMESPACE
from components.common.origins import CorsOrigins, FrameOrigins
from components.common.outbound import Outbound
from components.common.scripts_image import ScriptsImage
from components.common.spelling import EmailAddress, FlowiseImage, Spelling

MiB = Annotated[int, Field(ge=128)]
CodeExecution = Annotated[
    Literal["off", "sandbox"],
    BeforeValidator(lambda value: "off" if value is False else value),  # YAML 1.1 reads a bare off as false
]
"""Whether Flowise evaluates code that people write."""

BedrockModel = Annotated[
    str,
    Spelling(
        pattern=r"^((us|eu|apac|jp|au|ca|global)\.)?[a-z0-9-]+\.[a-z0-9][a-zA-Z0-9.:-]{0,100}$",
        is_="the id of a model or of an inference profile of Amazon Bedrock",
        examples=["amazon.nova-lite-v1:0", "eu.anthropic.claude-sonnet-4-6"],
        wrong=(
            (r"^arn:", "it is an ARN; its last part is the id"),
            (r"[ A-Z]", "it is a model's display name"),
            (r"^[^.]*$", "it has no provider and dot before the model"),
        ),
        find="`aws bedrock list-foundation-models --query 'modelSummaries[].modelId'` prints models, "
        "`aws bedrock list-inference-profiles --query 'inferenceProfileSummaries[].inferenceProfileId'` profiles",
    ),
]
"""Id of a model, or of an inference profile with its area before it (areas: Flowise 3.1.4, AWSBedrock/utils.js)."""


class OwnerSettings(Settings):
    """The first account; a Job makes it before the edge opens, so that no unauthenticated client can."""

    email: EmailAddress
    """Address with which the owner logs in. Used once: later changes are made in Flowise."""
    name: Annotated[str, Field(min_length=1, max_length=100)] = "Owner"
    """Name shown in Flowise."""


class ServerSettings(Settings):
    """Pods that serve the UI and the API."""

    replicas: Annotated[int, Field(ge=1, le=50)] = 1
    """Pods to start with. More than one needs a queue (`flowise:queue`), or each would run every schedule."""
    max_replicas: Annotated[int, Field(ge=1, le=50)] = 1
    """Pods to grow to under load; equal to `replicas`: no autoscaling."""
    cpu_percent_target: Annotated[int, Field(ge=10, le=95)] = 60
    """Average CPU, in percent of the request, above which pods are added."""
    cpu_millicores: Annotated[int, Field(ge=250, le=16000)] = 500
    """CPU requested for a pod; it may use more where the node has some free. Half a core, used to 60 %, is 30
    predictions a second of a server, 12 of a worker, and 12 in main mode (docs/capacity.md)."""
    memory_mib: MiB = 1536
    """Memory of a pod, requested and limit. A process at rest takes about 230 MiB; one that has loaded every node took
    at most 1.3 GiB under load, and 1.5 GiB while it read an upload of 50 MiB (docs/capacity.md)."""
    heap_mib: MiB = 1024
    """Heap of Node.js; without a limit it grows to 2.1 GiB under load, below 1024 throughput collapses (measured)."""

    @property
    def effective_min_replicas(self) -> int:
        """Pods that stay without any load."""
        return self.replicas

    @property
    def autoscaled(self) -> bool:
        """Whether an autoscaler owns the number of pods."""
        return self.max_replicas > self.effective_min_replicas

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.max_replicas < self.replicas:
            raise ValueError(f"max_replicas {self.max_replicas} must not be below replicas {self.replicas}")
        if self.heap_mib > self.memory_mib * 0.75:
            raise ValueError(
                f"heap_mib {self.heap_mib} must be at most three quarters of memory_mib {self.memory_mib}: "
                "Node.js needs the rest outside its heap, and the pod is killed when it runs out"
            )
        return self


class WorkerSettings(ServerSettings):
    """Pods that run the flows in queue mode."""

    concurrency: Annotated[int, Field(ge=1, le=1000)] = 10
    """Jobs that a worker runs at once. Flowise's own default of 100,000 leaves no backlog for autoscaling to see."""
    scale_on: Literal["backlog", "cpu"] = "backlog"
    """What adds workers: jobs, waiting and running, beyond `concurrency` for each worker (needs KEDA, which is
    installed), or CPU. Flows mostly wait for models, so CPU says little about the load."""
    min_replicas: Annotated[int, Field(ge=0, le=50)] | None = None
    """Pods that stay when there are no jobs; none given: `replicas`. With 0 the first job after a quiet time waits a
    minute or two for a worker; one worker stays as long as there is a schedule. 0 only with `scale_on: backlog`."""

    @property
    def effective_min_replicas(self) -> int:
        """Pods that stay without any load."""
        return self.replicas if self.min_replicas is None else self.min_replicas

    @property
    def scaled_on_backlog(self) -> bool:
        """Whether KEDA is needed."""
        return self.autoscaled and self.scale_on == "backlog"

    @model_validator(mode="after")
    def _check_scaling(self) -> Self:
        if self.min_replicas is not None and self.min_replicas > self.replicas:
            raise ValueError(f"min_replicas {self.min_replicas} must not be above replicas {self.replicas}")
        if self.min_replicas == 0 and self.scale_on == "cpu":
            raise ValueError(
                "min_replicas 0 needs scale_on: backlog; nothing can measure the CPU of no pods. "
                "Set scale_on to backlog, or min_replicas to 1"
            )
        return self


_LINK_LOCAL = ipaddress.IPv4Network("169.254.0.0/16")


def _not_link_local(cidr: str) -> str:
    if ipaddress.IPv4Network(cidr).overlaps(_LINK_LOCAL):
        raise ValueError(
            f"{cidr} holds the node's metadata address (169.254.169.254), from which a pod could take the node's "
            "rights; name the networks that you mean"
        )
    return cidr


class SmtpSettings(Settings):
    """Mail server for resetting the owner's password and confirming another address.

    Flowise's open edition has one account, and answers invitations with 403. The password is the secret
    `flowise:smtp_password`; mails carry Flowise's public address, so this needs `flowise:domain` or `flowise:ingress`.
    """

    host: Annotated[str, Field(min_length=1)]
    """Host name of the mail server. Its certificate must be for this name, from a public authority or one of
    `certificate_authorities`."""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    """Port of the mail server."""
    user: Annotated[str, Field(min_length=1)]
    """User name for the mail server."""
    sender: EmailAddress
    """Address that mails come from."""
    private_cidr: Annotated[Cidr, AfterValidator(_not_link_local)] | None = None
    """Network of a mail server with a private address (a relay in the VPC or behind a VPN), as narrow as it can be;
    none: it is on the internet. The pods may then reach that network at `port`, and no mail server on the internet."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        try:
            host = ipaddress.IPv4Address(self.host)
        except ValueError:
            return self
        if self.private_cidr is None and not is_public(f"{host}/32"):
            raise ValueError(
                f"host {host} is a private address, which the pods may not reach; set private_cidr to {host}/32 too"
            )
        if self.private_cidr and host not in ipaddress.IPv4Network(self.private_cidr):
            raise ValueError(f"host {host} lies outside of private_cidr {self.private_cidr}; name its network there")
        return self


class BedrockSettings(Settings):
    """Models of Amazon Bedrock that flows may use without a key: the pods have the right by Pod Identity.

    The account must have access to the models (Bedrock console, Model access).
    """

    model_ids: Annotated[list[BedrockModel], Field(min_length=1), AS_A_SET]
    """Foundation models (`amazon.titan-embed-text-v2:0`), or inference profiles over several regions, whose id begins
    with an area (`eu.anthropic.claude-sonnet-4-6`)."""
    regions: Annotated[Annotated[list[AwsRegion], Field(min_length=1)] | None, AS_A_SET] = None
    """Regions in which they are called; none: only the stack's. An inference profile may answer from others of its
    area, which Amazon chooses."""

    @property
    def policy_characters(self) -> int:
        """Length of the ARNs that the rights to these models take in a policy."""
        return characters(self.model_ids, self.regions)


_MOST_POLICY: Final = 10_240
"""Characters of all policies within a role, without spaces (IAM and STS quotas)."""
_OTHER_RIGHTS: Final = 1_700
"""Of them, what the other rights of the pods take, and what stands around the ARNs."""
_MOST_CONFIG_BYTES: Final = 1_000_000
"""Of a ConfigMap's 1 MiB (Kubernetes, ConfigMap), less what the program itself puts there."""


class EgressSettings(Settings):
    """A network that flows may call, besides HTTPS on the internet."""

    cidr: Annotated[Cidr, AfterValidator(_not_link_local)]
    """The network, as narrow as it can be: what is allowed here is open to whoever takes over a pod."""
    ports: Annotated[list[Annotated[int, Field(ge=1, le=65535)]], Field(min_length=1, max_length=10), AS_A_SET]
    """TCP ports in it."""


_OLDEST_SAFE = (3, 1, 4)
"""The last release that its makers published: no other has all the fixes that docs/security.md lists."""


def _safe_version(version: str, info: ValidationInfo) -> str:
    distribution = info.data.get("distribution")
    if not isinstance(distribution, DistributionSettings) or distribution.package != FLOWISE:
        return version  # a fork counts for itself
    if tuple(map(int, version.split("."))) < _OLDEST_SAFE:
        raise ValueError(
            f"{version} has published vulnerabilities that end in code execution inside the pod "
            "(CVE-2025-59528, CVE-2026-46442, "
            "CVE-2026-91934 and others); use 3.1.4 or newer"
        )
    return version


_RESERVED_NAMESPACES = frozenset(
    {"default", "keda", "observability", "logging", "datadog", "amazon-cloudwatch", "amazon-guardduty"}
)
_BESIDE = ("-canary", "-observability")
"""How the namespaces end of what runs beside Flowise."""


def _own_namespace(name: str) -> str:
    if name in _RESERVED_NAMESPACES or name.startswith("kube-"):
        raise ValueError(
            f"{name} holds something else; Flowise needs a namespace of its own, which the stack creates, such as "
            f"{DEFAULT_NAMESPACE}"
        )
    if name.endswith(_BESIDE):
        raise ValueError(
            f"{name} must not end in {' or '.join(_BESIDE)}: what runs beside Flowise has such names. Choose another"
        )
    return name


class AppSettings(Settings):
    """Flowise in a stack."""

    namespace: Annotated[
        str,
        Spelling(
            pattern=r"^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$",
            is_="a namespace: at most 40 small letters, digits and -, a letter first and no - last",
            examples=["flowise", "team-a"],
            wrong=((r"\.", "it has a dot"), (r"^[0-9]", "it begins with a digit"), *NAME_MISTAKES),
            find="`kubectl get namespaces` lists those that are taken",
        ),
        AfterValidator(_own_namespace),
    ] = DEFAULT_NAMESPACE
    """Kubernetes namespace of Flowise, which the stack creates. Give each Flowise of a cluster its own: PriorityClasses
    and the namespaces of the canary and the Collector are named after it. Another one later recreates the pods."""

    image: FlowiseImage
    """Image of Flowise by digest (`registry/flowise@sha256:...`): a tag could change under a running stack."""
    distribution: DistributionSettings = DistributionSettings()
    """What differs where the image holds a fork of Flowise; none given: Flowise in this repository's image."""
    flowise_version: Annotated[
        str,
        Spelling(
            pattern=r"^\d{1,3}\.\d{1,3}\.\d{1,3}$",
            is_="a version of three numbers",
            examples=["3.1.4"],
            wrong=((r"^v", "it begins with a v"), (r"^[a-z]+$", "it is a tag, which says no version")),
            find="The one that the image holds stands in image/package.json",
        ),
        AfterValidator(_safe_version),
    ] = "3.1.4"
    """Version that the image holds: Flowise 3.1.4 or newer, or that of the fork (`distribution`). With another one in
    the image nothing is migrated, and the pods of before go on (docs/upgrade-flowise.md)."""
    accepted_migrations: Annotated[list[MigrationName], Field(max_length=100), AS_A_SET] = []
    """Migrations in the database that the image's Flowise does not know, and that you have found to do no harm. All
    others are refused before anything is altered: the database is that of a newer Flowise (docs/upgrade-flowise.md, Go
    back)."""
    owner: OwnerSettings
    """The first account."""
    server: ServerSettings = ServerSettings()
    """Pods that serve the UI and the API."""
    worker: WorkerSettings = WorkerSettings()
    """Pods that run the flows; only in queue mode."""
    drain_timeout_seconds: Annotated[int, Field(ge=10, le=3600)] = 120
    """How long a pod that is stopped waits for requests in flight, and a worker for its jobs."""
    file_size_limit_mib: Annotated[int, Field(ge=1, le=300)] = 50
    """Largest upload, by form or in base64; the files of one request together. A larger one is answered with 413. The
    pods must have the memory for it (docs/edge.md, Uploads). Not above 300: as base64 in a job it must stay below the
    512 MB that one value of Valkey and one text of Node.js may have."""
    log_level: Literal["error", "warn", "info", "debug"] = "info"
    """Detail of Flowise's log."""
    cors_origins: CorsOrigins = []
    """Web origins (`https://www.example.com`) whose pages may call the API from a browser: uploads, feedback and leads
    of an embedded chat need their page here; none: only Flowise's own. Predictions, a chat's configuration and whether
    it streams answer every origin whatever is listed: for those the flow itself decides (its configuration, Allowed
    Domains)."""
    iframe_origins: FrameOrigins = []
    """Web origins that may show Flowise in a frame, `https://*.example.com` for every subdomain; none: only Flowise's
    own."""
    code_execution: CodeExecution = "off"
    """What becomes of code that people write into flows and tools. `off`: the server refuses it, be it a custom
    function, a custom tool, a code interpreter or a function of another node. `sandbox`: Flowise runs it in its
    sandbox, which has been escaped before (docs/security.md, Code in flows)."""
    browser_scrapers: bool = False
    """Whether the scrapers of Puppeteer and Playwright are offered. The image has no browser, and without one they find
    no documents and report no error: only for an image of your own with Chromium (docs/faq.md)."""
    bedrock: BedrockSettings | None = None
    """Amazon Bedrock for flows, without a key."""
    smtp: SmtpSettings | None = None
    """Mail server; without one a forgotten password cannot be reset by mail."""
    environment: Annotated[dict[PlainVariableName, VariableValue], Field(max_length=100)] = {}
    """Further variables of servers and workers, such as `DISABLED_NODES` or `LANGFUSE_BASE_URL`. Variables that this
    program sets are refused with the setting that decides them; those that let flows out of Flowise's sandbox need a
    policy exception (docs/day-two.md, Variables of Flowise). A secret one is `flowise:env_NAME`, encrypted."""
    environment_secrets: Annotated[dict[VariableName, SecretArn], Field(max_length=50)] = {}
    """Secret variables of servers and workers that are read from Secrets Manager at their start: the whole text of
    the secret is the value. A change there is seen by the next start (docs/day-two.md, Variables of Flowise)."""
    certificate_authorities: CertificateAuthorities | None = None
    """Certificate authorities of your own, as the text of a PEM file: of services with a certificate from inside the
    company, or of a proxy that inspects TLS. All workloads of the stack trust them besides the public ones: Flowise and
    its Jobs, the canary, Collector and Fluentd (docs/outbound.md)."""
    proxy: ProxySettings | None = None
    """Proxy of the company, through which HTTP and HTTPS leave its networks; none: straight out, by NAT."""
    egress: Annotated[list[EgressSettings], Field(max_length=20), AS_A_SET] = []
    """Further destinations of servers and workers, besides their data stores, mail server and HTTPS on the internet.

    A private network that is named here is open to everything in a flow that calls an address: model nodes (Ollama,
    LiteLLM, an OpenAI-compatible server), MCP servers, HTTP nodes and tools. All other private addresses stay denied,
    by the network policy and by Flowise's own check.
    """

    @model_validator(mode="after")
    def _check_sums(self) -> Self:
        """What each value may be for itself, and all together may not."""
        secrets = sum(len(arn) + QUOTED for arn in set(self.environment_secrets.values()))
        models = self.bedrock.policy_characters if self.bedrock else 0
        if (needed := _OTHER_RIGHTS + secrets + models) > _MOST_POLICY:
            raise ValueError(
                f"bedrock ({models:,} characters of ARNs) and environment_secrets ({secrets:,}) give the "
                f"pods rights of about {needed:,} characters, and IAM takes {_MOST_POLICY:,} in a role; name fewer "
                "models or regions, or set some of the secrets as `flowise:env_NAME`"
            )
        size = sum(len(name) + len(value.encode()) for name, value in self.environment.items())
        if size > _MOST_CONFIG_BYTES:
            raise ValueError(
                f"environment holds {size:,} bytes, and a ConfigMap of Kubernetes takes about {_MOST_CONFIG_BYTES:,}; "
                "shorten the largest values"
            )
        return self

    def outbound(self, proxy_password: pulumi.Input[str] | None) -> Outbound:
        """What is in force for the other workloads of the stack, too."""
        direct = [entry.cidr for entry in self.egress]
        proxy = self.proxy and self.proxy.access(proxy_password, direct_cidrs=direct)
        return Outbound(authorities=self.certificate_authorities, proxy=proxy)

    @property
    def scripts_image(self) -> ScriptsImage:
        """Where other workloads find the program's scripts."""
        return ScriptsImage(reference=self.image, root=self.distribution.root, user_id=self.distribution.user_id)

    @property
    def max_body_bytes(self) -> int:
        """Largest request: a file in base64 and 1 MiB besides, as the preload computes it (image/preload/uploads.cjs).

        Base64 takes 4 bytes for 3, and some clients escape each `/` in it, one character in 64.
        """
        return math.ceil(self.file_size_limit_mib * 1024 * 1024 * 4 * 65 / 3 / 64) + 1024 * 1024
