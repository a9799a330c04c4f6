"""Runs Pulumi's engine over one stack of this repository, and gives what it did as plain records."""

# Pulumi's language server and grpc's servers carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportMissingTypeStubs=false

import json
import subprocess
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any, Literal, cast, final
from unittest.mock import patch

import grpc
import pulumi
from pulumi.automation._server import LanguageServer  # the Automation API's own, without its commands around it
from pulumi.runtime import resource
from pulumi.runtime.proto import language_pb2_grpc, source_pb2

from analysis.stackfiles import StackConfig
from engine.build import provide
from engine.errors import EngineError
from engine.program import program
from engine.steps import Diagnostic, PolicyViolation, Step, read_log
from engine.workspace import PASSPHRASE, Project, Workspace

Operation = Literal["preview", "up", "refresh", "destroy"]
_LARGEST_MESSAGE = 400 * 1024 * 1024
"""As the engine's own limit (sdk/go/common/util/rpcutil)."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one run of the engine did."""

    operation: Operation
    code: int
    """The CLI's own: 0 when all went well."""
    steps: tuple[Step, ...]
    findings: tuple[PolicyViolation, ...]
    """What the policy pack reported; empty without it."""
    diagnostics: tuple[Diagnostic, ...]
    output: str
    """What a person would have seen."""
    event_log: Path
    debug: tuple[str, ...]
    """Debug messages of the program and of Pulumi's SDK, which are in no event log."""

    @property
    def good(self) -> bool:
        """Whether the run came to its end without an error."""
        return self.code == 0

    @property
    def changes(self) -> tuple[Step, ...]:
        """Steps that are more than keeping or reading a resource."""
        return tuple(step for step in self.steps if step.changes)

    @property
    def errors(self) -> tuple[str, ...]:
        """Messages of errors, each with the name of its resource."""
        return tuple(f"{d.urn.rsplit('::', 1)[-1]}: {d.message}" for d in self.diagnostics if d.severity == "error")

    def ops(self, *ops: str) -> set[str]:
        """URNs with one of these operations."""
        return {step.urn for step in self.steps if step.op in ops}


