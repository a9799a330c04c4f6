"""Options that export and import share."""

from typing import Annotated

import typer

Database = Annotated[
    str, typer.Option(help="libpq connection string without a password, which comes from PGPASSFILE or PGPASSWORD.")
]
Region = Annotated[str | None, typer.Option(help="Of the bucket; not given: that of AWS_DEFAULT_REGION.")]
