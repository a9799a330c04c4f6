"""What the platform gives a container besides its spec: the one place, complete."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

IMAGE_ROOT = "/opt/flowise"
"""Working directory of the image; everything Flowise is below it."""
IMAGE_USER = 1000
"""User of the image, when a spec names none."""


@dataclass(frozen=True, kw_only=True)
class Platform:
    """The node that the pods of one environment run on."""

    node_bin: Path
    """Directory with `node`, the only program of the image."""
    image: Path
    """Tree that stands for `IMAGE_ROOT`."""
    aws_endpoint: str
    """URL of moto."""
    region: str
    collector: Path | None
    """The OpenTelemetry Collector; None: its pods are not run."""

    def runs(self, image: str) -> bool:
        """Whether something on this machine stands for an image; other makers' cannot run as processes."""
        name = image.partition("@")[0].rpartition("/")[2].partition(":")[0]
        return "flowise" in name or (name == "opentelemetry-collector-contrib" and self.collector is not None)

    @property
    def programs(self) -> dict[str, Path]:
        """Paths in images, and what is there on this machine."""
        return {IMAGE_ROOT: self.image, **({"/otelcol-contrib": self.collector} if self.collector else {})}

    def environment(self, *, address: str, agent: Mapping[str, str], tmp: Path | None) -> dict[str, str]:
        """Return what a container finds in its environment without having asked; its own variables win.

        | variable           | on AWS                              | here                               |
        | PATH               | the image                           | node's directory, the system's     |
        | AWS_REGION and     | the Pod Identity webhook, for pods  | `agent`, by the same rule          |
        | AWS_CONTAINER_*    | whose account has an association    |                                    |
        | AWS_ENDPOINT_URL   | the public DNS                      | moto                               |
        | HOST               | the pod's network namespace         | the pod's own loopback address     |
        | TMPDIR             | the pod's mount namespace           | the volume mounted at /tmp, if any |
        """
        return {
            **({"TMPDIR": str(tmp)} if tmp else {}),
            "PATH": f"{self.node_bin}:/usr/local/bin:/usr/bin:/bin",
            "AWS_ENDPOINT_URL": self.aws_endpoint,
            "HOST": address,
            **agent,
        }