@final
class EngineStack:
    """One stack, from an empty backend on. `close` ends nothing but its own servers; the folder stays its owner's."""

    def __init__(
        self,
        directory: Path,
        project: Project,
        ports: Mapping[str, int],
        *,
        passphrase: str = PASSPHRASE,
        transformation: pulumi.ResourceTransformation | None = None,
        checkpoints: bool = False,
    ) -> None:
        """Prepare a stack whose files are in `directory`, with providers on `ports`. Raises `EngineError`.

        A `transformation` changes what the program registers, such as where a chart comes from. With `checkpoints` the
        state is written at each step of a run, as it is without this project; otherwise at its end.
        """
        self._cli = provide()
        self._transformation = transformation
        self._ports = ports
        self._numbers = count(1)
        self.workspace = Workspace(directory, project, passphrase, checkpoints=checkpoints)
        self.workspace.write()
        if not self._exists():
            self._call("stack", "init", self._stack, "--secrets-provider", "passphrase", "--non-interactive")
        self._encrypt(project.config)

    @property
    def project(self) -> Project:
        """What is run; `configure` and `use` change it."""
        return self.workspace.project

    @property
    def _stack(self) -> str:
        return self.project.config.stack

    def configure(self, config: StackConfig) -> None:
        """Change the stack's configuration for the next runs."""
        self.workspace.project = replace(self.project, config=config)
        self.workspace.write_config(config)
        self._encrypt(config)

    def use(self, project: Project) -> None:
        """Let the next runs use another checkout's program, such as that of the commit before."""
        self.workspace.project = project
        self.workspace.write()
        self._encrypt(project.config)

    def preview(self, *, policies: bool = True, options: Sequence[str] = ()) -> Result:
        """Show what `up` would do."""
        return self._run("preview", [*self._judged(policies), *options])

    def up(
        self,
        *,
        policies: bool = True,
        options: Sequence[str] = (),
        started: Callable[[subprocess.Popen[str]], None] | None = None,
    ) -> Result:
        """Do it, without a preview before. `started` is given the process, to kill it."""
        return self._run("up", ["--yes", "--skip-preview", *self._judged(policies), *options], started=started)

    def refresh(self, *, options: Sequence[str] = ()) -> Result:
        """Read everything from the providers into the state."""
        return self._run("refresh", ["--yes", "--skip-preview", *options])

    def destroy(self, *, options: Sequence[str] = ()) -> Result:
        """Delete everything. Its own preview comes first, which refuses what is protected before anything is lost."""
        return self._run("destroy", ["--yes", *options])

    def export(self) -> dict[str, Any]:
        """The state, secrets encrypted."""
        return cast("dict[str, Any]", json.loads(self._call("stack", "export", "--stack", self._stack)))

    def resources(self) -> dict[str, dict[str, Any]]:
        """Resources of the state by URN, what waits for its deletion left out."""
        found = self.export()["deployment"].get("resources") or []
        return {resource["urn"]: resource for resource in found if not resource.get("delete")}

    def call(self, *arguments: str) -> str:
        """Run another command of the CLI on this stack and return what it prints. Raises `EngineError`."""
        return self._call(*arguments, "--stack", self._stack)

    def unlock(self) -> None:
        """Remove the lock that a killed run has left behind, as `pulumi cancel` does."""
        self._call("cancel", "--yes", "--stack", self._stack)

    def _judged(self, policies: bool) -> list[str]:
        return ["--policy-pack", str(self.workspace.policy_pack)] if policies else []

    def _exists(self) -> bool:
        # An empty backend needs no question; a CLI's start takes half a second.
        state = self.workspace.state / ".pulumi" / "stacks" / self.project.config.project
        return (state / f"{self._stack}.json").exists()

    def _encrypt(self, config: StackConfig) -> None:
        """Let the CLI encrypt the secrets into the stack file."""
        if config.secret_keys:
            pairs = [part for key in config.secret_keys for part in ("--secret", f"{key}={config.values[key]}")]
            self._call("config", "set-all", "--stack", self._stack, *pairs)

    def _call(self, *arguments: str) -> str:
        done = subprocess.run(
            [str(self._cli), *arguments],
            cwd=self.workspace.work,
            env=self.workspace.environment(self._ports),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise explained(f"pulumi {' '.join(arguments[:2])}", done.stderr or done.stdout, self.workspace.directory)
        return done.stdout

    def _run(
        self,
        operation: Operation,
        options: Sequence[str],
        *,
        started: Callable[[subprocess.Popen[str]], None] | None = None,
    ) -> Result:
        log = self.workspace.events / f"{next(self._numbers):03}-{operation}.jsonl"
        debug: list[str] = []
        with _kept_here(debug), _language_host(program(self.project.root, self._transformation)) as port:
            arguments = [
                *(str(self._cli), operation, *options, "--stack", self._stack, "--non-interactive"),
                *(
                    "--color",
                    "never",
                    "--event-log",
                    str(log),
                    "--exec-kind",
                    "auto.inline",
                    f"--client=127.0.0.1:{port}",
                ),
            ]
            with subprocess.Popen(
                arguments,
                cwd=self.workspace.work,
                env=self.workspace.environment(self._ports),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            ) as process:
                if started:
                    started(process)
                output, _ = process.communicate()
        read = read_log(log)
        return Result(
            operation=operation,
            code=process.returncode,
            steps=read.steps,
            findings=read.findings,
            diagnostics=read.diagnostics,
            output=output,
            event_log=log,
            debug=tuple(debug),
        )


@contextmanager
def _kept_here(messages: list[str]) -> Generator[None]:
    """Keep debug messages in this process: the SDK waits for the engine with each, and registers nothing meanwhile.

    Nor is each resource sent with the lines of the program that made it, a tenth of the program's time.
    """

    def keep(msg: str, *_args: object, **_options: object) -> None:
        messages.append(msg)

    with patch.object(pulumi.log, "debug", keep), patch.object(resource, "_get_stack_trace", source_pb2.StackTrace):
        yield


@contextmanager
def _language_host(run: Callable[[], None]) -> Generator[int]:
    """Serve the program to the engine from this process; yields the port."""
    options = [("grpc.max_receive_message_length", _LARGEST_MESSAGE)]
    server = grpc.server(ThreadPoolExecutor(max_workers=4), options=options)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageServer(run), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(grace=None).wait()


def explained(command: str, output: str, directory: Path) -> EngineError:
    """What a person needs to know of a command that failed."""
    if "is currently locked by" in output:
        hint = "Another run uses this stack, or one that was killed has left its lock: wait, or run `pulumi cancel`."
    elif "incorrect passphrase" in output:
        hint = "The stack was made with another passphrase: set PULUMI_CONFIG_PASSPHRASE to that one."
    elif "no space left" in output:
        hint = f"The disk of {directory} is full: free some space, then start again."
    else:
        hint = "Its last lines are above; nothing of it was done."
    return EngineError(
        f"{command} failed in {directory}", hint=hint, output="\n".join(output.strip().splitlines()[-15:])
    )
