"""Retrieval flows find their vectors in the database that the migration made, without a credential."""

import json
import subprocess
from pathlib import Path

from analysis.stackfiles import ROOT
from tests.e2e.conftest import LocalEnvironment


def server_environment(local_env: LocalEnvironment) -> dict[str, str]:
    """What a server pod was started with."""
    for pid in local_env.processes():
        if b"flowise/bin/run\0start" in Path(f"/proc/{pid}/cmdline").read_bytes():
            lines = Path(f"/proc/{pid}/environ").read_text().split("\0")
            return dict(line.split("=", 1) for line in lines if "=" in line)
    raise AssertionError("no server runs")


def test_flowise_stores_and_finds_vectors_without_a_credential(local_env: LocalEnvironment) -> None:
    environment = server_environment(local_env)
    if local_env.stack == "dev":
        assert not [name for name in environment if name.startswith("POSTGRES_VECTORSTORE")]
        return
    tree = local_env.directory.parent / "image"
    environment.pop("NODE_OPTIONS")
    script = ROOT / "tests" / "e2e" / "vectors.cjs"
    done = subprocess.run(
        ["node", str(script), str(tree)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["nearest"] == ["salmon", "trout"]
    assert 'permission denied for database "flowise"' in found["refused"]
