"""`make image-sign`: the image that `make image` has pushed, by its digest."""

import json
import sys
from pathlib import Path


def reference(metadata: str) -> str:
    """Return REPOSITORY@sha256:... from what buildx writes: a tag would sign whatever it points to by then."""
    built = json.loads(metadata)
    return f"{built['image.name'].partition(':')[0]}@{built['containerimage.digest']}"


if __name__ == "__main__":
    path = Path(".reports/image.json")
    if not path.exists():
        sys.exit(f"{path} is not there; run `make image` first")
    sys.stdout.write(reference(path.read_text(encoding="utf-8")))
