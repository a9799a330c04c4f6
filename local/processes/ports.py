"""Ports and loopback addresses of one environment."""

import hashlib
import socket
from contextlib import closing
from typing import final

from local.errors import LocalError

_AGENT_PORT = 10250
"""Held on the first address of a pod network, so that no other environment takes it. (It is the kubelet's port.)"""


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port that nobody listens on at this moment."""
    with closing(socket.socket()) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there; a port below 1024 is not free for an ordinary user."""
    with closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError:
            return False
    return True


def loopbacks() -> list[str]:
    """Return the addresses that `localhost` may mean on this machine."""
    with closing(socket.socket(socket.AF_INET6)) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            return ["127.0.0.1"]
    return ["127.0.0.1", "[::1]"]


@final
class PodNetwork:
    """A /24 of the loopback network that belongs to one environment: without network namespaces, an address a pod."""

    def __init__(self, key: str) -> None:
        """`key` (checkout and stack) picks the network, so that addresses stay the same from start to start."""
        digest = hashlib.sha256(key.encode()).digest()
        self._next = 2
        for attempt in range(256):
            self._prefix = f"127.{64 + digest[0] % 128}.{(digest[1] + attempt) % 256}"
            self._agent = socket.socket()
            try:
                self._agent.bind((f"{self._prefix}.1", _AGENT_PORT))
            except OSError:
                self._agent.close()
                continue
            return
        raise LocalError(
            "no free loopback network for the pods", hint="Stop other environments: make local-down STACK=STACK"
        )

    def address(self) -> str:
        """Return an address that nobody had before; the environment runs out after 250."""
        if self._next > 254:  # noqa: PLR2004  # last host of a /24
            raise LocalError("the pod network has no address left", hint="Restart the environment: down, then up.")
        self._next += 1
        return f"{self._prefix}.{self._next - 1}"

    def close(self) -> None:
        """Give the network back."""
        self._agent.close()
