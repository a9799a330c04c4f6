"""The stacks of this repository as they are, and with every optional section that can be on at once."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Final

from analysis.optional_sections import optional_sections
from analysis.plan import record_stack
from analysis.recorder import Recording
from analysis.stackfiles import StackConfig, override, read_stack

STACKS: Final = ("dev", "prod")
CONNECTION_ARN: Final = "arn:aws:codeconnections:us-east-1:123456789012:connection/01234567-89ab-cdef-0123-456789abcdef"
_MORE: Final[Mapping[str, Any]] = {
    "load_balancer.sign_in": {
        "issuer": "https://login.example.com",
        "authorization_endpoint": "https://login.example.com/authorize",
        "token_endpoint": "https://login.example.com/token",
        "user_info_endpoint": "https://login.example.com/userinfo",
        "client_id": "flowise",
    },
    "telemetry.logs.archive": {"retention_days": 400},
    "telemetry.traces.exporters": ["aws", "otlp", "datadog"],
    "telemetry.traces.otlp": {"endpoint": "https://otlp.example.com:4317", "authorization": True},
    "telemetry.datadog": {"site": "datadoghq.eu"},
    "observability.canary": {"flow_id": "7c0a1f6e-3a55-4d0c-9f0e-2f1f0a9f5b11"},
    "app.bedrock": {"model_ids": ["amazon.nova-lite-v1:0"]},
    "app.smtp": {"host": "smtp.example.com", "user": "flowise", "sender": "flowise@example.com"},
    "cluster.admin_role_arns": ["arn:aws:iam::123456789012:role/platform-admin"],
    "cluster.preview_role_arns": ["arn:aws:iam::123456789012:role/preview"],
}
_SECRETS: Final = ("oidc_client_secret", "otlp_authorization", "datadog_api_key", "smtp_password")


def everything(stack: str) -> StackConfig:
    """A stack's configuration with every optional section that can be on beside the others."""
    base = read_stack(stack)
    sections = {name: section for name, section in optional_sections().items() if f"flowise:{name}" not in base.values}
    config = override(base, [f"{k}={json.dumps(v)}" for k, v in {**sections, **_MORE}.items()])
    hidden = {f"flowise:{name}": "secret-0123456789" for name in _SECRETS}
    return replace(config, values={**config.values, **hidden}, secret_keys=(*config.secret_keys, *hidden))


@cache
def recordings() -> Mapping[str, Recording]:
    """What each stack holds, as its file says and with everything on, by what it is called."""
    return {
        **{stack: record_stack(read_stack(stack)) for stack in STACKS},
        **{f"{stack}, everything on": record_stack(everything(stack)) for stack in STACKS},
    }


def types(recording: Recording) -> set[str]:
    """Types of AWS that a recording holds; components and provider objects ask for nothing themselves."""
    return {r.type for r in recording.records if r.custom and r.type.startswith("aws:")}
