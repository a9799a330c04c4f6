"""Answers for every provider of the program: moto, real processes, or only a record."""

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar, cast, final

from analysis.recorder import Created, Provider, Request
from analysis.wire import Properties
from local.backends.aws import AwsClients
from local.backends.databases import Source, Wanted
from local.backends.objects import ObjectStore
from local.backends.random_values import RandomValues
from local.cluster.cluster import Cluster
from local.edge import EdgeRoutes, RenderedEdge
from local.errors import LocalError

T = TypeVar("T")
_INGRESS = "kubernetes:networking.k8s.io/v1:Ingress"


class EnvironmentServices(Protocol):
    """What the cloud asks of the environment. Runs on the daemon's event loop."""

    cluster: Cluster
    objects: ObjectStore
    random: RandomValues

    async def moto(self) -> Provider:
        """Return the AWS side once its server answers."""
        ...

    async def postgres(self, wanted: Wanted) -> int:
        """Start a database, or make it from a backup; return its port."""
        ...

    async def valkey(self, name: str, token: str) -> int:
        """Start a cache; return its TLS port."""
        ...

    async def ready_for_pods(self) -> None:
        """Wait for everything a pod needs: packages, agent, Services."""
        ...

    def associate(self, namespace: str, service_account: str, role_arn: str) -> None:
        """Give a service account a role."""
        ...

    async def open_edge(self, routes: EdgeRoutes | None = None) -> None:
        """Open the entry point, by way of a distribution's routes if there is one."""
        ...


class StoppedError(Exception):
    """The environment stops, so nothing is made any more."""


