"""Providers for Pulumi's engine that behave as the real ones do, over an account that exists on this machine."""

# grpc's servers carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportMissingTypeStubs=false

from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from engine.provider.backend import Backend
from engine.provider.server import Provider

PACKAGES = ("aws", "awsx", "eks", "random")
_LARGEST_MESSAGE = 1024 * 1024 * 400
"""As the engine's own limit (sdk/go/common/util/rpcutil)."""
_THREADS = 64
"""A component that waits for its children holds a thread."""


@contextmanager
def serve(backend: Backend | None = None) -> Generator[Mapping[str, int]]:
    """Serve the providers on free ports, which are yielded by package, for `PULUMI_DEBUG_PROVIDERS`.

    A backend that is given outlives the servers, so that the next run of the engine finds the account as it was left.
    """
    own = backend or Backend()
    options = [
        ("grpc.max_receive_message_length", _LARGEST_MESSAGE),
        ("grpc.max_send_message_length", _LARGEST_MESSAGE),
    ]
    servers: list[grpc.Server] = []
    ports: dict[str, int] = {}
    try:
        for package in PACKAGES:
            server = grpc.server(ThreadPoolExecutor(max_workers=_THREADS), options=options)
            provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(package, own), server)
            ports[package] = server.add_insecure_port("127.0.0.1:0")
            server.start()
            servers.append(server)
        yield ports
    finally:
        for server in servers:
            server.stop(grace=None).wait()
        if backend is None:
            own.close()


__all__ = ["PACKAGES", "Backend", "serve"]
