"""A real OpenSearch with what `flowise:retrieval` sets: HTTPS only, a user and a password, no anonymous request."""

import json
import os
import shutil
import ssl
import subprocess
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import httpx
from cryptography.hazmat.primitives import serialization

from local.backends.authority import Authority
from local.layout import POSTGRES_UID
from local.processes.ports import free_port
from tests.retrieval.packages import find_java, find_server

_FLAGS: Final = (
    *("-Xms512m", "-Xmx512m", "-Djava.security.manager=allow", "-Dopensearch.networkaddress.cache.ttl=60"),
    *("-Dlog4j2.disable.jmx=true", "-Dlog4j.shutdownHookEnabled=false", "-Djava.locale.providers=SPI,COMPAT"),
    *("-Dopensearch.distribution.type=tar", "-Dopensearch.bundled_jdk=false"),
)
_LOG: Final = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
"""
_PATIENCE_SECONDS: Final = 400


@dataclass(frozen=True, kw_only=True)
class Administrator:
    """Who may do everything: what AWS calls the master user."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class OpenSearch:
    """A server that runs."""

    url: str
    """As the component's secret has it, with a port."""
    authority: Path
    """Certificate that a client must trust, as it trusts Amazon's on AWS."""
    administrator: Administrator

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """The answer to the administrator. Raises `httpx.HTTPStatusError`."""
        who = (self.administrator.user, self.administrator.password)
        trust = ssl.create_default_context(cafile=str(self.authority))
        response = httpx.request(method, self.url + path, json=body, auth=who, verify=trust, timeout=60)
        return response.raise_for_status().json()

    def texts(self, index: str) -> list[str]:
        """Texts of all documents of an index."""
        hits = self.ask("GET", f"/{index}/_search?size=100")["hits"]["hits"]
        return sorted(str(hit["_source"]["text"]) for hit in hits)


@contextmanager
def started(administrator: Administrator, authority: Authority, options: Mapping[str, str]) -> Generator[OpenSearch]:
    """Start a server with its certificate from `authority` and the domain's `advancedOptions`; stop it at the end."""
    home, java = find_server(), find_java()
    with tempfile.TemporaryDirectory(prefix="opensearch-") as directory:
        place, port = Path(directory), free_port()
        settings = {**options, "http.port": port, "transport.port": free_port()}
        users = {administrator.user: {"hash": _hashed(administrator.password, home, java), "backend_roles": ["admin"]}}
        shutil.copytree(home, place / "home", ignore=shutil.ignore_patterns("security-defaults"))
        shutil.copytree(home / "security-defaults", place / "config" / "opensearch-security")
        _configure(place / "config", settings, users, authority)
        with (place / "log").open("wb") as log:
            process = _begin(java, place, log)
        try:
            url = f"https://localhost:{port}"
            server = OpenSearch(url=url, authority=authority.bundle, administrator=administrator)
            _until_it_answers(server, process, place / "log")
            yield server
        finally:
            process.terminate()
            process.wait(120)


def _begin(java: str, place: Path, log: IO[bytes]) -> "subprocess.Popen[bytes]":
    user = POSTGRES_UID if os.geteuid() == 0 else None  # it refuses to run as root, like PostgreSQL
    if user is not None:
        for path in (place, *place.rglob("*")):
            os.chown(path, user, user)
    command = [
        *(java, *_FLAGS, f"-Djava.io.tmpdir={place / 'tmp'}"),
        *(f"-Dopensearch.path.home={place / 'home'}", f"-Dopensearch.path.conf={place / 'config'}"),
        *("-cp", f"{place / 'home' / 'lib'}/*", "org.opensearch.bootstrap.OpenSearch"),
    ]
    return subprocess.Popen(command, cwd=place, stdout=log, stderr=log, user=user, group=user)


def _configure(config: Path, settings: dict[str, Any], users: dict[str, Any], authority: Authority) -> None:
    """Write the settings, as JSON, which is YAML."""
    place = config.parent
    for name in ("tmp", "data", "logs"):
        (place / name).mkdir()
    _, key = authority.issue(config)
    key.write_bytes(_as_pkcs8(key.read_bytes()))
    shutil.copy(authority.bundle, config / "ca.pem")
    # No anonymous request, HTTPS only: as the domain's advancedSecurityOptions and domainEndpointOptions say.
    for layer in ("transport", "http"):
        files = {"pemcert": "tls.crt", "pemkey": "tls.key", "pemtrustedcas": "ca.pem"}
        settings |= {f"plugins.security.ssl.{layer}.{kind}_filepath": file for kind, file in files.items()}
    settings |= {
        "discovery.type": "single-node",
        "network.host": "127.0.0.1",
        "path.data": str(place / "data"),
        "path.logs": str(place / "logs"),
        "bootstrap.system_call_filter": False,
        "cluster.routing.allocation.disk.threshold_enabled": False,
        "plugins.security.ssl.http.enabled": True,
        "plugins.security.ssl.http.enabled_protocols": ["TLSv1.2", "TLSv1.3"],
        "plugins.security.ssl.transport.enforce_hostname_verification": False,
        "plugins.security.allow_default_init_securityindex": True,
        "plugins.security.restapi.roles_enabled": ["all_access"],
    }
    (config / "opensearch.yml").write_text(json.dumps(settings))
    (config / "log4j2.properties").write_text(_LOG)
    kept = {"_meta": {"type": "internalusers", "config_version": 2}, **users}
    (config / "opensearch-security" / "internal_users.yml").write_text(json.dumps(kept))


def _as_pkcs8(key: bytes) -> bytes:
    """The only form of a private key that the security plugin reads."""
    loaded = serialization.load_pem_private_key(key, None)
    form = serialization.PrivateFormat.PKCS8
    return loaded.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def _hashed(password: str, home: Path, java: str) -> str:
    """By the plugin's own tool, which takes the password from its environment."""
    classes = f"{home / 'plugins' / 'opensearch-security'}/*:{home / 'lib'}/*"
    done = subprocess.run(
        [java, "-cp", classes, "org.opensearch.security.tools.Hasher", "-env", "PASSWORD"],
        env={"PASSWORD": password},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout.split()[-1]


def _until_it_answers(server: OpenSearch, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until the security plugin has read its users."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text(errors="replace")[-8000:]
        try:
            server.ask("GET", "/_cluster/health?wait_for_status=yellow")
        except httpx.HTTPError:
            time.sleep(0.5)
        else:
            return
    raise AssertionError(log.read_text(errors="replace")[-8000:])
