"""The use of all services in a month, as one model; a user's own file sets some of its figures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import yaml
from pydantic import ValidationError, create_model

from analysis.cost.service import Usage
from analysis.cost.services import FIGURES, PARTS

TEAM: Final[type[Usage]] = create_model("TeamUsage", __base__=PARTS)
"""What one team does."""


class UsageError(Exception):
    """A file with another use cannot be read; the message says what is allowed."""


def assumed(figures: Mapping[str, float] | None = None) -> Usage:
    """What one team does, with other figures for some of it. Raises `ValidationError`."""
    return TEAM.model_validate(figures or {})


def read_usage(path: Path) -> Usage:
    """Read a YAML file that sets some of the figures. Raises `UsageError`."""
    try:
        return TEAM.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise UsageError(f"{path} is not valid YAML: {error}") from error
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'the file'}: {e['msg']}" for e in error.errors())
        raise UsageError(f"{path}: {wrong}. Allowed keys: {', '.join(FIGURES)}") from error
