"""The environment of Flowise: what is in the ConfigMap and what is in the Secret.

Names and effects are those of Flowise 3.1.4.
"""

import json
from collections.abc import Mapping

import pulumi

from components.app.exposure import Exposure, exposure_config
from components.app.http_check import http_check
from components.app.settings import AppSettings
from components.app.variables import AppSecrets
from components.common.connections import DatabaseConnection, QueueConnection, TelemetryAccess
from components.common.http import HTTP_PORT

HOME = "/home/flowise"
QUEUE_NAME = "flowise-queue"
"""What the names of Flowise's queues begin with."""
INSTRUMENTATION = "node_modules/@opentelemetry/auto-instrumentations-node/build/src/register.js"
"""Comes with Flowise, below the root of the image. It must be loaded after the preload, which adds to it."""
_INSTRUMENTED = ("http", "express", "pg", "ioredis", "redis-4", "undici", "aws-sdk")
"""What Flowise talks with; `net`, `dns` and `fs` would only multiply the spans."""
_NEED_LOGIN = (
    "/api/v1/text-to-speech/generate",
    "/api/v1/oauth2-credential/refresh",
    "/api/v1/openai-assistants-file/download",
)
"""Paths that Flowise 3.1.4 opens to everybody and that reach a credential or a file without asking whose it is
(docs/security.md). Flowise takes what is named here off its list of paths without a login, letter by letter."""
ENCRYPTION_KEY = "FLOWISE_SECRETKEY_OVERWRITE"
"""Variable of the key that encrypts the credentials in the database."""
_NEED_A_BROWSER = ("puppeteerWebScraper", "playwrightWebScraper")
"""Nodes that start a browser. The image has none, and without one they answer 200 with no documents (3.1.4)."""
_JOB_AGE_SECONDS = 60 * 60
"""BullMQ looks at the age when the next job ends; the count (`queue.kept_jobs`) is what bounds the memory."""
_QUEUE_MESSAGES = 3200
"""Messages that stay in the stream of each queue, four for a job; that of its end carries the answer. BullMQ's own
10,000 are 2,500 answers: 22 MB were measured for 100 of 220 KiB. These are 10 s at 80 jobs a second (docs/capacity.md),
as long as a busy server may take to read them (image/preload/jobs.cjs)."""


def database_config(settings: AppSettings, database: DatabaseConnection) -> dict[str, pulumi.Input[str]]:
    """Configuration that the migration Job shares with server and worker."""
    config: dict[str, pulumi.Input[str]] = {
        "DATABASE_TYPE": "postgres",
        "DATABASE_HOST": database.host,
        "DATABASE_PORT": database.port.apply(str),
        "DATABASE_NAME": database.database_name,
        "DATABASE_USER": database.username,
        "DATABASE_SSL": "true",
        "NODE_EXTRA_CA_CERTS": f"{settings.distribution.root}/certs/rds.pem",  # verifies the certificate
        "HOME": HOME,
        "LOG_PATH": f"{HOME}/logs",
    }
    if database.vectors:
        # Defaults of Flowise's Postgres vector store: a flow needs neither a host nor a credential.
        config |= {
            "POSTGRES_VECTORSTORE_HOST": database.host,
            "POSTGRES_VECTORSTORE_PORT": database.port.apply(str),
            "POSTGRES_VECTORSTORE_DATABASE": database.vectors.database_name,
            "POSTGRES_VECTORSTORE_USER": database.vectors.username,
            "POSTGRES_VECTORSTORE_SSL": "true",
        }
    return config


def database_secrets(database: DatabaseConnection) -> dict[str, pulumi.Input[str]]:
    """Passwords that the migration Job shares with server and worker."""
    passwords: dict[str, pulumi.Input[str]] = {"DATABASE_PASSWORD": database.password}
    if database.vectors:
        passwords["POSTGRES_VECTORSTORE_PASSWORD"] = database.vectors.password
    return passwords


