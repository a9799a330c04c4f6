"""The arrows of the pictures. An arrow is in each picture that has both ends, but where it says that it is hidden.

Those of a section that prod leaves out stand with its box, in `analysis/diagram/optional/`.
"""

from typing import Final

from analysis.diagram import optional
from analysis.diagram.model import DATA, EDGE, NETWORK, OBSERVABILITY, OVERVIEW, Arrow

_APP: Final = "FlowiseApp"

ARROWS: Final = (
    Arrow(start="people", end="dns", label="name"),
    Arrow(start="people", end="balancer", label="HTTPS inside the network", only_with="InternalEntry"),
    Arrow(
        start="people",
        end="cdn",
        label="HTTPS",
        hidden=(
            OVERVIEW,
            EDGE,
        ),
    ),
    Arrow(start="people", end="firewall", label="HTTPS"),
    Arrow(start="firewall", end="cdn"),
    Arrow(start="certificate", end="cdn", witness=("EdgeCdn", "SiteCertificate")),
    Arrow(start="cdn", end="balancer", label="VPC origin", hidden=(OBSERVABILITY,)),
    Arrow(start="balancer", end="servers", witness=(_APP, "PrivateLoadBalancer"), hidden=(OBSERVABILITY,)),
    Arrow(start="servers", end="database", label="TLS", hidden=(OBSERVABILITY,)),
    Arrow(
        start="servers",
        end="queue",
        label="jobs",
        hidden=(
            DATA,
            OBSERVABILITY,
        ),
    ),
    Arrow(start="workers", end="queue", label="jobs", hidden=(OBSERVABILITY,)),
    Arrow(
        start="workers",
        end="database",
        hidden=(
            DATA,
            OBSERVABILITY,
        ),
    ),
    Arrow(start="keda", end="workers", label="scales", witness=(_APP, "Keda")),
    Arrow(start="keda", end="queue"),
    Arrow(start="nodes", end="servers", label="carry", witness=(_APP, "FlowiseNodes")),
    Arrow(start="nodes", end="workers", label="carry", witness=(_APP, "FlowiseNodes")),
    Arrow(start="servers", end="files", hidden=(NETWORK,)),
    Arrow(start="workers", end="files", hidden=(NETWORK,)),
    Arrow(start="servers", end="secrets", label="read by the deployment"),
    Arrow(start="workers", end="nat", label="flows", witness=(_APP, "EksCluster")),
    Arrow(start="nat", end="internet"),
    Arrow(start="internet", end="models"),
    Arrow(start="nat", end="models", hidden=(NETWORK,)),
    Arrow(start="endpoint", end="files", witness=("NetworkStack", "NetworkStack")),
    Arrow(start="balancer", end="logs"),
    Arrow(start="database", end="backup", label="daily", witness=("BackupPlan", "FlowiseDb")),
    Arrow(start="files", end="backup", witness=("BackupPlan", "ModelBucket")),
    Arrow(start="backup", end="copy-backup"),
    Arrow(start="files", end="copy-files"),
    Arrow(start="secrets", end="copy-secrets"),
    Arrow(start="database", end="kms"),
    Arrow(start="files", end="kms"),
    Arrow(start="secrets", end="kms"),
    Arrow(start="queue", end="kms"),
    Arrow(start="servers", end="collector", label="OTLP", witness=(_APP, "Telemetry")),
    Arrow(start="workers", end="collector", label="OTLP", witness=(_APP, "Telemetry")),
    Arrow(start="servers", end="fluentd", label="files"),
    Arrow(start="workers", end="fluentd", label="files"),
    Arrow(start="collector", end="traces"),
    Arrow(start="collector", end="metrics", label="metrics", witness=("Telemetry", "Telemetry")),
    Arrow(start="fluentd", end="metrics", label="logs, redacted", witness=("Telemetry", "Telemetry")),
    Arrow(start="cdn", end="metrics", witness=("Observability", "EdgeCdn")),
    Arrow(start="balancer", end="metrics", witness=("Observability", "PrivateLoadBalancer")),
    Arrow(start="database", end="metrics", witness=("Observability", "FlowiseDb")),
    Arrow(start="queue", end="metrics", witness=("Observability", "FlowiseQueue")),
    Arrow(start="metrics", end="alarms"),
    Arrow(start="alarms", end="topic"),
    Arrow(start="budget", end="topic"),
    Arrow(start="topic", end="operators", label="mail, HTTPS"),
    *optional.ARROWS,
)
