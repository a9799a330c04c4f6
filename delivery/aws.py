"""What a command of the workflows says when AWS cannot be asked at all."""

from collections.abc import Generator
from contextlib import contextmanager

import typer
from botocore.exceptions import BotoCoreError


@contextmanager
def asking_aws() -> Generator[None]:
    """End the command with a message where there are no credentials, no region or no connection."""
    try:
        yield
    except BotoCoreError as error:
        typer.echo(f"AWS cannot be asked: {error}\nLog in first: `aws sts get-caller-identity` must answer", err=True)
        raise typer.Exit(1) from None
