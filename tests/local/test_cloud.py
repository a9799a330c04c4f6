"""Who answers for which resource."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from analysis.recorder import Created, Request
from analysis.wire import Properties
from local.backends.aws import AwsClients
from local.backends.databases import Source, Wanted
from local.backends.random_values import RandomValues
from local.cloud import EnvironmentServices, LocalProvider, StoppedError
from local.edge import EdgeRoutes
from local.errors import LocalError
from local.state import State


class _FakeAws:
    """Stands for moto, or for what is only recorded."""

    def __init__(self, made: Any) -> None:
        self._made = made

    def create(self, request: Request) -> Created:
        if request.name == "refused":
            raise ValueError("no room")
        return Created(id=f"{request.name}-id", outputs={"arn": "arn"}, backing=self._made)

    def call(self, token: str, args: Properties) -> Properties:
        return {"token": token, "args": args, "from": self._made}


class _FakeParts:
    """Notes what the cloud asks for."""

    def __init__(self, state: Path) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.random = RandomValues(State(state))
        self.cluster = self
        self.objects = self
        self.block = asyncio.Event()

    async def moto(self) -> _FakeAws:
        return _FakeAws("moto")

    async def postgres(self, wanted: Wanted) -> int:
        self.asked.append(("postgres", wanted))
        return 5433

    async def valkey(self, name: str, token: str) -> int:
        self.asked.append(("valkey", name, token))
        return 6380

    async def ready_for_pods(self) -> None:
        pass

    async def create(self, request: Request) -> Created | None:
        if request.name == "slow":
            await self.block.wait()
        if request.name == "broken":
            raise LocalError("broken", hint="fix it")
        return None if "PodDisruptionBudget" in request.type else Created(id="x", backing="process")

    def associate(self, namespace: str, service_account: str, role_arn: str) -> None:
        self.asked.append(("associate", namespace, service_account, role_arn))

    async def open_edge(self, routes: EdgeRoutes | None = None) -> None:
        self.asked.append(("edge", "as rendered" if routes else "plain"))

    def restore(self, resource: str, bucket: str) -> int:
        self.asked.append(("restore", resource, bucket))
        return 0

    def leave_out(self, bucket: str) -> None:
        self.asked.append(("leave out", bucket))


def run(
    tmp_path: Path, work: Callable[[LocalProvider], Any], interfere: Callable[[LocalProvider], None] | None = None
) -> Any:
    """Call the cloud from a thread of its own, as the recorder does; return the answer and what was asked for."""

    async def main() -> Any:
        parts = _FakeParts(tmp_path / "state.json")
        loop = asyncio.get_running_loop()
        aws = AwsClients("http://127.0.0.1:1", "eu-central-1")
        cloud = LocalProvider(cast("EnvironmentServices", parts), _FakeAws("recorded"), loop, aws)
        working = asyncio.create_task(asyncio.to_thread(work, cloud))
        if interfere:
            await asyncio.sleep(0.05)
            interfere(cloud)
        return await working, parts.asked

    return asyncio.run(main())


def request(type_: str, name: str = "a", **inputs: Any) -> Request:
    return Request(type=type_, name=name, inputs=inputs)


@pytest.mark.parametrize(
    ("type_", "made"),
    [
        ("aws:ec2/vpc:Vpc", "moto"),
        ("kubernetes:core/v1:ConfigMap", "process"),
        ("kubernetes:policy/v1:PodDisruptionBudget", "recorded"),
        ("random:index/randomUuid:RandomUuid", "process"),
        ("random:index/randomPet:RandomPet", "recorded"),
        ("tls:index/privateKey:PrivateKey", "recorded"),
        ("pulumi:providers:kubernetes", "recorded"),
        ("pulumi:providers:aws", "moto"),  # brings the default tags
    ],
)
def test_every_provider_has_its_own_answer(type_: str, made: str, tmp_path: Path) -> None:
    created, _ = run(tmp_path, lambda cloud: cloud.create(request(type_)))
    assert created.backing == made


def test_the_data_stores_are_real(tmp_path: Path) -> None:
    database = request("aws:rds/instance:Instance", "db", username="admin", password="pw", dbName="app")
    created, asked = run(tmp_path, lambda cloud: cloud.create(database))
    wanted = Wanted(name="db", identifier="db", user="admin", password="pw", database="app")
    assert asked == [("postgres", wanted)]
    assert created.outputs == {"arn": "arn", "address": "localhost", "port": 5433, "endpoint": "localhost:5433"}
    assert (created.id, created.backing) == ("db-id", "process")

    cache = request("aws:elasticache/replicationGroup:ReplicationGroup", "queue", authToken="t")
    created, asked = run(tmp_path, lambda cloud: cloud.create(cache))
    assert asked == [("valkey", "queue", "t")]
    assert created.outputs == {"arn": "arn", "primaryEndpointAddress": "localhost", "port": 6380}


@pytest.mark.parametrize(
    ("inputs", "source"),
    [
        ({"snapshotIdentifier": "before"}, Source(snapshot="before")),
        (
            {"restoreToPointInTime": {"sourceDbInstanceIdentifier": "a-db", "restoreTime": "2026-11-23T10:00:00Z"}},
            Source(identifier="a-db", moment="2026-11-23T10:00:00Z"),
        ),
        (
            {"restoreToPointInTime": {"sourceDbInstanceIdentifier": "a-db", "useLatestRestorableTime": True}},
            Source(identifier="a-db"),
        ),
    ],
)
def test_a_restored_database_is_made_from_its_source(inputs: dict[str, Any], source: Source, tmp_path: Path) -> None:
    database = request("aws:rds/instance:Instance", "db-g2", identifier="a-db-g2", username="a", password="p", **inputs)
    _, asked = run(tmp_path, lambda cloud: cloud.create(database))
    assert asked == [
        ("postgres", Wanted(name="db-g2", identifier="a-db-g2", user="a", password="p", database="", source=source))
    ]


def test_what_follows_from_a_resource(tmp_path: Path) -> None:
    association = request(
        "aws:eks/podIdentityAssociation:PodIdentityAssociation", namespace="n", serviceAccount="s", roleArn="r"
    )
    behavior = {"allowedMethods": ["GET"]}
    for resource, expected in (
        (request("aws:s3/bucket:Bucket", "files"), ("restore", "files", "files-id")),
        (request("aws:s3/bucketLogging:BucketLogging", targetBucket="logs-1"), ("leave out", "logs-1")),
        (association, ("associate", "n", "s", "r")),
        (request("aws:cloudfront/distribution:Distribution", defaultCacheBehavior=behavior), ("edge", "as rendered")),
        (request("kubernetes:networking.k8s.io/v1:Ingress"), ("edge", "plain")),
    ):
        _, asked = run(tmp_path, lambda cloud, resource=resource: cloud.create(resource))
        assert asked == [expected]


def test_provider_functions(tmp_path: Path) -> None:
    assert run(tmp_path, lambda cloud: cloud.call("aws:index/x:x", {}))[0]["from"] == "moto"
    assert run(tmp_path, lambda cloud: cloud.call("tls:index/x:x", {}))[0]["from"] == "recorded"


def test_an_error_keeps_its_type(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="broken"):
        run(tmp_path, lambda cloud: cloud.create(request("kubernetes:batch/v1:Job", "broken")))


def test_any_other_error_says_which_resource_it_was(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=r"aws:ec2/vpc:Vpc 'refused' could not be made: ValueError: no room"):
        run(tmp_path, lambda cloud: cloud.create(request("aws:ec2/vpc:Vpc", "refused")))


def test_closing_ends_what_is_being_made(tmp_path: Path) -> None:
    begun = threading.Event()

    def work(cloud: LocalProvider) -> None:
        begun.set()
        with pytest.raises(StoppedError):
            cloud.create(request("kubernetes:batch/v1:Job", "slow"))
        with pytest.raises(StoppedError):
            cloud.create(request("aws:ec2/vpc:Vpc"))

    run(tmp_path, work, interfere=lambda cloud: cloud.close())
    assert begun.is_set()
