"""All kinds of objects that a stack makes in its cluster, and through which of its two providers."""

from functools import cache

from analysis.recorder import Record, Recording
from tests.conftest import recorded_with

ROLES = [
    f"arn:aws:iam::123456789012:role/flowise-bootstrap/flowise-bootstrap-account-{n}" for n in ("preview", "drift")
]


@cache
def everything() -> Recording:
    """The prod stack with the roles of previews, and every section that makes objects in the cluster."""
    return recorded_with(
        "prod",
        {
            "cluster.preview_role_arns": ROLES,
            "telemetry.logs": {"retention_days": 30},
            "telemetry.datadog": {"site": "datadoghq.eu"},
            "observability.canary": {"flow_id": "0c4ab1c1-1c1b-4bb9-8a5b-0a4b2f0a8e64", "login_email": "c@example.com"},
        },
        secrets={"datadog_api_key": "a" * 32, "otlp_authorization": "Bearer other", "canary_password": "a-password"},
    )


def in_cluster(recording: Recording) -> list[Record]:
    """Objects that the program makes in the cluster."""
    return [r for r in recording.records if r.type.startswith("kubernetes:") and not r.expanded]


def is_private(recording: Recording, record: Record) -> bool:
    """Whether the object's provider previews without a dry run."""
    (provider,) = [r for r in recording.records if r.urn == record.provider]
    return provider.inputs.get("enableServerSideApply") in {"false", False}
