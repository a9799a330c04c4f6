"""The engine's side of the providers' protocol, for tests."""

# Pulumi's generated messages and grpc's stubs carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

from collections.abc import Mapping
from typing import Any, final

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from analysis.wire import Properties
from engine.provider.values import decode, encode

BUCKET = "aws:s3/bucket:Bucket"


@final
class Client:
    """Speaks to one provider as the engine does."""

    def __init__(self, port: int, **configuration: Any) -> None:
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self.stub.Configure(provider_pb2.ConfigureRequest(args=encode({"region": "us-east-1", **configuration})))

    def close(self) -> None:
        """Close the connection."""
        self._channel.close()

    def check(
        self,
        type_: str,
        news: Properties,
        *,
        name: str = "thing",
        olds: Properties | None = None,
        autonaming: Any = None,
    ) -> Any:
        """Check inputs; the answer has `inputs` and `failures`."""
        request = provider_pb2.CheckRequest(
            urn=_urn(type_, name), type=type_, name=name, news=encode(news), randomSeed=b"seed", autonaming=autonaming
        )
        if olds is not None:
            request.olds.CopyFrom(encode(olds))
        return self.stub.Check(request)

    def checked(
        self, type_: str, news: Properties, *, name: str = "thing", olds: Properties | None = None
    ) -> Properties:
        """Inputs as they come out of Check, which must not fail."""
        answer = self.check(type_, news, name=name, olds=olds)
        assert not answer.failures, answer.failures
        return decode(answer.inputs)

    def create(
        self, type_: str, news: Properties, *, name: str = "thing", preview: bool = False
    ) -> tuple[str, Properties]:
        """Check and create; returns the id and the outputs."""
        request = provider_pb2.CreateRequest(
            urn=_urn(type_, name),
            type=type_,
            name=name,
            preview=preview,
            properties=encode(self.checked(type_, news, name=name)),
        )
        answer = self.stub.Create(request)
        return str(answer.id), decode(answer.properties)

    def diff(self, type_: str, olds: Properties, news: Properties) -> Any:
        """Compare two checked sets of inputs."""
        return self.stub.Diff(
            provider_pb2.DiffRequest(
                id="id", urn=_urn(type_, "thing"), type=type_, name="thing", old_inputs=encode(olds), news=encode(news)
            )
        )

    def read(self, type_: str, id_: str) -> Any:
        """Read a resource back."""
        return self.stub.Read(provider_pb2.ReadRequest(id=id_, urn=_urn(type_, "thing"), type=type_, name="thing"))

    def update(
        self,
        type_: str,
        id_: str,
        olds: Properties,
        news: Properties,
        *,
        old_inputs: Properties | None = None,
        preview: bool = False,
    ) -> Properties:
        """Change a resource in place; returns the outputs."""
        answer = self.stub.Update(
            provider_pb2.UpdateRequest(
                id=id_,
                urn=_urn(type_, "thing"),
                type=type_,
                name="thing",
                olds=encode(olds),
                news=encode(news),
                old_inputs=encode(old_inputs or {}),
                preview=preview,
            )
        )
        return decode(answer.properties)

    def delete(self, type_: str, id_: str, outputs: Mapping[str, Any] | None = None) -> None:
        """Delete a resource."""
        self.stub.Delete(
            provider_pb2.DeleteRequest(
                id=id_, urn=_urn(type_, "thing"), type=type_, name="thing", properties=encode(dict(outputs or {}))
            )
        )


def _urn(type_: str, name: str) -> str:
    return f"urn:pulumi:dev::flowise::{type_}::{name}"
