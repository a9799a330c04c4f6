"""An image is proposed to a stack only when a layer of it, or its configuration, differs."""

import json
from pathlib import Path
from typing import Any

import pytest

from delivery.layers import same_as

REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com/flowise"


class Registry:
    """ECR with indices and manifests by their digest."""

    def __init__(self, contents: dict[str, dict[str, Any]]) -> None:
        self._contents = contents

    def batch_get_image(self, **asked: Any) -> dict[str, Any]:
        """Return the index or the manifest, if it is there."""
        body = self._contents.get(asked["imageIds"][0]["imageDigest"])
        return {"images": [{"imageManifest": json.dumps(body)}] if body else []}


def image(name: str, *, arm_layer: str = "a2", config: str = "c") -> dict[str, dict[str, Any]]:
    """Index and manifests of an image for two platforms; its attestation differs with every build."""

    def manifest(architecture: str, layer: str) -> dict[str, Any]:
        return {"config": {"digest": f"{config}-{architecture}"}, "layers": [{"digest": "base"}, {"digest": layer}]}

    each = [(f"{name}-{each}", "linux", each) for each in ("amd64", "arm64")] + [(f"{name}-x", "unknown", "unknown")]
    index = [{"digest": digest, "platform": {"os": os, "architecture": arch}} for digest, os, arch in each]
    return {
        f"sha256:{name}": {"manifests": index},
        f"{name}-amd64": manifest("amd64", "a1"),
        f"{name}-arm64": manifest("arm64", arm_layer),
    }


def stack_file(tmp_path: Path, address: str) -> Path:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(f"config:\n  flowise:app:\n    image: {address}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "used", "same"),
    [
        (image("old"), f"{REGISTRY}@sha256:old", ["sha256:old"]),
        (image("old", arm_layer="patched"), f"{REGISTRY}@sha256:old", []),
        (image("old", config="another environment"), f"{REGISTRY}@sha256:old", []),
        ({}, f"{REGISTRY}@sha256:old", []),
        (image("old"), "example.com/flowise@sha256:old", []),
    ],
    ids=["the same", "a layer of one platform", "configuration", "gone from the registry", "another registry"],
)
def test_only_an_image_with_the_same_content_is_the_same(
    old: dict[str, dict[str, Any]], used: str, same: list[str], tmp_path: Path
) -> None:
    registry: Any = Registry({**image("new"), **old})
    assert same_as(registry, f"{REGISTRY}@sha256:new", [stack_file(tmp_path, used)]) == same
