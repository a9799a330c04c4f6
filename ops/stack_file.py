"""Pulumi.<stack>.yaml: what it says of the database, and a change to it that leaves comments and order as they are."""

import difflib
import io
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast, final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from ops.errors import OpsError

_DATABASE = "flowise:database"
_LONGEST_NAME = 60
"""Of an instance, so that RDS's limit of 63 leaves room for the generation."""


@final
@dataclass(frozen=True, kw_only=True)
class StackFile:
    """A stack file as it is on disk."""

    path: Path
    text: str
    project: str
    stack: str

    @property
    def region(self) -> str:
        """Where the stack is deployed."""
        region = self._config(self._document).get("aws:region")
        if not region:
            raise OpsError(f"{self.path.name} does not set aws:region", hint="Add it; see docs/settings.md.")
        return str(region)

    @property
    def namespace(self) -> str:
        """Kubernetes namespace of Flowise."""
        app = cast("object", self._config(self._document).get("flowise:app"))
        return str(cast("dict[str, object]", app).get("namespace", "flowise")) if isinstance(app, dict) else "flowise"

    @property
    def generation(self) -> int:
        """Which database of the stack the file asks for: 1 is the first, each restore adds one."""
        generation = cast("object", self._database(self._document).get("generation", 1))
        if not isinstance(generation, int) or isinstance(generation, bool) or generation < 1:
            raise OpsError(f"{self.path.name}: {_DATABASE}.generation is {generation}; it must be a number from 1")
        return generation

    def instance_name(self, generation: int) -> str:
        """Name of the RDS instance of a generation, as the program names it."""
        name = re.sub(r"[^A-Za-z0-9-]", "-", f"{self.project}-{self.stack}-database")
        if len(name) > _LONGEST_NAME:
            raise OpsError(f"{name} is too long for a database's name", hint="Give its name with --database.")
        return generation_name(name, generation)

    def instance_urn(self, generation: int) -> str:
        """URN of the instance of a generation in Pulumi's state."""
        path = "flowise:database:FlowiseDb$aws:rds/instance:Instance"
        return f"urn:pulumi:{self.stack}::{self.project}::{path}::{generation_name('database', generation)}"

    def restored(self, restore_from: dict[str, str | int], generation: int, *, deleted: bool = False) -> str:
        """Return the text that asks for a new generation of the database, restored from a backup.

        `deleted`: the generation before does not exist any more, so the stack must not hold it either.
        """
        document = self._load()
        database = self._database(document)
        source = CommentedMap(
            {
                key: DoubleQuotedScalarString(value) if isinstance(value, str) else value
                for key, value in restore_from.items()
            }
        )
        _keep_trailing_comment(cast("object", database.get("restore_from")), source)
        # First in their section: what follows a section, comments included, hangs on its last key.
        keys: dict[str, Any] = {"generation": generation, "restore_from": source}
        if deleted:
            removed = cast("object", database.get("removed_generations"))
            earlier = cast("list[int]", removed) if isinstance(removed, list) else []
            keys["removed_generations"] = [*earlier, generation - 1]
        for place, (key, value) in enumerate(keys.items()):
            if key in database:
                database[key] = value
            else:
                cast("Any", database).insert(place, key, value)
        out = io.StringIO()
        _yaml().dump(document, out)
        return out.getvalue()

    def difference(self, text: str) -> list[str]:
        """Lines of a unified diff to another text."""
        names = f"a/{self.path.name}", f"b/{self.path.name}"
        return list(difflib.unified_diff(self.text.splitlines(), text.splitlines(), *names, lineterm=""))

    def write(self, text: str) -> None:
        """Replace it at once, so that nobody reads half of it."""
        beside = self.path.with_name(f".{self.path.name}.new")
        try:
            beside.write_text(text, encoding="utf-8")
            beside.replace(self.path)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise OpsError(f"cannot write {self.path}: {error.strerror}") from error

    @cached_property
    def _document(self) -> dict[str, Any]:
        """What it says; never changed."""
        return self._load()

    def _load(self) -> dict[str, Any]:
        return _mapping(self.text, self.path)

    def _config(self, document: dict[str, Any]) -> dict[str, Any]:
        config = cast("object", document.get("config"))
        if not isinstance(config, CommentedMap):
            raise OpsError(f"{self.path.name} has no section 'config'")
        return cast("dict[str, Any]", config)

    def _database(self, document: dict[str, Any]) -> dict[str, Any]:
        database = cast("object", self._config(document).get(_DATABASE))
        if not isinstance(database, CommentedMap):
            raise OpsError(f"{self.path.name} has no section {_DATABASE}", hint="docs/settings.md says what it holds.")
        return cast("dict[str, Any]", database)


def generation_name(base: str, generation: int) -> str:
    """Name of the instance of a generation: the first has no suffix."""
    return base if generation == 1 else f"{base}-g{generation}"


def read_stack_file(stack: str, directory: Path) -> StackFile:
    """Read Pulumi.yaml and a stack file. Raises `OpsError`."""
    if not (directory / "Pulumi.yaml").exists():
        raise OpsError(f"there is no Pulumi.yaml in {directory}", hint="Run this in the directory of the program.")
    project = _mapping(_read(directory / "Pulumi.yaml"), directory / "Pulumi.yaml").get("name")
    path = directory / f"Pulumi.{stack}.yaml"
    if not path.exists():
        known = ", ".join(sorted(p.name.split(".")[1] for p in directory.glob("Pulumi.*.yaml"))) or "none"
        raise OpsError(f"there is no stack '{stack}' ({path.name} does not exist)", hint=f"Stacks here: {known}.")
    return StackFile(path=path, text=_read(path), project=str(project), stack=stack)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise OpsError(f"cannot read {path}: {error.strerror}") from error


def _mapping(text: str, path: Path) -> dict[str, Any]:
    try:
        document = cast("object", _yaml().load(text))
    except YAMLError as error:
        raise OpsError(f"{path.name} is not valid YAML: {error}") from error
    if not isinstance(document, CommentedMap):
        raise OpsError(f"{path.name} holds no mapping")
    return cast("dict[str, Any]", document)


def _yaml() -> Any:
    yaml = cast("Any", YAML())
    yaml.preserve_quotes = True
    yaml.width = 4096  # never break a line that was whole
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _keep_trailing_comment(old: object, new: CommentedMap) -> None:
    """Hang on the new section's last key what hung on the old one's, so that it stays where it was."""
    if isinstance(old, CommentedMap) and old:
        comments = cast("dict[object, object]", cast("Any", old).ca.items)
        last = cast("object", list(cast("Any", old))[-1])
        if last in comments:
            cast("Any", new).ca.items[list(cast("Any", new))[-1]] = comments[last]
