"""Every stack from nothing to nothing under the real engine: what `make engine` claims, held for more stacks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import pytest

from engine.proofs import life_cycle, with_settings
from engine.sandbox import find_project, sandbox
from settings import IMPORTED_KEYS

SIGN_IN = {
    "issuer": "https://login.example.com",
    "authorization_endpoint": "https://login.example.com/authorize",
    "token_endpoint": "https://login.example.com/token",
    "user_info_endpoint": "https://login.example.com/userinfo",
    "client_id": "flowise",
}
CANARY = {"flow_id": "2f1c8a5e-41d2-4b4e-9a0f-4bd0a5f0c001"}


@dataclass(frozen=True)
class Variant:
    """A stack file, what is changed in it, and whether the policy pack is asked."""

    stack: str
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    secrets: Mapping[str, str] = field(default_factory=dict[str, str])
    policies: bool = False
    moto: bool = False


VARIANTS = {
    "prod": Variant("prod", policies=True, moto=True),
    "sections": Variant(
        "prod",
        {
            "network.interface_endpoints": ["secretsmanager", "bedrock-runtime"],
            "cluster.preview_role_arns": ["arn:aws:iam::123456789012:role/preview"],
            "permissions_boundary_arn": "arn:aws:iam::123456789012:policy/boundary",
            "load_balancer.sign_in": SIGN_IN,
            "observability.canary": CANARY,
            "telemetry.datadog": {"site": "datadoghq.eu"},
            "telemetry.traces.otlp": {"endpoint": "https://otlp.example.com:4317", "authorization": True},
            "telemetry.traces.exporters": ["aws", "otlp", "datadog"],
            "telemetry.logs.archive": {"retention_days": 400},
            "app.bedrock": {"model_ids": ["amazon.nova-lite-v1:0"]},
            "app.smtp": {"host": "mail.example.com", "user": "flowise", "sender": "flowise@example.com"},
        },
        {
            "oidc_client_secret": "secret-of-the-oidc-client",
            "datadog_api_key": "0123456789abcdef-of-datadog",
            "otlp_authorization": "Bearer token-of-the-collector",
            "smtp_password": "password-of-the-mail-server",
            **{key: sha256(key.encode()).hexdigest() for key in IMPORTED_KEYS},
        },
    ),
    "dev": Variant("dev", policies=True, moto=True),
    "ingress": Variant(
        "dev",
        {
            "ingress": {"class_name": "nginx", "host": "ai.example.org"},
            "edge": None,
            "queue": {"node_type": "cache.t4g.small", "nodes": 1},
            "nodes": {},
            "backup": {},
            "recovery": {"region": "us-west-2"},
            "observability.canary": {**CANARY, "login_email": "canary@example.com"},
            "network.existing": {
                "vpc_id": "vpc-0123456789abcdef0",
                "private_subnet_ids": ["subnet-0123456789abcdef1", "subnet-0123456789abcdef2"],
                "data_subnet_ids": ["subnet-0123456789abcdef3", "subnet-0123456789abcdef4"],
            },
        },
        {"canary_password": "password-of-the-canary"},
    ),
    "bootstrap": Variant("bootstrap", moto=True),  # the policy pack is about stacks
}


@pytest.mark.parametrize("name", VARIANTS)
def test_from_nothing_to_nothing(name: str) -> None:
    variant = VARIANTS[name]
    project = with_settings(find_project(variant.stack), variant.settings, variant.secrets)
    with sandbox(moto=variant.moto) as box:
        proofs = list(life_cycle(box, project, list(variant.secrets.values()), policies=variant.policies))
    assert [f"{p.claim}: {p.detail}" for p in proofs if not p.holds] == []
    assert len(proofs) >= 9
