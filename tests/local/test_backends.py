"""PostgreSQL, Valkey, the buckets' objects and the Pod Identity agent, against the real thing."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from moto.server import ThreadedMotoServer

from analysis.recorder import Request
from local.backends.authority import Authority
from local.backends.aws import AwsClients
from local.backends.objects import ObjectStore
from local.backends.postgres import Postgres
from local.backends.random_values import RandomValues
from local.backends.valkey import Valkey
from local.events import EventLog
from local.identity import PodIdentityAgent
from local.layout import StackLayout
from local.processes.supervisor import Supervisor
from local.state import State


def read_private(path: str) -> str:
    """Read a file that nobody else may read."""
    assert Path(path).stat().st_mode & 0o777 == 0o600
    return Path(path).read_text()


@pytest.fixture
def events(stack: StackLayout) -> Iterator[EventLog]:
    log = EventLog(stack.events)
    yield log
    log.close()


@pytest.fixture(scope="module")
def aws() -> Iterator[AwsClients]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield AwsClients(f"http://{host}:{port}", "eu-central-1")
    server.stop()


def test_valkey_speaks_tls_and_asks_for_the_password(stack: StackLayout, events: EventLog, directory: Path) -> None:
    authority = Authority(directory / "ca")

    def ask(port: int, commands: bytes) -> bytes:
        context = ssl.create_default_context(cafile=str(authority.bundle))
        plain = socket.create_connection(("localhost", port))
        with context.wrap_socket(plain, server_hostname="localhost") as connection:
            connection.sendall(commands)
            return connection.recv(1000)

    async def scenario() -> tuple[bytes, bytes, bytes]:
        valkey = Valkey("queue", stack, Supervisor(events), authority)
        await valkey.start('a"b\\c')
        refused = await asyncio.to_thread(ask, valkey.port, b"PING\r\n")
        granted = await asyncio.to_thread(ask, valkey.port, b'AUTH "a\\"b\\\\c"\r\n')
        policy = await asyncio.to_thread(ask, valkey.port, b'AUTH "a\\"b\\\\c"\r\nCONFIG GET maxmemory-policy\r\n')
        await valkey.stop()
        return refused, granted, policy

    refused, granted, policy = asyncio.run(scenario())
    assert refused.startswith(b"-NOAUTH")
    assert granted == b"+OK\r\n"
    assert policy.startswith(b"+OK")
    assert (stack.dir / "valkey-queue" / "valkey.conf").stat().st_mode & 0o777 == 0o600


def test_postgres_keeps_its_data_and_takes_a_new_master_password(
    stack: StackLayout, events: EventLog, directory: Path, postgres: Path
) -> None:
    authority, state = Authority(directory / "ca"), State(stack.state)

    async def start(password: str) -> Postgres:
        database = Postgres(
            "database",
            package=postgres,
            stack=stack,
            supervisor=Supervisor(events),
            authority=authority,
            state=state,
        )
        await database.start(user="flowise_admin", password=password, database="app")
        return database

    def connect(port: int, password: str, sslmode: str = "verify-full") -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(
            host="localhost",
            hostaddr="127.0.0.1",
            port=port,
            user="flowise_admin",
            password=password,
            dbname="app",
            sslmode=sslmode,
            sslrootcert=str(authority.bundle),
        )

    async def first() -> None:
        database = await start("first'pass\"word")
        with connect(database.port, "first'pass\"word") as connection:
            connection.execute('CREATE EXTENSION "uuid-ossp"')
            connection.execute("CREATE TABLE kept (id int)")
            assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (
                False,
            )
        with pytest.raises(psycopg.OperationalError, match="no encryption"):
            connect(database.port, "first'pass\"word", sslmode="disable").close()
        await database.stop()

    async def second() -> None:
        database = await start("second")
        with connect(database.port, "second") as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
        with pytest.raises(psycopg.OperationalError, match="authentication failed"):
            connect(database.port, "first'pass\"word").close()
        await database.stop()

    asyncio.run(first())
    asyncio.run(second())
    for log in stack.logs.glob("*.log"):
        assert "second" not in log.read_text()


def test_objects_come_back_after_a_restart(aws: AwsClients, directory: Path) -> None:
    s3 = aws.s3()
    for bucket in ("before", "after"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    store = ObjectStore(directory / "objects", aws)
    (directory / "objects").mkdir()
    assert store.restore("files", "before") == 0
    s3.put_object(Bucket="before", Key="a/b c.txt", Body=b"one", ContentType="text/plain", Metadata={"who": "me"})
    s3.put_object(Bucket="before", Key="gone", Body=b"x", ContentEncoding="base64")
    assert store.save()
    s3.delete_object(Bucket="before", Key="gone")
    s3.put_object(Bucket="before", Key="a/b c.txt", Body=b"two", ContentType="text/plain", Metadata={"who": "me"})
    assert store.save()

    assert ObjectStore(directory / "objects", aws).restore("files", "after") == 1
    got = s3.get_object(Bucket="after", Key="a/b c.txt")
    assert (got["Body"].read(), got["ContentType"], got["Metadata"]) == (b"two", "text/plain", {"who": "me"})
    assert len(list((directory / "objects" / "files").iterdir())) == 2  # the index and one content

    store.leave_out("before")
    s3.put_object(Bucket="before", Key="later", Body=b"x")
    assert store.save()
    assert "later" not in (directory / "objects" / "files" / "index.json").read_text()


def test_a_save_without_a_server_keeps_the_last_one(directory: Path) -> None:
    store = ObjectStore(directory, AwsClients("http://127.0.0.1:1", "eu-central-1"))
    assert store.restore("files", "bucket") == 0
    assert not store.save()


def test_the_agent_gives_each_pod_the_role_of_its_service_account(aws: AwsClients, stack: StackLayout) -> None:
    async def scenario() -> None:
        agent = PodIdentityAgent(aws, "eu-central-1")
        await agent.start()
        assert agent.variables("flowise", "flowise", stack.dir, None) == {}
        agent.associate("flowise", "flowise", "arn:aws:iam::123456789012:role/pods")
        variables = agent.variables("flowise", "flowise", stack.dir, None)
        token = read_private(variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"])
        url = variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
        async with httpx.AsyncClient(trust_env=False) as client:
            refused = await client.get(url, headers={"Authorization": "guess"})
            granted = await client.get(url, headers={"Authorization": token})
        await agent.stop()
        assert refused.status_code == 401
        assert granted.json().keys() == {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"}
        assert variables["AWS_REGION"] == "eu-central-1"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("kind", "inputs", "output", "length"),
    [
        ("randomPassword:RandomPassword", {"length": 24, "special": False}, "result", 24),
        ("randomBytes:RandomBytes", {"length": 32}, "hex", 64),
        ("randomId:RandomId", {"byteLength": 4}, "hex", 8),
        ("randomUuid:RandomUuid", {}, "result", 36),
    ],
)
def test_random_values_survive_until_their_inputs_change(
    kind: str, inputs: dict[str, object], output: str, length: int, stack: StackLayout
) -> None:
    def create(keepers: str) -> str:
        request = Request(type=f"random:index/{kind}", name="key", inputs=inputs | {"keepers": {"v": keepers}})
        created = RandomValues(State(stack.state)).create(request)
        assert created is not None
        return str(created.outputs[output])

    first = create("1")
    assert len(first) == length
    assert create("1") == first
    assert create("2") != first
    assert stack.state.stat().st_mode & 0o777 == 0o600


def test_a_password_holds_the_classes_that_are_asked_for(stack: StackLayout) -> None:
    inputs = {"length": 8, "minUpper": 2, "minLower": 2, "minNumeric": 2, "minSpecial": 2, "overrideSpecial": "!"}
    request = Request(type="random:index/randomPassword:RandomPassword", name="owner", inputs=inputs)
    created = RandomValues(State(stack.state)).create(request)
    assert created is not None
    result = created.outputs["result"]
    counts = [sum(map(test, result)) for test in (str.isupper, str.islower, str.isdigit, "!".__eq__)]
    assert counts == [2, 2, 2, 2]
