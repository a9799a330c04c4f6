"""Probes and lifecycle hooks, as the kubelet runs them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import httpx

from local.backends.wait import accepts
from local.cluster.store import Spec
from local.errors import LocalError
from local.loopback import loopback_client

Run = Callable[[list[str], float], Awaitable[int]]
"""Runs a command in the container (argv, seconds) and returns its exit code; `TimeoutError` when it takes longer."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """The container that a probe looks at."""

    address: str
    ports: Mapping[str, int]
    """Named container ports."""
    run: Run

    def port(self, value: int | str) -> int:
        """Number of a port that may be given by name."""
        if isinstance(value, int) or value.isdigit():
            return int(value)
        if value in self.ports:
            return self.ports[value]
        raise LocalError(
            f"no container port is called '{value}'", hint=f"There are: {', '.join(self.ports) or 'none'}."
        )


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One probe; all times in seconds."""

    action: Spec
    initial_delay: float
    period: float
    timeout: float
    success_threshold: int
    failure_threshold: int

    @classmethod
    def of(cls, container: Spec, key: str) -> "Probe | None":
        """Read `startupProbe`, `readinessProbe` or `livenessProbe` with Kubernetes' defaults."""
        spec = cast("Spec | None", container.get(key))
        if not spec:
            return None
        return cls(
            action=spec,
            initial_delay=spec.get("initialDelaySeconds") or 0,
            period=spec.get("periodSeconds") or 10,
            timeout=spec.get("timeoutSeconds") or 1,
            success_threshold=spec.get("successThreshold") or 1,
            failure_threshold=spec.get("failureThreshold") or 3,
        )

    async def check(self, target: Target) -> str:
        """Try once; return what is wrong, or nothing."""
        try:
            return await act(self.action, target, self.timeout)
        except TimeoutError:
            return f"no answer within {self.timeout:g} s"


async def act(action: Spec, target: Target, seconds: float) -> str:
    """Do what a probe or hook says; return what went wrong, or nothing. Raises `TimeoutError` after `seconds`."""
    if http := action.get("httpGet"):
        return await _http_get(cast("Spec", http), target, seconds)
    if command := action.get("exec"):
        code = await target.run([str(word) for word in command["command"]], seconds)
        return f"the command ended with exit code {code}" if code else ""
    if socket := action.get("tcpSocket"):
        host, port = socket.get("host") or target.address, target.port(socket["port"])
        async with asyncio.timeout(seconds):
            return "" if await accepts(host, port) else f"nobody listens on port {port}"
    if pause := action.get("sleep"):
        await asyncio.sleep(pause["seconds"])
        return ""
    raise LocalError(f"the local cluster knows no probe or hook such as: {', '.join(action)}")


async def _http_get(spec: Spec, target: Target, seconds: float) -> str:
    scheme = str(spec.get("scheme") or "HTTP").lower()
    host = spec.get("host") or target.address
    url = f"{scheme}://{host}:{target.port(spec['port'])}{spec.get('path') or '/'}"
    headers = {h["name"]: h["value"] for h in cast("list[dict[str, Any]]", spec.get("httpHeaders") or [])}
    async with loopback_client(seconds) as client:
        try:
            response = await client.get(url, headers={"User-Agent": "kube-probe/local"} | headers)
        except httpx.TimeoutException as error:
            raise TimeoutError from error
        except httpx.HTTPError as error:
            return f"{type(error).__name__} at {url}"
    return "" if response.status_code < httpx.codes.BAD_REQUEST else f"HTTP {response.status_code} at {url}"
