"""Certificate authorities of a company: who mounts them, and that Node trusts them besides RDS's."""

import json
import os
import ssl
import subprocess
import threading
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

from analysis.evaluation import evaluate_recording
from analysis.recorder import Recording, Request
from local.cluster.environment import PodIdentity, render_environment
from local.cluster.rewrite import Rewriter
from local.cluster.store import Store, kind_of, to_object
from local.cluster.volumes import make_volumes, mount_paths
from policies.model import Resource
from policies.rules.workloads import flowise_sandbox_closed
from tests.components.test_observability import CANARY
from tests.conftest import edited, recorded_with, shared_on_disk
from tests.local.rig import NODE_BIN
from tests.policies.test_rules import TODAY


def authority(name: str) -> tuple[bytes, bytes]:
    """Certificate and key of a new authority."""
    made = trustme.CA(organization_name=name)
    return made.cert_pem.bytes(), made.private_key_pem.bytes()


COMPANY = trustme.CA.from_pem(*shared_on_disk("authority", lambda: authority("Company")))
"""The same in every run: it is in the stack file, and a recording is found again by that."""
AMAZON, UNKNOWN = (trustme.CA.from_pem(*authority(name)) for name in ("Amazon", "Unknown"))
PEM = COMPANY.cert_pem.bytes().decode()
EDITS = {"app.certificate_authorities": PEM, "observability.canary": CANARY}
NODE = {"NODE_USE_SYSTEM_CA": "1", "SSL_CERT_FILE": "/etc/flowise-authorities/authorities.pem"}
WORKLOADS: dict[str, tuple[str, str, dict[str, str]]] = {
    "server": ("kubernetes:apps/v1:Deployment", "flowise-server", NODE),
    "worker": ("kubernetes:apps/v1:Deployment", "flowise-worker", NODE),
    "migration": ("kubernetes:batch/v1:Job", "flowise-migration", NODE),
    "owner": ("kubernetes:batch/v1:Job", "flowise-owner", NODE),
    "canary": ("kubernetes:batch/v1:CronJob", "observability-canary", NODE),
    "collector": (
        "kubernetes:apps/v1:Deployment",
        "telemetry-collector",
        {"SSL_CERT_DIR": "/etc/ssl/certs:/etc/flowise-authorities"},  # a list, and Go reads its own file besides
    ),
    "fluentd": ("kubernetes:apps/v1:DaemonSet", "telemetry-logs", {"SSL_CERT_FILE": NODE["SSL_CERT_FILE"]}),
}
PROBE = """
const https = require('node:https');
const tls = require('node:tls');
const results = {};
const asked = Object.entries(JSON.parse(process.argv[1])).map(async ([name, port]) => {
  const url = `https://localhost:${port}/`;
  const own = new Promise((done) => https.get(url, { agent: new https.Agent() }, (r) => done(r.resume().statusCode))
    .on('error', (error) => done(error.code)));
  const socket = new Promise((done) => { const s = tls.connect({ port, host: 'localhost', servername: 'localhost' },
    () => { s.destroy(); done(200); }); s.on('error', (error) => done(error.code)); });
  const fetched = fetch(url).then((answer) => answer.status, (error) => error.cause.code);
  results[name] = await Promise.all([fetched, own, socket]);
});
Promise.all(asked).then(() => { console.log(JSON.stringify(results)); process.exit(); });
"""


def pod_of(recording: Recording, type_: str, name: str) -> dict[str, Any]:
    """Spec of the pods that a workload starts."""
    spec = recording.only(type_, name).inputs["spec"]
    return spec.get("jobTemplate", {"spec": spec})["spec"]["template"]["spec"]


def store_of(recording: Recording) -> Store:
    """All objects of a recording."""
    store = Store()
    for record in recording.records:
        if record.type.startswith("kubernetes:") and kind_of(record.type) in {"ConfigMap", "Secret"}:
            found = to_object(Request(type=record.type, name=record.name, inputs=record.inputs))
            name = record.outputs["metadata"]["name"]
            store.put(type(found)(kind=found.kind, namespace=found.namespace, name=name, body=found.body))
    return store