def server_config(
    settings: AppSettings,
    *,
    bucket_name: pulumi.Input[str],
    region: str,
    exposure: Exposure,
    queue: QueueConnection | None,
) -> dict[str, pulumi.Input[str]]:
    """Configuration of server and worker, besides that of the database."""
    config: dict[str, pulumi.Input[str]] = {
        "NODE_ENV": "production",  # forces Secure cookies
        "PORT": str(HTTP_PORT),
        "STORAGE_TYPE": "s3",  # without keys: the pods have their rights by Pod Identity
        "S3_STORAGE_BUCKET_NAME": bucket_name,
        "S3_STORAGE_REGION": region,
        # Without an issuer Flowise writes one into its home directory, another one in each pod.
        "JWT_ISSUER": "flowise",
        "JWT_AUDIENCE": "flowise",
        "CORS_ORIGINS": ",".join(settings.cors_origins),
        "IFRAME_ORIGINS": ",".join(settings.iframe_origins) or "'self'",
        "FLOWISE_FILE_SIZE_LIMIT": f"{settings.file_size_limit_mib}mb",
        "LOG_LEVEL": settings.log_level,
        "LOG_SANITIZE_BODY_FIELDS": "password,pwd,pass,secret,token,apikey,api_key,accesstoken,access_token,"
        "refreshtoken,refresh_token,clientsecret,client_secret,privatekey,private_key,secretkey,secret_key,auth,"
        "authorization,credential,credentials",
        "LOG_SANITIZE_HEADER_FIELDS": "authorization,x-api-key,x-auth-token,cookie",
        **http_check(entry.cidr for entry in settings.egress),  # flows may not call other private addresses
        "DENYLIST_URLS": ",".join(_NEED_LOGIN),
        "PATH_TRAVERSAL_SAFETY": "true",
        "CORS_ALLOW_CREDENTIALS": "false",
        "ENABLE_BULLMQ_DASHBOARD": "false",
        "CUSTOM_MCP_SECURITY_CHECK": "true",
        "CUSTOM_MCP_PROTOCOL": "sse",  # stdio would run commands in the pod
        "DISABLE_FLOWISE_TELEMETRY": "true",
        "FLOWISE_CODE_EXECUTION": settings.code_execution,
        "FLOWISE_DRAIN_SECONDS": str(settings.drain_timeout_seconds),
        **exposure_config(exposure),
        **settings.environment,
    }
    disabled = [name for name in settings.environment.get("DISABLED_NODES", "").split(",") if name]
    if disabled := disabled + ([] if settings.browser_scrapers else [*_NEED_A_BROWSER]):
        config["DISABLED_NODES"] = ",".join(dict.fromkeys(disabled))
    if settings.environment_secrets:
        config["FLOWISE_ENVIRONMENT_ARNS"] = json.dumps(settings.environment_secrets, sort_keys=True)
    if settings.smtp:
        config |= {
            "SMTP_HOST": settings.smtp.host,
            "SMTP_PORT": str(settings.smtp.port),
            "SMTP_USER": settings.smtp.user,
            "SMTP_SECURE": "true" if settings.smtp.port == 465 else "false",  # noqa: PLR2004  # implicit TLS
            "SENDER_EMAIL": settings.smtp.sender,
        }
    if queue:
        config |= {
            "MODE": "queue",
            "QUEUE_NAME": QUEUE_NAME,
            "REDIS_HOST": queue.host,
            "REDIS_PORT": queue.port.apply(str),
            "REDIS_TLS": "true",  # REDIS_URL=rediss:// would connect without verifying
            "REDIS_KEEP_ALIVE": "30000",
            "WORKER_CONCURRENCY": str(settings.worker.concurrency),
            "REMOVE_ON_AGE": str(_JOB_AGE_SECONDS),
            "REMOVE_ON_COUNT": str(queue.kept_jobs),
            "QUEUE_REDIS_EVENT_STREAM_MAX_LEN": str(_QUEUE_MESSAGES),
        }
    return config


def telemetry_config(telemetry: TelemetryAccess) -> dict[str, pulumi.Input[str]]:
    """Traces by the instrumentation, metrics by Flowise, both over OTLP to the collector.

    What is worth keeping is decided there, when a trace is whole, so that the processes send everything.
    """
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": telemetry.endpoint,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        # Counters say what was added since the last time: whoever adds them up needs no memory of each pod.
        "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "delta",
        "OTEL_TRACES_EXPORTER": "otlp",
        "OTEL_LOGS_EXPORTER": "none",  # the console is collected
        "OTEL_PROPAGATORS": "tracecontext",
        "OTEL_TRACES_SAMPLER": "always_on",  # a caller from outside may not decide what is traced
        "OTEL_NODE_ENABLED_INSTRUMENTATIONS": ",".join(_INSTRUMENTED),
        "OTEL_NODE_RESOURCE_DETECTORS": "env",  # others would ask the metadata service, which is closed
        "ENABLE_METRICS": "true",
        "METRICS_PROVIDER": "open_telemetry",
        "METRICS_OPEN_TELEMETRY_METRIC_ENDPOINT": pulumi.Output.format("{0}/v1/metrics", telemetry.endpoint),
        "METRICS_OPEN_TELEMETRY_PROTOCOL": "http",
        "METRICS_SERVICE_NAME": "flowise-server",  # workers send none
    }


def secret_values(
    keys: Mapping[str, pulumi.Input[str]],
    database: DatabaseConnection,
    queue: QueueConnection | None,
    brought: AppSecrets,
) -> dict[str, pulumi.Input[str]]:
    """Secret environment of server and worker."""
    values: dict[str, pulumi.Input[str]] = {**brought.variables, **keys, **database_secrets(database)}
    if queue:
        values["REDIS_PASSWORD"] = queue.password
    if brought.smtp_password is not None:
        values["SMTP_PASSWORD"] = brought.smtp_password
    return values
