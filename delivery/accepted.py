"""image/accepted.yaml: findings of the scanner that the image is run with, each with a reason and a date."""

from datetime import date
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field, ValidationError

from components.common.model import Settings
from components.common.validation_errors import format_validation_error

PATH = Path("image/accepted.yaml")
LONGEST_DAYS = 183
"""A finding is looked at again after at most half a year."""


class AcceptedFinding(Settings):
    """A finding without a fixed version that the image is run with, for a reason and for a time."""

    vulnerability: Annotated[str, Field(pattern=r"^[A-Z]+-[\w-]+$", examples=["CVE-2026-12345"])]
    """Name of the vulnerability, as the scanner gives it."""
    package: Annotated[str, Field(min_length=1, examples=["libc6"])]
    """Package that has it, as the scanner names it."""
    reason: Annotated[str, Field(min_length=20)]
    """Why it does no harm here, for the person who looks at it next time."""
    expires: date
    """Last day on which it is accepted."""


class _AcceptedFile(Settings):
    accepted: list[AcceptedFinding]


class AcceptedError(Exception):
    """The list has mistakes; the message lists them all."""


def read_accepted(path: Path, today: date) -> list[AcceptedFinding]:
    """Read the list. Raises `AcceptedError`."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        # Lenient, because YAML has read a date that nobody put in quotation marks.
        entries = _AcceptedFile.model_validate(document, strict=False).accepted
    except OSError as error:
        raise AcceptedError(f"cannot read {path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise AcceptedError(f"{path} is not valid YAML: {error}") from error
    except ValidationError as error:
        details = [([str(part) for part in d["loc"]], d) for d in error.errors(include_url=False)]
        lines = [
            format_validation_error(_AcceptedFile, ".".join(location), location, detail) for location, detail in details
        ]
        raise AcceptedError("\n".join(f"{path}: {line}" for line in lines)) from error
    late = [e for e in entries if (e.expires - today).days > LONGEST_DAYS]
    if late:
        raise AcceptedError(
            "\n".join(
                f"{path}: {e.vulnerability} {e.package}: expires {e.expires}, more than {LONGEST_DAYS} days ahead; "
                "choose an earlier day"
                for e in late
            )
        )
    return entries
