"""`make vulnerabilities` on Python packages: uv itself, two packages of the test's own, a small OSV on loopback."""

import json
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from delivery.python_advisories import FILES, ROOT, AuditError, audit

ADVISORY = {
    "id": "EXAMPLE-1",
    "modified": "2026-01-01T00:00:00Z",
    "summary": "an example",
    "affected": [
        {
            "package": {"name": "affected-example", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.0.1"}]}],
        }
    ],
}


class Osv(BaseHTTPRequestHandler):
    """OSV's API for one advisory (google.github.io/osv.dev, POST /v1/querybatch and GET /v1/vulns/ID)."""

    asked: list[dict[str, Any]]

    def do_POST(self) -> None:
        """Say which packages the advisory is about."""
        queries = json.loads(self.rfile.read(int(self.headers["content-length"])))["queries"]
        type(self).asked += queries
        found = {"vulns": [{"id": ADVISORY["id"], "modified": ADVISORY["modified"]}]}
        self._answer({"results": [found if q["package"]["name"] == "affected-example" else {} for q in queries]})

    def do_GET(self) -> None:
        """Give the advisory."""
        self._answer(ADVISORY)

    def _answer(self, document: object) -> None:
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name of the base class
        """Nothing: the test's output is pytest's."""


@pytest.fixture
def osv() -> Iterator[str]:
    Osv.asked = []
    server = HTTPServer(("127.0.0.1", 0), Osv)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def requirements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A requirement file with two packages that lie in a folder, so that no index is asked."""
    for name in ("affected_example", "other_example"):
        info = f"{name}-1.0.0.dist-info"
        with zipfile.ZipFile(tmp_path / f"{name}-1.0.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0.0\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path))
    path = tmp_path / "requirements.txt"
    path.write_text("affected-example==1.0.0\nother-example==1.0.0\n", encoding="utf-8")
    return path


def test_a_pinned_version_with_an_advisory_is_named_with_its_fix(requirements: Path, osv: str) -> None:
    with pytest.raises(AuditError, match=r"affected-example 1\.0\.0 has 1 known vulnerability") as caught:
        audit(requirements, osv)
    assert "EXAMPLE-1" in str(caught.value)
    assert "1.0.1" in str(caught.value)
    assert {(q["package"]["name"], q["version"]) for q in Osv.asked} == {
        ("affected-example", "1.0.0"),
        ("other-example", "1.0.0"),
    }


def test_pins_without_an_advisory_pass(requirements: Path, osv: str) -> None:
    requirements.write_text("other-example==1.0.0\n", encoding="utf-8")
    audit(requirements, osv)
    assert len(Osv.asked) == 1


def test_a_service_that_does_not_answer_is_no_pass(requirements: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with HTTPServer(("127.0.0.1", 0), Osv) as closed:
        port = closed.server_port
    with pytest.raises(AuditError, match=r"Request failed|error sending request"):
        audit(requirements, f"http://127.0.0.1:{port}")


def test_every_requirement_file_is_asked_about() -> None:
    there = {
        str(path.relative_to(ROOT)) for path in [*ROOT.glob("requirements*.txt"), *ROOT.glob("*/requirements*.txt")]
    }
    assert there == set(FILES)
