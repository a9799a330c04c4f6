"""`set-password`: a new password for an account of Flowise whose owner can neither log in nor get a mail."""

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from ops.clients import secrets_client
from ops.errors import OpsError
from ops.stack_file import StackFile, read_stack_file

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.client import SecretsManagerClient

_SCRIPT = ("node", "scripts/password.cjs")
_LIMIT_SECONDS = 180
"""The script waits up to a minute for a database that fails over."""
_FIRST_PASSWORD = "FLOWISE_OWNER_PASSWORD"  # noqa: S105  # the name in the secret


def set_password(
    *,
    stack: Annotated[str, typer.Option(help="The stack, as in Pulumi.STACK.yaml.")],
    email: Annotated[str, typer.Option(help="Whose password; not needed where there is one account.")] = "",
    first: Annotated[
        bool, typer.Option("--first", help="Take the first password of the stack's secret in Secrets Manager.")
    ] = False,
    local: Annotated[bool, typer.Option("--local", help="In the local environment, not in the cluster.")] = False,
    context: Annotated[str, typer.Option(help="Context of kubectl; not given: the current one.")] = "",
    directory: Annotated[Path, typer.Option(help="Where Pulumi.yaml is.")] = Path(),
) -> None:
    """Set an account's password, end its sessions, and write the password nowhere.

    The password is asked for, or read from standard input (`... < file`); --first takes it from Secrets Manager. It
    goes to the pod over standard input: no list of processes, log or audit record holds it.
    """
    file = read_stack_file(stack, directory)
    password = _first_password(file) if first else _given_password()
    words = (*_SCRIPT, *([email] if email else []))
    argv = (
        (sys.executable, "-m", "local", "execute", stack, "server", "--", *words)
        if local
        else (
            *(
                "kubectl",
                *(["--context", context] if context else []),
                "--namespace",
                file.namespace,
                "exec",
                "--stdin",
            ),
            *("deployment/flowise-server", "--container", "server", "--", *words),
        )
    )
    try:
        done = subprocess.run(
            argv, input=password, capture_output=True, text=True, timeout=_LIMIT_SECONDS, check=False, cwd=directory
        )
    except FileNotFoundError:
        raise OpsError("kubectl is not there", hint="Install it, and connect it to the stack's cluster.") from None
    except subprocess.TimeoutExpired:
        raise OpsError("the pod has not answered within three minutes", hint="Look at the pod's database.") from None
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).replace(password, "***")
        hint = "Nothing was changed, unless it says that the password is new. docs/runbooks/password-lost.md"
        raise OpsError(said or f"exit code {done.returncode}", hint=hint)
    Console(highlight=False, emoji=False).print(escape(done.stdout.strip()), soft_wrap=True)


def _given_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.read().removesuffix("\n").removesuffix("\r")
    return str(typer.prompt("New password", hide_input=True, confirmation_prompt=True))


def _first_password(file: StackFile) -> str:
    client: SecretsManagerClient = secrets_client(file.region)
    secret = client.get_secret_value(SecretId=f"flowise/{file.stack}/keys")["SecretString"]
    return str(json.loads(secret)[_FIRST_PASSWORD])
