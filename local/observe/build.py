"""The Collector as a program: built once from its modules on the Go proxy, with the components that we use."""

import shutil
from pathlib import Path

from local.errors import EstateError

SOURCE = Path(__file__).parent / "collector"
"""What the Collector's own builder made of builder.yaml, with its go.sum."""
BUILD_FLAGS = ("-trimpath", "-ldflags=-s -w", "-mod=mod")
MINUTES = 4
"""On two cores; the next start finds what was built."""


def find_go() -> str:
    """Return the path of Go; raises `EstateError` without one."""
    go = shutil.which("go") or next((str(p) for p in [Path("/usr/local/go/bin/go")] if p.exists()), None)
    if go is None:
        raise EstateError(
            "--observe builds the OpenTelemetry Collector, and there is no Go on the PATH",
            hint="Install Go 1.26 or newer (https://go.dev/dl), or start without --observe.",
        )
    return go
