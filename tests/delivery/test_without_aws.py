"""Commands that ask AWS say what is missing when there are no credentials, in place of a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMAGE = {"image.name": "123456789012.dkr.ecr.us-east-1.amazonaws.com/flowise:x", "containerimage.digest": "sha256:0"}
COMMANDS = {"scan": ["--metadata", "{}"], "layers": ["--metadata", "{}"], "drill": []}
ONE_AFTER_THE_OTHER = """
import json, runpy, sys
from contextlib import redirect_stderr
from io import StringIO

said = {}
for command, *words in json.loads(sys.argv[1]):
    sys.argv[1:] = words
    with redirect_stderr(StringIO()) as errors:
        try:
            runpy.run_module(f"delivery.{command}", run_name="__main__", alter_sys=True)
        except SystemExit as ended:
            said[command] = ended.code, errors.getvalue()
print(json.dumps(said))
"""
"""Runs commands as `python -m` does, in one process, since to import the AWS SDK takes longer than all that they do."""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    """How each command ends, and what it says."""
    place = tmp_path_factory.mktemp("place")
    metadata = place / "image.json"
    metadata.write_text(json.dumps(IMAGE), encoding="utf-8")
    commands = [[name, *(word.format(metadata) for word in words)] for name, words in COMMANDS.items()]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nothing = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_DEFAULT_REGION": "us-east-1", "HOME": str(place)}
    done = subprocess.run(
        [sys.executable, "-c", ONE_AFTER_THE_OTHER, json.dumps(commands)],
        cwd=ROOT,
        env={**kept, **nothing},
        stdout=subprocess.PIPE,
        text=True,
        timeout=600,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("command", COMMANDS)
def test_without_credentials_a_command_says_so(said: dict[str, tuple[int, str]], command: str) -> None:
    code, errors = said[command]
    assert code == 1
    assert "AWS cannot be asked: Unable to locate credentials\nLog in first" in errors
    assert "Traceback" not in errors
