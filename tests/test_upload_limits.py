"""The size of an upload: what the pods need for it, and that image, firewall and settings have one limit."""

import subprocess
from typing import Any

import pytest

from settings import SettingsError, parse_settings
from tests.conftest import edited
from tests.local.rig import NODE_BIN


def problems(stack: str, edits: dict[str, Any]) -> str:
    config = edited(stack, edits)
    try:
        parse_settings(config.values, config.secret_keys, stack)
    except SettingsError as error:
        return str(error)
    return ""


def test_the_default_fits_into_the_pods_of_both_stacks() -> None:
    assert problems("dev", {}) == problems("prod", {}) == ""


def test_an_upload_that_a_pod_cannot_hold_is_refused_with_the_sizes_that_fit() -> None:
    said = problems("dev", {"app.file_size_limit_mib": 200})
    assert "flowise:app.server.memory_mib: 1536 is too little" in said
    assert "set it to at least 3300, or app.file_size_limit_mib to at most 53" in said
    assert "flowise:app.server.heap_mib: 1024 is too little" in said
    fits = {"app.file_size_limit_mib": 200, "app.server.memory_mib": 3300, "app.server.heap_mib": 1400}
    assert problems("dev", fits) == ""


def test_workers_count_where_there_are_any() -> None:
    servers = {"app.file_size_limit_mib": 100, "app.server.memory_mib": 4096}
    assert "app.worker" not in problems("dev", servers)
    assert "flowise:app.worker.memory_mib" in problems("prod", servers)


@pytest.mark.parametrize("mib", [1, 50, 300])
def test_image_and_firewall_have_the_same_limit(mib: int) -> None:
    script = "console.log(require('./image/preload/uploads.cjs').jsonLimit(Number(process.argv[1]) * 1024 * 1024))"
    said = subprocess.run(
        [NODE_BIN / "node", "-e", script, str(mib)], capture_output=True, text=True, check=True, timeout=60
    )
    app = parse_settings(edited("dev", {}).values, (), "dev").app.model_copy(update={"file_size_limit_mib": mib})
    assert app.max_body_bytes == int(said.stdout)
