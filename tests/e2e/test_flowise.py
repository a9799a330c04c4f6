"""The real Flowise, from the rendered pods: what people do with it, in main mode (dev) and in queue mode (prod).

Tests of one stack run in order and share the environment; the restart comes last.
"""

import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
import trustme

from components.app.http_check import http_check
from tests.e2e.conftest import LocalEnvironment
from tests.e2e.flowise_api import FlowiseApi, FlowiseError
from tests.local.rig import NODE_BIN

QUESTION = "does it work?"
ANSWER = "answer:DOES IT WORK?"
FILE = ("notes.txt", b"two lines\nof text\n")
CREDENTIAL = {"basicAuthUsername": "ada", "basicAuthPassword": "kept-secret-1"}


@dataclass
class Work:
    """What the tests of one environment leave for each other."""

    flow: str = ""
    api_key: str = ""
    credential: str = ""
    chat: str = "3f0c2c52-8a3e-4a55-9d3d-0c1f6e1c7a10"


@pytest.fixture(scope="module")
def work(local_env: LocalEnvironment) -> Work:
    """Shared by the tests of one environment."""
    del local_env
    return Work()


@pytest.fixture
def api(local_env: LocalEnvironment) -> Iterator[FlowiseApi]:
    """A client that is logged in as the owner."""
    with local_env.login() as owner:
        yield owner


def test_the_owner_is_there_and_nobody_else_can_claim_the_instance(local_env: LocalEnvironment) -> None:
    with local_env.login() as owner:
        assert "shouts" not in owner.list_flows()
    with FlowiseApi(local_env.url) as outsider, pytest.raises(FlowiseError):
        outsider.login("outsider@example.com", "Wrong-password-1")


@pytest.mark.parametrize(
    ("address", "verdict"),
    [
        ("10.20.30.1", "open"),
        ("10.20.31.1", "denied"),
        ("127.0.0.1", "denied"),
        ("::1", "denied"),
        ("140.82.112.3", "open"),
    ],
)
def test_flowise_itself_calls_the_named_private_network_and_no_other(
    local_env: LocalEnvironment, address: str, verdict: str
) -> None:
    script = "require('./node_modules/flowise-components/dist/src/httpSecurity.js').checkDenyList(process.argv[1])"
    ask = f"{script}.then(() => 'open', () => 'denied').then((said) => {{ console.log(said); process.exit(); }})"
    answer = subprocess.run(
        [NODE_BIN / "node", "--eval", ask, f"http://[{address}]/" if ":" in address else f"http://{address}/"],
        cwd=local_env.image,
        env=http_check(["10.20.30.0/28"]),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert answer.stdout.strip() == verdict


def test_a_flow_answers_with_an_api_key(local_env: LocalEnvironment, api: FlowiseApi, work: Work) -> None:
    work.api_key = api.create_api_key("e2e")
    work.flow = api.create_agent_flow("shouts")
    with FlowiseApi(local_env.url) as outside:
        assert outside.predict(work.flow, QUESTION, work.api_key) == ANSWER


def test_a_prediction_streams(api: FlowiseApi, work: Work) -> None:
    events = api.predict_stream(work.flow, QUESTION)
    kinds = [event.event for event in events]
    assert kinds[0] == "start" or "token" in kinds
    assert kinds[-1] == "end"
    assert ANSWER in "".join(str(event.data) for event in events if event.event == "token")


def test_the_worker_does_the_work_in_queue_mode(local_env: LocalEnvironment, work: Work) -> None:
    worker_log = local_env.log("worker")
    if local_env.stack == "dev":
        assert worker_log == ""
    else:
        assert re.search(rf"{work.flow}|Processing job", worker_log), worker_log[-2000:]


def test_an_uploaded_file_lies_in_the_bucket(local_env: LocalEnvironment, api: FlowiseApi, work: Work) -> None:
    assert api.upload_file(work.flow, work.chat, *FILE) == FILE[1].decode()
    with local_env.s3() as s3:
        buckets = [bucket.get("Name", "") for bucket in s3.list_buckets()["Buckets"]]
        (bucket,) = (name for name in buckets if "files" in name and "recovery" not in name)
        keys = [o.get("Key", "") for o in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
        mine = [key for key in keys if work.flow in key and work.chat in key]
        assert len(mine) == 1, keys
        stored = s3.get_object(Bucket=bucket, Key=mine[0])
        with stored["Body"] as body:
            assert body.read() == FILE[1]
    assert stored["ServerSideEncryption"] == "aws:kms"
    assert api.download_file(work.flow, work.chat, FILE[0]) == FILE[1]


def test_a_credential_can_be_kept(api: FlowiseApi, work: Work) -> None:
    work.credential = api.create_credential("e2e", CREDENTIAL)
    assert api.read_credential(work.credential)["basicAuthUsername"] == "ada"


def test_the_database_refuses_plain_connections_and_wrong_authorities(
    local_env: LocalEnvironment, tmp_path_factory: pytest.TempPathFactory
) -> None:
    port = int(local_env.endpoints()["database"])
    place = f"host=localhost port={port} user=flowise dbname=flowise password=unused"
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry .* no encryption"):
        psycopg.connect(f"{place} sslmode=disable")
    outsider = tmp_path_factory.mktemp("ca") / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(outsider))
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        psycopg.connect(f"{place} sslmode=verify-full sslrootcert={outsider}")


def test_the_queue_speaks_tls_only(local_env: LocalEnvironment) -> None:
    if local_env.stack == "dev":
        assert "queue" not in local_env.endpoints()
        return
    with socket.create_connection(("localhost", int(local_env.endpoints()["queue"])), timeout=5) as plain:
        plain.sendall(b"PING\r\n")
        assert b"PONG" not in plain.recv(64)
    context = ssl.create_default_context(cafile=str(local_env.checkout / ".local" / "image" / "certs" / "rds.pem"))
    with (
        socket.create_connection(("localhost", int(local_env.endpoints()["queue"])), timeout=5) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as secured,
    ):
        secured.sendall(b"PING\r\n")
        assert secured.recv(64).startswith(b"-NOAUTH")


def test_a_second_start_says_that_it_is_up(local_env: LocalEnvironment) -> None:
    again = local_env.up()
    assert again.returncode == 0
    assert "is up already" in again.stdout
    assert local_env.url in again.stdout


def test_secrets_are_in_no_log(local_env: LocalEnvironment) -> None:
    _, password = local_env.owner()
    everything = local_env.log("") + (local_env.directory / "events.jsonl").read_text()
    for secret in (password, CREDENTIAL["basicAuthPassword"]):
        assert secret not in everything


def test_everything_is_there_after_a_restart(local_env: LocalEnvironment, work: Work) -> None:
    assert local_env.down().returncode == 0
    assert local_env.processes() == []
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", local_env.port)) != 0
    assert local_env.up().returncode == 0
    with local_env.login() as api:
        assert api.read_credential(work.credential)["basicAuthUsername"] == "ada"
        assert api.predict(work.flow, QUESTION, work.api_key) == ANSWER
        assert api.download_file(work.flow, work.chat, FILE[0]) == FILE[1]
