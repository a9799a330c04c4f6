"""The planes of the edge against the code of the Flowise that is installed."""

import re

from components.common.planes import UNAUTHENTICATED
from tests.e2e.conftest import Estate


def test_every_path_that_flowise_leaves_open_has_a_plane(estate: Estate) -> None:
    """A new version of Flowise that opens or closes a path needs a decision about its plane."""
    code = estate.checkout / ".local" / "image" / "node_modules" / "flowise" / "dist"
    constants = (code / "utils" / "constants.js").read_text()
    entries = re.search(r"exports\.WHITELIST_URLS = \[(.*?)\];", constants, re.DOTALL)
    assert entries, "Flowise keeps its list somewhere else now: find it, then compare it with the planes"
    paths = set(re.findall(r"'(/[^']*)'", entries[1]))
    for provider, name in re.findall(r"(\w+)_1\.default\.(\w+_URI)", entries[1]):
        source = (code / "enterprise" / "sso" / f"{provider}.js").read_text()
        (path,) = re.findall(rf"^{provider}\.{name} = '([^']+)'", source, re.MULTILINE)
        paths.add(path)
    assert paths == set(UNAUTHENTICATED)