@final
class LocalProvider:
    """The `Provider` of a local environment; called from the recorder's threads."""

    def __init__(
        self, parts: EnvironmentServices, recorded: Provider, loop: asyncio.AbstractEventLoop, aws: AwsClients
    ) -> None:
        """`recorded` answers for what nothing here can hold."""
        self._parts = parts
        self._recorded = recorded
        self._loop = loop
        self._aws = aws
        self._rendered_edge = RenderedEdge()
        self._admitting = threading.Lock()
        self._closed = False
        self.failure: LocalError | None = None
        """Why the first resource failed; Pulumi's runtime wraps some exceptions and reports a later one."""
        self._pending: set[asyncio.Task[Any]] = set()
        self._after: dict[str, Callable[[Request, Created], Created]] = {
            "aws:rds/instance:Instance": self._database,
            "aws:elasticache/replicationGroup:ReplicationGroup": self._cache,
            "aws:s3/bucket:Bucket": self._bucket,
            "aws:s3/bucketLogging:BucketLogging": self._bucket_logging,
            "aws:eks/podIdentityAssociation:PodIdentityAssociation": self._association,
            "aws:cloudfront/distribution:Distribution": self._distribution,
            "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": self._admitted,
        }

    def create(self, request: Request) -> Created:
        """Make a resource; blocks until it is there. Raises `LocalError`."""
        if self._closed:
            raise StoppedError
        try:
            return self._create(request)
        except StoppedError:
            raise
        except LocalError as error:
            self.failure = self.failure or error
            raise
        except Exception as error:
            hint = "The traceback is in the daemon's log: .venv/bin/python -m local logs STACK --only daemon"
            text = f"{request.type} '{request.name}' could not be made: {type(error).__name__}: {error}"
            self.failure = self.failure or LocalError(text, hint=hint)
            raise self.failure from error

    def _create(self, request: Request) -> Created:
        provider = request.type.partition(":")[0]
        if provider == "aws" or request.type == "pulumi:providers:aws":
            made = self._wait(self._parts.moto()).create(request)
            self._rendered_edge.remember(request, made)
            after = self._after.get(request.type)
            return after(request, made) if after and not request.existing_id else made
        made = None
        if provider == "kubernetes":
            made = self._wait(self._kubernetes(request))
        elif provider == "random":
            made = self._parts.random.create(request)
        return self._recorded.create(request) if made is None else made

    def call(self, token: str, args: Properties) -> Properties:
        """Answer a provider function."""
        if self._closed:
            raise StoppedError
        cloud = self._wait(self._parts.moto()) if token.startswith("aws:") else self._recorded
        return cloud.call(token, args)

    def close(self) -> None:
        """End all that is being made, and make nothing more; runs on the event loop."""
        self._closed = True
        for task in self._pending:
            task.cancel()

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the daemon's loop and wait for it in this thread."""

        async def tracked() -> T:
            if self._closed:
                work.close()
                raise StoppedError
            task = asyncio.ensure_future(work)
            self._pending.add(task)
            try:
                return await task
            except asyncio.CancelledError:
                raise StoppedError from None
            finally:
                self._pending.discard(task)

        return asyncio.run_coroutine_threadsafe(tracked(), self._loop).result()

    async def _kubernetes(self, request: Request) -> Created | None:
        await self._parts.ready_for_pods()
        made = await self._parts.cluster.create(request)
        if request.type == _INGRESS:  # with an ingress there is no distribution
            await self._parts.open_edge()
        return made

    def _database(self, request: Request, made: Created) -> Created:
        inputs = request.inputs
        if inputs.get("replicateSourceDb"):
            return made  # a replica has nothing to replicate from here
        user, password = str(inputs.get("username") or "postgres"), str(inputs.get("password") or "")
        if inputs.get("manageMasterUserPassword"):
            user, password = self._master_secret(request, made)
        wanted = Wanted(
            name=request.name,
            identifier=str(inputs.get("identifier") or request.name),
            user=user,
            password=password,
            database=str(inputs.get("dbName") or ""),
            source=_source(inputs),
        )
        port = self._wait(self._parts.postgres(wanted))
        address = {"address": "localhost", "port": port, "endpoint": f"localhost:{port}"}
        return _as_process(made, address)

    def _master_secret(self, request: Request, made: Created) -> tuple[str, str]:
        try:
            arn = made.outputs["masterUserSecrets"][0]["secretArn"]
        except (KeyError, IndexError, TypeError):
            raise LocalError(f"the database {request.name} got no master secret from moto") from None
        text = self._aws.secrets().get_secret_value(SecretId=arn)["SecretString"]
        secret = cast("dict[str, str]", json.loads(text))
        return secret["username"], secret["password"]

    def _cache(self, request: Request, made: Created) -> Created:
        port = self._wait(self._parts.valkey(request.name, str(request.inputs.get("authToken") or "")))
        return _as_process(made, {"primaryEndpointAddress": "localhost", "port": port})

    def _bucket(self, request: Request, made: Created) -> Created:
        self._parts.objects.restore(request.name, made.id)
        return made

    def _bucket_logging(self, request: Request, made: Created) -> Created:
        # Saving reads the buckets, and every read becomes an object in the log bucket, which would never end.
        self._parts.objects.leave_out(str(request.inputs["targetBucket"]))
        return made

    def _association(self, request: Request, made: Created) -> Created:
        inputs = request.inputs
        self._parts.associate(inputs["namespace"], inputs["serviceAccount"], inputs["roleArn"])
        return made

    def _distribution(self, request: Request, made: Created) -> Created:
        self._wait(self._parts.open_edge(self._rendered_edge.routes(request.inputs)))
        return _as_process(made, {})

    def _admitted(self, request: Request, made: Created) -> Created:
        with self._admitting:  # each opens the edge to all that were admitted before it
            routes = self._rendered_edge.admit(request.inputs)
            if routes is None:
                return made
            self._wait(self._parts.open_edge(routes))
        return _as_process(made, {})


def _source(inputs: Properties) -> Source | None:
    """Read what an instance is to be restored from."""
    moment = cast("dict[str, Any]", inputs.get("restoreToPointInTime") or {})
    if inputs.get("snapshotIdentifier"):
        return Source(snapshot=str(inputs["snapshotIdentifier"]))
    if moment:
        return Source(
            identifier=str(moment.get("sourceDbInstanceIdentifier") or ""), moment=str(moment.get("restoreTime") or "")
        )
    return None


def _as_process(made: Created, outputs: Properties) -> Created:
    return Created(id=made.id, outputs={**made.outputs, **outputs}, backing="process")
