"""A scratch project folder for one stack: state, project file, stack file and Pulumi's own home."""

import json
import os
import shutil
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast, final

import yaml

from analysis.stackfiles import ROOT, StackConfig
from engine.errors import EngineError

PASSPHRASE: Final = "engine-runs-keep-nothing"  # noqa: S105  # protects nothing that outlives a run
"""Of every scratch backend: it lasts as long as its folder."""
_PROVIDERS: Final = ("AWS_", "PULUMI_", "KUBECONFIG", "HELM_")
"""Variables of a person's own account and cluster, which a run must not see."""


@dataclass(frozen=True, kw_only=True)
class Project:
    """What is run: a checkout of this repository and one of its stacks."""

    config: StackConfig
    root: Path = ROOT
    """Holds Pulumi.yaml and `__main__.py`: the checkout, or its directory `bootstrap`."""
    checkout: Path = ROOT
    """Holds the policy pack."""


@final
class Workspace:
    """Files of one stack below `directory`, which outlives runs and holds nothing of the person's own Pulumi."""

    def __init__(
        self, directory: Path, project: Project, passphrase: str = PASSPHRASE, *, checkpoints: bool = False
    ) -> None:
        """Without `checkpoints` a run writes its state once, at its end; one that is killed leaves none."""
        self.directory = directory
        self.project = project
        self.work = directory / "project"
        self.home = directory / "home"
        self.state = directory / "state"
        self.events = directory / "events"
        self._passphrase = passphrase
        self._checkpoints = checkpoints

    def write(self) -> None:
        """Write the project's files. Raises `EngineError` when the disk refuses."""
        try:
            for path in (self.work, self.home, self.state, self.events):
                path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._write_project()
            self._write_policy_pack()
        except OSError as error:
            raise EngineError(
                f"the scratch folder {self.directory} cannot be written: {error.strerror}",
                hint="Free some space there, or set TMPDIR to a larger disk, then start again.",
            ) from None

    @property
    def stack_file(self) -> Path:
        """The stack's configuration, as Pulumi's CLI reads and writes it."""
        return self.work / f"Pulumi.{self.project.config.stack}.yaml"

    @property
    def policy_pack(self) -> Path:
        """The policy pack as a program: the engine starts it without a language host."""
        return self.directory / "policy-pack" / "flowise"

    def write_config(self, config: StackConfig) -> None:
        """Write what is no secret of a configuration into the stack file; what encrypts its secrets stays."""
        kept = cast("dict[str, Any]", yaml.safe_load(self.stack_file.read_text())) if self.stack_file.exists() else {}
        plain = {key: _value(text) for key, text in config.values.items() if key not in config.secret_keys}
        self.stack_file.write_text(yaml.safe_dump({**kept, "config": plain}, sort_keys=False), encoding="utf-8")

    def environment(self, ports: Mapping[str, int]) -> dict[str, str]:
        """Variables of a run of the CLI, with the providers on these ports."""
        own = {key: value for key, value in os.environ.items() if not key.startswith(_PROVIDERS)}
        return own | {
            "PULUMI_HOME": str(self.home),
            "PULUMI_BACKEND_URL": self.state.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": self._passphrase,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            # The file backend encodes and verifies the whole state before and after each step: most of an update's time
            # (backend/snapshot.go of pulumi 3.274.1: without it the last one, which is verified as well, is written).
            "PULUMI_SKIP_CHECKPOINTS": "false" if self._checkpoints else "true",
            "PULUMI_DEBUG_COMMANDS": "true",  # the option --event-log
            "PULUMI_DEBUG_PROVIDERS": ",".join(f"{name}:{port}" for name, port in ports.items()),
            # Pulumi's Python host does this (policies/pack.py), which is not here; what is a secret concerns no rule.
            "PULUMI_CONFIG": json.dumps(
                {k: v for k, v in self.project.config.values.items() if k not in self.project.config.secret_keys}
            ),
            "AWS_REGION": self.project.config.values.get("aws:region", "us-east-1"),
        }

    def _write_project(self) -> None:
        source = cast("dict[str, Any]", yaml.safe_load((self.project.root / "Pulumi.yaml").read_text("utf-8")))
        # The program runs inside of this process, so there is no virtual environment to look for.
        text = yaml.safe_dump({**source, "runtime": "python"}, sort_keys=False)
        (self.work / "Pulumi.yaml").write_text(text, encoding="utf-8")
        self.write_config(self.project.config)

    def _write_policy_pack(self) -> None:
        directory = self.policy_pack.parent
        directory.mkdir(exist_ok=True)
        pack = self.project.checkout / "policies"
        if not pack.is_dir():
            return
        shutil.copyfile(pack / "PulumiPolicy.yaml", directory / "PulumiPolicy.yaml")
        self.policy_pack.write_text(
            f'#!/bin/sh\nunset PULUMI_DEBUG_PROVIDERS\nexec "{sys.executable}" -u "{pack / "__main__.py"}" "$@"\n',
            encoding="utf-8",
        )
        self.policy_pack.chmod(stat.S_IRWXU)


def _value(text: str) -> object:
    """A value of a stack file: what was a structure, a number or a boolean is one again."""
    try:
        return cast(object, json.loads(text))
    except json.JSONDecodeError:
        return text
