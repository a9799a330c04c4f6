"""`make image-pull-request`: a branch and a pull request for the changed stack file. Doing it twice makes one."""

import subprocess
from pathlib import Path
from typing import Annotated

import typer

from delivery.digest import image_of

_AUTHOR = ("github-actions[bot]", "41898282+github-actions[bot]@users.noreply.github.com")


def main(
    stack: Annotated[str, typer.Argument(help="Name of the stack: Pulumi.<stack>.yaml")],
    base: Annotated[str, typer.Option(help="Branch to merge into")] = "main",
) -> None:
    """Push the change to a branch named after the digest, and open the pull request."""
    path = f"Pulumi.{stack}.yaml"
    if not _git("status", "--porcelain", "--", path):
        typer.echo(f"{path} has not changed; there is nothing to propose")
        return
    digest = image_of(Path(path).read_text(encoding="utf-8")).rpartition("@")[2]
    branch = f"image/{stack}-{digest.removeprefix('sha256:')[:12]}"
    if _git("ls-remote", "--heads", "origin", branch):
        typer.echo(f"{branch} has been proposed before")
        return
    name, email = _AUTHOR
    title = f"Run image {digest.removeprefix('sha256:')[:12]} in {stack}"
    _git("switch", "--create", branch)
    _git("-c", f"user.name={name}", "-c", f"user.email={email}", "commit", "--message", title, "--", path)
    _run("gh", "auth", "setup-git")  # git gets the token from gh, so it is in no file and no argument
    _git("push", "origin", f"HEAD:refs/heads/{branch}")
    body = f"`{digest}`, scanned and signed by the run that opens this."
    _run("gh", "pr", "create", "--base", base, "--head", branch, "--title", title, "--body", body)
    typer.echo(f"proposed {branch}")


def _git(*arguments: str) -> str:
    return _run("git", *arguments)


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        typer.echo(f"{' '.join(command[:3])} failed: {done.stderr.strip()}", err=True)
        raise typer.Exit(1)
    return done.stdout.strip()


if __name__ == "__main__":
    typer.run(main)