def identity(namespace: str) -> PodIdentity:
    """A pod of a namespace."""
    return PodIdentity(
        name="pod", namespace=namespace, uid="1", ip="127.0.0.1", service_account="x", labels={}, annotations={}
    )


@pytest.mark.parametrize("workload", WORKLOADS)
def test_every_workload_that_speaks_to_others_finds_the_certificates(workload: str, tmp_path: Path) -> None:
    recording = recorded_with("prod", EDITS)
    type_, name, variables = WORKLOADS[workload]
    pod = pod_of(recording, type_, name)
    namespace = recording.only(type_, name).inputs["metadata"]["namespace"]
    store = store_of(recording)
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    for container in [*pod.get("initContainers", []), *pod["containers"]]:
        (mount,) = [each for each in container["volumeMounts"] if each["mountPath"] == "/etc/flowise-authorities"]
        made = make_volumes(
            {"volumes": [volumes[mount["name"]]]}, identity(namespace), store, tmp_path / container["name"], None
        )
        assert (made[mount["name"]] / "authorities.pem").read_text("utf-8").split() == PEM.split()
        assert mount["readOnly"] is True
        assert variables.items() <= render_environment(container, identity(namespace), store).items()


@contextmanager
def serving(authority: trustme.CA) -> Generator[int]:
    """An HTTPS server on localhost with a certificate of this authority; gives its port."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)  # pyright: ignore[reportUnknownMemberType]
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)


def node_says(recording: Recording, tmp_path: Path) -> dict[str, list[int | str]]:
    """What Node makes of three servers with the environment that the local cluster renders for a server pod."""
    spec = pod_of(recording, "kubernetes:apps/v1:Deployment", "flowise-server")
    store = store_of(recording)
    (container,) = spec["containers"]
    image = tmp_path / "image"
    (image / "certs").mkdir(parents=True)
    (image / "certs" / "rds.pem").write_bytes(AMAZON.cert_pem.bytes())
    volumes = make_volumes(spec, identity("flowise"), store, tmp_path / "volumes", None)
    rewriter = Rewriter({"/opt/flowise": image, **mount_paths(container, volumes)}, lambda _host, _port: None)
    environment = rewriter.environment(render_environment(container, identity("flowise"), store))
    trust = {key: value for key, value in environment.items() if key.startswith(("NODE_EXTRA", "NODE_USE", "SSL_"))}
    authorities = {"company": COMPANY, "database": AMAZON, "unknown": UNKNOWN}
    with ExitStack() as open_:
        ports = {name: open_.enter_context(serving(authority)) for name, authority in authorities.items()}
        ran = subprocess.run(
            [NODE_BIN / "node", "-e", PROBE, json.dumps(ports)],
            env={"PATH": os.environ["PATH"], **trust},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    assert not ran.stderr
    return json.loads(ran.stdout)


def test_node_trusts_the_company_and_the_database_and_nobody_else(tmp_path: Path) -> None:
    said = node_says(recorded_with("prod", EDITS), tmp_path)
    assert said["company"] == [200] * 3
    assert said["database"] == [200] * 3
    assert all(isinstance(answer, str) for answer in said["unknown"])


def test_without_the_setting_nothing_is_mounted_and_the_company_is_not_trusted(dev: Recording, tmp_path: Path) -> None:
    assert not [record for record in dev.records if record.name.endswith("-authorities")]
    said = node_says(dev, tmp_path)
    assert said["database"] == [200] * 3
    assert all(isinstance(answer, str) for answer in said["company"])


def test_the_policy_pack_takes_the_mount_and_no_other_source_of_trust() -> None:
    config = edited("prod", EDITS)
    found = recorded_with("prod", EDITS)
    assert [f for f in evaluate_recording(found, config, TODAY).findings if f.rule == "flowise_sandbox_closed"] == []
    other = Resource(
        type="kubernetes:core/v1:ConfigMap",
        name="other",
        props={"data": {"SSL_CERT_FILE": "/tmp/other.pem"}},  # noqa: S108
    )
    assert list(flowise_sandbox_closed(other)) == ["SSL_CERT_FILE changes which certificates are trusted"]
