"""Container paths and cluster names in texts, replaced by what they are on this machine."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import final

Resolve = Callable[[str, int | None], str | None]
"""(host, port) of a URL to the local `host:port`; None for a host that is not the cluster's."""

_URL = re.compile(
    r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)(?P<user>[^\s/@?#]*@)?(?P<host>[A-Za-z0-9.-]+)(?::(?P<port>\d+))?"
)


@final
class Rewriter:
    """Rewrites the texts of one container."""

    def __init__(self, paths: Mapping[str, Path], resolve: Resolve) -> None:
        """`paths` maps absolute container paths to local ones; the longest that fits wins."""
        self._paths = {prefix.rstrip("/"): str(local) for prefix, local in paths.items() if prefix.rstrip("/")}
        self._resolve = resolve
        prefixes = "|".join(re.escape(prefix) for prefix in sorted(self._paths, key=len, reverse=True))
        # A path begins where no word, dot, slash or dash goes on (or after `file://`) and ends likewise: /tmp is
        # neither in /opt/tmp nor in /tmpfs.
        self._pattern = re.compile(rf"(?:(?<![\w./-])|(?<=file://))(?:{prefixes})(?![\w.-])") if prefixes else None

    def text(self, value: str) -> str:
        """Rewrite the paths in a text."""
        return self._pattern.sub(lambda found: self._paths[found.group()], value) if self._pattern else value

    def path(self, value: str) -> Path:
        """Rewrite one path; a path outside of all volumes and of the image stays what it is."""
        return Path(self.text(value))

    def environment(self, values: Mapping[str, str]) -> dict[str, str]:
        """Rewrite paths and the hosts of URLs in every value."""
        return {key: self.text(_URL.sub(self._url, value)) for key, value in values.items()}

    def _url(self, found: re.Match[str]) -> str:
        port = found["port"]
        local = self._resolve(found["host"], int(port) if port else None)
        return found.group() if local is None else f"{found['scheme']}{found['user'] or ''}{local}"
