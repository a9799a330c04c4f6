"""Secrets that are handed over in files, and what a disk refuses."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ops.errors import OpsError


def read_secret(path: Path) -> str:
    """A secret of a file, without the newline at its end."""
    try:
        secret = path.read_text("utf-8").removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise OpsError(f"{path} cannot be read: {getattr(error, 'strerror', 'it is not text')}") from None
    if not secret:
        raise OpsError(f"{path} is empty")
    return secret


@contextmanager
def explained_disk(archive: Path) -> Generator[None]:
    """Say what the disk of the archive refused; no file is left half written under its name."""
    try:
        yield
    except OSError as error:
        raise OpsError(
            f"the archive {archive} cannot be used: {error.strerror}",
            hint="Make room or choose another disk, and run the same command again: an export goes on.",
        ) from None
