"""Providers for Pulumi's engine that behave as the real ones do, over an account that exists on this machine."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager

from engine.provider.backend import Backend
from engine.provider.base import serving
from engine.provider.server import Provider

PACKAGES = ("aws", "awsx", "eks", "random")


@contextmanager
def serve(backend: Backend | None = None) -> Generator[Mapping[str, int]]:
    """Serve the providers on free ports, which are yielded by package, for `PULUMI_DEBUG_PROVIDERS`.

    A backend that is given outlives the servers, so that the next run of the engine finds the account as it was left.
    """
    own = backend or Backend()
    try:
        with serving({package: Provider(package, own) for package in PACKAGES}) as ports:
            yield ports
    finally:
        if backend is None:
            own.close()


__all__ = ["PACKAGES", "Backend", "serve"]
