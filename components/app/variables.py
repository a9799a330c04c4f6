"""Variables that a stack adds to the environment of servers and workers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

import pulumi
from pydantic import AfterValidator, Field

from components.common.redaction import PRIVATE_KEY, TOKENS

FLAT_KEY_PREFIX: Final = "env_"
"""What a flat, encrypted key of the stack file begins with that holds a variable: `flowise:env_NAME`."""
_LOOKS_SECRET: Final = re.compile(r"(^|_)(PASSWORD|PASSWD|SECRET|TOKEN|(API|SECRET|PRIVATE|ACCESS)_?KEY)(_|$)")
_OWNED: Final[Mapping[str, str]] = {
    "APP_URL": "domain or ingress.host",
    "CORS_ALLOW_CREDENTIALS": "nothing: credentials are never sent to other origins",
    "CORS_ORIGINS": "app.cors_origins",
    "CUSTOM_MCP_PROTOCOL": "nothing: stdio would run commands in the pod",
    "CUSTOM_MCP_SECURITY_CHECK": "nothing: it is always on",
    "DENYLIST_URLS": "nothing: it closes paths that reach credentials without a login (docs/security.md)",
    "DISABLE_FLOWISE_TELEMETRY": "nothing: nothing is sent to Flowise's makers",
    "ENABLE_BULLMQ_DASHBOARD": "nothing: its page knows no login",
    "ENABLE_METRICS": "telemetry",
    "EXPRESS_SESSION_SECRET": "flowise:express_session_secret",
    "HOME": "nothing: it is a volume of the pod",
    "HOST": "nothing: the load balancer and the probes ask the pod's address",
    "ALL_PROXY": "app.proxy",
    "HTTPS_PROXY": "app.proxy",
    "HTTP_DENY_LIST": "app.egress",
    "HTTP_PROXY": "app.proxy",
    "HTTP_SECURITY_CHECK": "app.egress",
    "IFRAME_ORIGINS": "app.iframe_origins",
    "LOG_LEVEL": "app.log_level",
    "LOG_PATH": "nothing: logs are read from the console",
    "LOG_SANITIZE_BODY_FIELDS": "nothing: it keeps secrets out of the log",
    "LOG_SANITIZE_HEADER_FIELDS": "nothing: it keeps secrets out of the log",
    "MODE": "queue",
    "NODE_ENV": "nothing: production makes cookies Secure",
    "NODE_EXTRA_CA_CERTS": "app.certificate_authorities; it holds the certificates of RDS",
    "NODE_USE_ENV_PROXY": "app.proxy",
    "NODE_USE_SYSTEM_CA": "app.certificate_authorities",
    "NO_PROXY": "app.proxy.direct",
    "NUMBER_OF_PROXIES": "nothing: it follows from the edge or the ingress",
    "PATH_TRAVERSAL_SAFETY": "nothing: it is always on",
    "POD_NAME": "nothing: Kubernetes sets it",
    "PORT": "nothing: the load balancer and the probes ask it",
    "QUEUE_NAME": "nothing: alarms and scaling count by it",
    "QUEUE_REDIS_EVENT_STREAM_MAX_LEN": "nothing: it bounds the memory of the queue",
    "REMOVE_ON_AGE": "queue.kept_jobs",
    "REMOVE_ON_COUNT": "queue.kept_jobs",
    "SENDER_EMAIL": "app.smtp.sender",
    "SSL_CERT_DIR": "app.certificate_authorities",
    "SSL_CERT_FILE": "app.certificate_authorities",
    "STORAGE_TYPE": "bucket",
    "TOKEN_HASH_SECRET": "flowise:token_hash_secret",
    "TRUST_PROXY": "nothing: it follows from the edge or the ingress",
    "WORKER_CONCURRENCY": "app.worker.concurrency",
    "NODE_OPTIONS": "app.server.heap_mib and app.worker.heap_mib; it loads what a pod needs",
}
_OWNED_PREFIXES: Final[Mapping[str, str]] = {
    "AWS_": "app.bedrock (credentials come by Pod Identity, and none are kept)",
    "DATABASE_": "database",
    "FLOWISE_": "the settings of app, and the keys of docs/keys.md",
    "GLOBAL_AGENT_": "app.proxy",
    "JWT_": "the keys of docs/keys.md",
    "KUBERNETES_": "nothing: Kubernetes sets them",
    "METRICS_": "telemetry",
    "OTEL_": "telemetry",
    "POSTGRES_VECTORSTORE_": "database.vectors",
    "REDIS_": "queue",
    "S3_": "bucket",
    "SECRETKEY_": "the keys of docs/keys.md",
    "SMTP_": "app.smtp",
}


def deciding_setting(name: str) -> str | None:
    """What decides a variable that this program sets itself, or keeps from being set; None: it is free."""
    prefixed = next((setting for prefix, setting in _OWNED_PREFIXES.items() if name.startswith(prefix)), None)
    return _OWNED.get(name, prefixed)


def free_name(name: str) -> str:
    """Refuse the name of a variable that this program decides about."""
    if not re.fullmatch(r"[A-Z][A-Z0-9_]{0,127}", name):
        raise ValueError(
            f"{name} is no name of a variable: capital letters, digits and underscores, beginning with a letter"
        )
    if setting := deciding_setting(name):
        raise ValueError(f"{name} is set by this program; what decides it: {setting}")
    return name


def _without_secret(name: str) -> str:
    if _LOOKS_SECRET.search(free_name(name)):
        raise ValueError(
            f"{name} looks like a secret, and this section is plain text. Use "
            f"`pulumi config set --secret flowise:{FLAT_KEY_PREFIX}{name}`, or app.environment_secrets"
        )
    return name


VariableName = Annotated[str, AfterValidator(free_name)]
"""Name of an environment variable that this program leaves alone."""
PlainVariableName = Annotated[str, AfterValidator(_without_secret)]
"""Such a name that promises no secret."""
_TOKEN: Final = re.compile("|".join(f"(?:{token})" for token in (PRIVATE_KEY, *TOKENS)))
_HARMLESS: Final = re.compile(
    r"[a-z]+(?:-(?:[a-z]+|\d{1,3}))+"  # a name of words and short numbers: `sk-learn-model-embedding`
    r"|://[^\s/?#:@]*[?#]\S*"  # the host ended before the @, which is of a query or a fragment
    r"|://(?:localhost|[^\s/?#:@]+\.[^\s/?#:@]+):\d{1,5}[?#]\S*"  # so it did behind a port: a user's name has no dot
    r"|pk_(?:live|test)_\w+"  # Stripe's publishable keys, made for pages (Stripe docs, "API keys")
    r"|(?:AROA|AIDA|AGPA|ANPA)[A-Z0-9]{16}"  # ids that open nothing (IAM User Guide, "IAM identifiers", unique IDs)
)
"""What looks like a token and is none. Logs leave it out all the same (`components/common/redaction.py`)."""


def _without_token(value: str) -> str:
    """The value itself stays out of the message, which ends up in logs of workflows."""
    if any(not _HARMLESS.fullmatch(found[0]) for found in _TOKEN.finditer(value)):
        raise ValueError(
            "the value holds what looks like a key, a token or a URL with a password, and this section is plain text. "
            f"Set it by `pulumi config set --secret flowise:{FLAT_KEY_PREFIX}NAME`, or in app.environment_secrets, and "
            "treat the old one as leaked"
        )
    return value


VariableValue = Annotated[str, Field(min_length=1, max_length=32_768), AfterValidator(_without_token)]
_SECRET_ARN: Final = re.compile(
    r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:flowise/[a-z0-9-]+/[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}"
)


def _whole_arn(arn: str) -> str:
    if not _SECRET_ARN.fullmatch(arn):
        raise ValueError(
            f"{arn} is not the whole ARN of a secret named flowise/STACK/..., such as "
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:flowise/prod/langfuse-AbCdEf; "
            "`aws secretsmanager describe-secret --secret-id NAME --query ARN` shows it"
        )
    return arn


SecretArn = Annotated[str, AfterValidator(_whole_arn)]
"""Whole ARN of a secret in Secrets Manager, which is named `flowise/STACK/...`: the boundary of the stack's roles
reaches no other."""


@dataclass(frozen=True, kw_only=True)
class AppSecrets:
    """Secrets that people bring."""

    smtp_password: pulumi.Output[str] | None
    """Password of the mail server that `app.smtp` names."""
    variables: Mapping[str, pulumi.Output[str]]
    """Further variables of servers and workers (`flowise:env_NAME`), by their names."""
