"""The image that holds the program's own scripts, for the workloads besides Flowise that run one of them."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ScriptsImage:
    """Where the scripts are, and as whom they run."""

    reference: str
    """Registry, repository and digest."""
    root: str
    """Folder of the image that holds `scripts`."""
    user_id: int
