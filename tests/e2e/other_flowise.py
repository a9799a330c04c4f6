"""A Flowise elsewhere, from which somebody moves here: files in a directory, a database in SQLite or without TLS."""

import os
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.drills import UID, Drill
from tests.e2e.second_flowise import SecondFlowise

_DRIVER = Path(__file__).with_name("sqlite3.cjs")


@dataclass(frozen=True, kw_only=True)
class OtherFlowise(SecondFlowise):
    """It makes and migrates its tables itself, when it starts."""

    home: Path
    """Its directory `.flowise`, in effect."""

    database: Mapping[str, str]
    """Variables of its database."""

    @property
    def storage(self) -> Path:
        """Directory of uploaded files: organisation, flow, chat, file."""
        return self.home / "storage"

    @property
    def files(self) -> dict[str, Path]:
        """Uploaded files by the key that each has in a bucket, as `aws s3 sync` makes it."""
        found = (path for path in self.storage.rglob("*") if path.is_file())
        return {path.relative_to(self.storage).as_posix(): path for path in found}

    @property
    def _own(self) -> dict[str, str]:
        return {
            "STORAGE_TYPE": "local",
            "BLOB_STORAGE_PATH": str(self.storage),
            "HOME": str(self.home),
            "FLOWISE_SECRETKEY_OVERWRITE": self.key,
            **self.database,
        }


@contextmanager
def on_sqlite(drill: Drill) -> Generator[OtherFlowise]:
    """One whose database is the file `database.sqlite`."""
    with _directory() as home:
        driver = home / _DRIVER.name  # where its user may read it
        driver.write_bytes(_DRIVER.read_bytes())
        options = f"{drill.servers[0].environment['NODE_OPTIONS']} --require {driver}"
        database = {"DATABASE_TYPE": "sqlite", "DATABASE_PATH": str(home), "NODE_OPTIONS": options}
        yield OtherFlowise(drill=drill, name="sqlite", home=home, database=database)


@contextmanager
def on_postgres(drill: Drill, port: int, name: str) -> Generator[OtherFlowise]:
    """One whose database is in a PostgreSQL of its own, without TLS."""
    with _directory() as home:
        place = {"DATABASE_HOST": "127.0.0.1", "DATABASE_PORT": str(port), "DATABASE_NAME": name, "DATABASE_SSL": ""}
        yield OtherFlowise(drill=drill, name=name, home=home, database=place)


@contextmanager
def _directory() -> Generator[Path]:
    with tempfile.TemporaryDirectory(prefix="flowise-") as temporary:
        home = Path(temporary)
        if os.geteuid() == 0:
            os.chown(home, UID, UID)
        yield home
