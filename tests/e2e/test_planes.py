"""The planes of the edge against the code of the Flowise that is installed."""

import json
import subprocess
from pathlib import Path

from components.edge.paths import UNAUTHENTICATED
from tests.e2e.conftest import Estate

_READ = "console.log(JSON.stringify(require('flowise/dist/utils/constants').WHITELIST_URLS))"


def test_every_path_that_flowise_leaves_open_has_a_plane(estate: Estate) -> None:
    """A new version of Flowise that opens or closes a path needs a decision in components/edge/paths.py."""
    local = estate.checkout / ".local"
    printed = subprocess.run(
        [str(Path(local / "tools" / "bin" / "node").resolve()), "-e", _READ],
        cwd=local / "image",
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(json.loads(printed.stdout.strip().splitlines()[-1])) == set(UNAUTHENTICATED)
