"""Commands that ask AWS say what is missing when there are no credentials, in place of a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMAGE = {"image.name": "123456789012.dkr.ecr.us-east-1.amazonaws.com/flowise:x", "containerimage.digest": "sha256:0"}


@pytest.mark.parametrize("module", ["drill", "layers", "scan"])
def test_without_credentials_a_command_says_so(module: str, tmp_path: Path) -> None:
    metadata = tmp_path / "image.json"
    metadata.write_text(json.dumps(IMAGE), encoding="utf-8")
    options = [] if module == "drill" else ["--metadata", str(metadata)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nothing = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_DEFAULT_REGION": "us-east-1", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", f"delivery.{module}", *options],
        cwd=ROOT,
        env={**kept, **nothing},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 1
    assert "AWS cannot be asked: Unable to locate credentials\nLog in first" in done.stderr
    assert "Traceback" not in done.stderr
