"""What every provider here answers in the same way, and how providers are served to Pulumi's engine."""

# Pulumi's generated messages and grpc's servicers carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false, reportUntypedBaseClass=false

import importlib.metadata
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc
from typing_extensions import override

_LARGEST_MESSAGE = 1024 * 1024 * 400
"""As the engine's own limit (sdk/go/common/util/rpcutil)."""
_THREADS = 64
"""A component that waits for its children holds a thread."""


class BaseProvider(provider_pb2_grpc.ResourceProviderServicer):
    """A provider of the version of its Python SDK, without a schema and with any configuration."""

    def __init__(self, package: str) -> None:
        super().__init__()
        self._package = package

    @override
    def Handshake(self, request: Any, context: Any) -> Any:
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, supports_autonaming_configuration=True)

    @override
    def Attach(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    @override
    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    @override
    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=importlib.metadata.version(f"pulumi-{self._package}"))

    @override
    def GetSchema(self, request: Any, context: Any) -> Any:
        return provider_pb2.GetSchemaResponse(schema="{}")

    @override
    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)


def configured() -> Any:
    """The answer to `Configure`."""
    return provider_pb2.ConfigureResponse(
        acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True
    )


def changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Settings of a provider that differ; another version of its plugin is none."""
    return sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key) and key != "version")


def changes(some: Any) -> Any:
    """`DIFF_SOME` or `DIFF_NONE`."""
    return provider_pb2.DiffResponse.DIFF_SOME if some else provider_pb2.DiffResponse.DIFF_NONE


@contextmanager
def serving(providers: Mapping[str, BaseProvider]) -> Generator[Mapping[str, int]]:
    """Serve providers on free ports, which are yielded by package, for `PULUMI_DEBUG_PROVIDERS`."""
    options = [
        ("grpc.max_receive_message_length", _LARGEST_MESSAGE),
        ("grpc.max_send_message_length", _LARGEST_MESSAGE),
    ]
    servers: list[grpc.Server] = []
    ports: dict[str, int] = {}
    try:
        for package, provider in providers.items():
            server = grpc.server(ThreadPoolExecutor(max_workers=_THREADS), options=options)
            provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
            ports[package] = server.add_insecure_port("127.0.0.1:0")
            server.start()
            servers.append(server)
        yield ports
    finally:
        for server in servers:
            server.stop(grace=None).wait()
