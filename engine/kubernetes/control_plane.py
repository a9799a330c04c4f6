"""Starts etcd, kube-apiserver and the controllers of Kubernetes, with the custom resource definitions of a stack."""

import base64
import json
import secrets
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import httpx
import trustme
import yaml

from engine.errors import EngineError
from engine.kubernetes.build import definitions, programs
from engine.kubernetes.client import Client
from engine.kubernetes.nodes import Nodes

_CONTROLLERS: Final = (
    "daemonset-controller",
    "deployment-controller",
    "endpoints-controller",  # Pulumi's provider waits for the Endpoints of a Service
    "endpointslice-controller",
    "garbage-collector-controller",  # without it, deletion in the foreground never ends
    "job-controller",
    "namespace-controller",
    "replicaset-controller",
    "serviceaccount-controller",
)
_START_SECONDS: Final = 600
"""Until the API server answers; 5 s on an idle machine."""
_SERVICE_CIDR: Final = "172.20.0.0/16"


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A running control plane whose pods all become ready, without a container that runs."""

    kubeconfig: str
    """Of an administrator."""
    admin: Client
    nodes: Nodes
    """What stands for the nodes; it can let Jobs fail."""


@contextmanager
def start(port: int = 0, *, kinds: Sequence[Path] | None = None) -> Generator[Cluster]:
    """Start a control plane, on a free port if none is given; it ends with the context. Raises `EngineError`.

    `kinds` are files of custom resource definitions to begin with: all that a stack uses, if none are given.
    """
    binaries = programs()
    chosen, peer, client = port or _free_port(), _free_port(), _free_port()
    with tempfile.TemporaryDirectory(prefix="kubernetes-") as scratch, ExitStack() as running:
        directory = Path(scratch)
        etcd = f"http://127.0.0.1:{client}"
        store = running.enter_context(_etcd(binaries / "etcd", directory, etcd, f"http://127.0.0.1:{peer}"))
        url, token = f"https://127.0.0.1:{chosen}", secrets.token_urlsafe(32)
        _write_keys(directory, token)
        server = running.enter_context(
            _process(
                directory,
                [
                    str(binaries / "kube-apiserver"),
                    f"--etcd-servers={etcd}",
                    "--bind-address=127.0.0.1",
                    f"--secure-port={chosen}",
                    "--cert-dir=certificates",
                    f"--service-cluster-ip-range={_SERVICE_CIDR}",
                    "--authorization-mode=RBAC",
                    "--token-auth-file=tokens.csv",
                    "--service-account-issuer=https://kubernetes.default.svc",
                    "--service-account-key-file=accounts.key",
                    "--service-account-signing-key-file=accounts.key",
                    "--endpoint-reconciler-type=none",
                    "--allow-privileged",
                ],
            )
        )
        certificate = directory / "certificates" / "apiserver.crt"
        _await_ready((store, server), directory, url, token, certificate)
        admin = Client(url, token, str(certificate))
        running.callback(admin.close)
        kubeconfig = _kubeconfig(url, token, certificate.read_text("utf-8"))
        (directory / "kubeconfig").write_text(kubeconfig, encoding="utf-8")
        running.enter_context(
            _process(
                directory,
                [
                    str(binaries / "kube-controller-manager"),
                    "--kubeconfig=kubeconfig",
                    f"--controllers={','.join(_CONTROLLERS)}",
                    "--service-account-private-key-file=accounts.key",
                    "--leader-elect=false",
                    "--secure-port=0",
                ],
            )
        )
        _install(admin, definitions() if kinds is None else kinds)
        nodes = running.enter_context(Nodes(admin).running())
        yield Cluster(kubeconfig=kubeconfig, admin=admin, nodes=nodes)


@contextmanager
def _etcd(program: Path, directory: Path, url: str, peer: str) -> Generator[subprocess.Popen[bytes]]:
    command = [str(program), "--data-dir=etcd", "--unsafe-no-fsync", f"--listen-client-urls={url}"]
    command += [f"--advertise-client-urls={url}", f"--listen-peer-urls={peer}"]
    command += [f"--initial-advertise-peer-urls={peer}", f"--initial-cluster=default={peer}"]
    with _process(directory, command) as process:
        yield process


@contextmanager
def _process(directory: Path, command: list[str]) -> Generator[subprocess.Popen[bytes]]:
    """Run a program; what it says goes into a file of its name."""
    with (directory / f"{Path(command[0]).name}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=directory, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await_ready(
    processes: Sequence[subprocess.Popen[bytes]], directory: Path, url: str, token: str, certificate: Path
) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and all(process.poll() is None for process in processes):
        if certificate.exists():
            client = Client(url, token, str(certificate))
            try:
                if client.get("/readyz").is_success:
                    return
            except httpx.TransportError:
                pass  # not yet
            finally:
                client.close()
        time.sleep(0.2)
    said = "\n".join(
        line
        for name in ("etcd", "kube-apiserver")
        for line in (directory / f"{name}.log").read_text("utf-8", errors="replace").splitlines()[-8:]
    )
    if "address already in use" in said:
        raise EngineError(
            f"the API server at {url} could not start: a port is taken",
            hint="Start again without a port, and a free one is taken.",
            output=said,
        )
    raise EngineError(
        f"the API server did not answer at {url}",
        hint="The last lines of etcd and kube-apiserver say why. Nothing is left of them; starting again is safe.",
        output=said,
    )


def _install(admin: Client, kinds: Sequence[Path]) -> None:
    """Make the custom resource definitions, and wait until the server serves them."""
    made: list[str] = []
    for file in kinds:
        for document in cast("list[dict[str, Any]]", list(yaml.safe_load_all(file.read_text("utf-8")))):
            answer = admin.apply(document)
            if not answer.is_success:
                raise EngineError(
                    f"the API server refuses the definition in {file.name}",
                    hint="Is the module's version made for this version of Kubernetes?",
                    output=answer.text[:2000],
                )
            made.append(admin.path(document))
    deadline = time.monotonic() + _START_SECONDS
    while not all(_established(admin.get(path).json()) for path in made):
        if time.monotonic() > deadline:
            raise EngineError(
                f"the API server did not serve the custom resource definitions within {_START_SECONDS} s",
                hint="Starting again is safe; a busy machine may need another try.",
            )
        time.sleep(0.2)


def _established(definition: dict[str, Any]) -> bool:
    conditions = cast("list[dict[str, Any]]", definition.get("status", {}).get("conditions", []))
    return any(each["type"] == "Established" and each["status"] == "True" for each in conditions)


def _write_keys(directory: Path, token: str) -> None:
    (directory / "accounts.key").write_bytes(trustme.CA(key_type=trustme.KeyType.RSA).private_key_pem.bytes())
    (directory / "tokens.csv").write_text(f'{token},admin,admin,"system:masters"\n', encoding="utf-8")


def _kubeconfig(url: str, token: str, certificate: str) -> str:
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "engine",
            "clusters": [
                {
                    "name": "engine",
                    "cluster": {
                        "server": url,
                        "certificate-authority-data": base64.b64encode(certificate.encode()).decode(),
                    },
                }
            ],
            "users": [{"name": "admin", "user": {"token": token}}],
            "contexts": [{"name": "engine", "context": {"cluster": "engine", "user": "admin"}}],
        }
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
