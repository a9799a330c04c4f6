"""`export` and `import`: everything comes back as it was, and nothing is half done."""

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from moto import mock_aws
from psycopg import sql

from analysis.stackfiles import ROOT
from ops.clients import s3_client
from ops.portable.credentials import decrypt, encrypt
from tests.ops.bucket_history import REGION
from tests.ops.conftest import Outcome, ops
from tests.ops.postgres_server import Server

KEY, OTHER_KEY, PASSPHRASE = "key-of-the-old-stack", "key-of-the-new-stack", "correct horse battery"
PLAIN = '{"openAIApiKey":"not a real one, with ümlaut"}'
USER, WORKSPACE, ORGANIZATION = (f"00000000-0000-4000-8000-00000000000{number}" for number in "123")
ID = "10000000-0000-4000-8000-000000000001"
TABLES = ("user", "organization", "workspace", "credential", "chat_flow", "chat_message", "counted")
TEXT = 'tab\t newline\n "quotes" \\N \\ backslash, 漢字 \u2028 and </script>'
BYTES = b"\x00\xff\\"
FILES = {"org/flow/chat/a file.txt": b"one", "org/flow/chat/ä.bin": bytes(range(256)), "org/copy": b"one"}
MIB = 1 << 20
OLD: tuple[tuple[LiteralString, tuple[object, ...]], ...] = (
    ('INSERT INTO "user" VALUES (%s, %s, %s, %s)', (USER, "owner@example.com", "hash", USER)),
    ("INSERT INTO organization VALUES (%s, %s, %s)", (ORGANIZATION, "ours", USER)),
    ("INSERT INTO workspace VALUES (%s, %s, %s)", (WORKSPACE, "ours", ORGANIZATION)),
    ('UPDATE "user" SET "activeWorkspaceId" = %s', (WORKSPACE,)),
    ("INSERT INTO credential VALUES (%s, 'c', 'openAIApi', %s, %s)", (ID, encrypt(PLAIN, KEY), WORKSPACE)),
    ("INSERT INTO chat_flow VALUES (%s, %s, '', NULL, '2026-01-02 03:04:05.678901', %s)", (ID, TEXT, WORKSPACE)),
    ("INSERT INTO chat_message VALUES (%s, 'user', %s, %s)", (ID, ID, TEXT)),
    (
        "INSERT INTO counted (ratio, raw, shape) VALUES (0.1, %s, NULL), ('NaN', NULL, '[ 1]'), (1e-300, '', '{}')",
        (BYTES,),
    ),
    ("INSERT INTO login_sessions VALUES ('a', '{}')", ()),
)
"""What a database in use holds."""


@pytest.fixture
def s3() -> Any:
    return buckets()


def buckets() -> Any:
    """A bucket in use, and an empty one."""
    client: Any = s3_client(REGION)
    for bucket in ("old", "new"):
        client.create_bucket(Bucket=bucket)
    for key, content in FILES.items():
        client.put_object(Bucket="old", Key=key, Body=content, ContentType="text/x-test")
    return client


@pytest.fixture
def old(server: Server) -> str:
    return in_use(server, "old")


def in_use(server: Server, name: str) -> str:
    """A database in use."""
    dsn = server.make(name)
    with psycopg.connect(dsn) as connection:
        for statement, values in OLD:
            connection.execute(statement, values)
    return dsn


@pytest.fixture(scope="module")
def exported(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete export of a stack in use."""
    directory = tmp_path_factory.mktemp("exported") / "archive"
    with mock_aws():
        buckets()
        done = export(in_use(server, "exported"), archive=directory)
    assert done.code == 0, done.text
    return directory


@pytest.fixture
def archive(exported: Path) -> Path:
    """A copy of it for one test."""
    return Path(shutil.copytree(exported, "archive"))


@pytest.fixture
def new(server: Server) -> str:
    """A database of a newer program, with the account of its owner."""
    dsn = server.make("new")
    with psycopg.connect(dsn) as connection:
        connection.execute("INSERT INTO migrations (timestamp, name) VALUES (3, 'Newer3')")
        connection.execute("ALTER TABLE chat_flow ADD COLUMN newer text DEFAULT 'default'")
        connection.execute('INSERT INTO "user" (id, email) VALUES (%s, %s)', (ID, "first@example.com"))
    return dsn


@pytest.fixture
def secret(tmp_path: Path) -> Callable[[str], str]:
    def in_file(value: str) -> str:
        path = tmp_path / f"secret-{value.split(maxsplit=1)[0]}"
        path.write_text(f"{value}\n")
        return str(path)

    return in_file


def export(dsn: str, *more: str, archive: Path = Path("archive")) -> Outcome:
    where = ("--archive", str(archive), "--database", dsn, "--bucket", "old", "--region", REGION)
    return ops("export", *where, *more)


def bring(dsn: str, *more: str) -> Outcome:
    return ops("import", "--archive", "archive", "--database", dsn, "--bucket", "new", "--region", REGION, *more)


def rows(dsn: str, *leave_out: str) -> dict[str, list[Any]]:
    """Every row, as PostgreSQL writes it, without the column that only the newer program has."""
    found: dict[str, list[Any]] = {}
    with psycopg.connect(dsn) as connection:
        for table in TABLES:
            query = sql.SQL("SELECT to_jsonb(t) - 'newer' FROM {} t ORDER BY to_jsonb(t)::text")
            found[table] = [row for (row,) in connection.execute(query.format(sql.Identifier(table)))]
    return {table: lines for table, lines in found.items() if table not in leave_out}


def objects(s3: Any, bucket: str) -> dict[str, tuple[bytes, str]]:
    listed = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    answers = {found["Key"]: s3.get_object(Bucket=bucket, Key=found["Key"]) for found in listed}
    return {key: (answer["Body"].read(), answer["ContentType"]) for key, answer in answers.items()}


def test_everything_comes_back_as_it_was(
    server: Server, old: str, new: str, s3: Any, secret: Callable[[str], str]
) -> None:
    done = export(old)
    assert done.code == 0, done.text
    assert PLAIN not in "".join(
        path.read_text(errors="replace") for path in Path("archive").rglob("*") if path.is_file()
    )
    assert not Path("archive/tables/login_sessions.jsonl").exists()
    done = bring(new, "--key-file", secret(KEY))
    assert done.code == 0, done.text
    assert "9 rows" in done.text
    assert rows(new) == rows(old)
    assert objects(s3, "new") == objects(s3, "old") == {key: (body, "text/x-test") for key, body in FILES.items()}
    # Counters go on, foreign keys hold, sessions stay behind.
    assert server.run("new", "INSERT INTO counted (ratio) VALUES (1) RETURNING number") == [(4,)]
    assert server.run("new", "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated") == [(6,)]
    assert server.run("new", "SELECT count(*) FROM login_sessions") == [(0,)]


def test_another_key_needs_the_sealed_file_and_its_passphrase(
    server: Server, old: str, new: str, s3: Any, secret: Callable[[str], str]
) -> None:
    done = export(old, "--key-file", secret(KEY), "--passphrase-file", secret(PASSPHRASE))
    assert done.code == 0, done.text
    sealed = Path("archive/credentials.sealed").read_bytes()
    assert b"not a real one" not in sealed
    before = rows(new)
    for options, said in (
        ((), "no key to try"),
        (("--key-file", secret(OTHER_KEY)), "opens 0 of 1 credentials"),
        (("--key-file", secret(OTHER_KEY), "--passphrase-file", secret("wrong")), "passphrase does not open"),
    ):
        refused = bring(new, *options)
        assert (refused.code, said in refused.text) == (1, True), refused.text
        assert (rows(new), objects(s3, "new")) == (before, {})
    done = bring(new, "--key-file", secret(OTHER_KEY), "--passphrase-file", secret(PASSPHRASE))
    assert done.code == 0, done.text
    [(stored,)] = server.run("new", 'SELECT "encryptedData" FROM credential')
    assert json.loads(decrypt(stored, OTHER_KEY)) == json.loads(PLAIN)
    assert rows(new, "credential") == rows(old, "credential")


def test_a_key_that_does_not_open_the_credentials_ends_the_export(
    old: str, s3: Any, secret: Callable[[str], str]
) -> None:
    assert s3
    done = export(old, "--key-file", secret(OTHER_KEY), "--passphrase-file", secret(PASSPHRASE))
    assert (done.code, "does not open the credential c" in done.text) == (1, True)
    assert not Path("archive/manifest.json").exists()


def test_openssl_reads_what_is_encrypted_here() -> None:
    """The form of crypto-js is that of `openssl enc`: this value was made by openssl, as docs/way-out.md shows."""
    argv = ["openssl", "enc", "-d", "-aes-256-cbc", "-md", "md5", "-base64", "-A", "-pass", f"pass:{KEY}"]
    done = subprocess.run(argv, input=encrypt(PLAIN, KEY).encode(), capture_output=True, check=True, timeout=60)
    assert done.stdout.decode() == PLAIN


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def changed(path: Path) -> None:
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])


@pytest.mark.parametrize("spoil", [cut, changed, Path.unlink])
@pytest.mark.parametrize("name", ["manifest.json", "tables/chat_message.jsonl", "objects.jsonl", "objects/*/*"])
def test_a_damaged_archive_changes_nothing(
    *, name: str, spoil: Callable[[Path], None], archive: Path, new: str, s3: Any, secret: Callable[[str], str]
) -> None:
    path = next(archive.glob(name))
    before = rows(new)
    if (name, spoil) == ("manifest.json", cut):
        cut(path)  # its last byte is a newline, which nobody misses
    spoil(path)
    done = bring(new, "--key-file", secret(KEY))
    assert done.code == 1
    assert str(path) in done.text or "no manifest.json" in done.text
    assert (rows(new), objects(s3, "new")) == (before, {})


@pytest.mark.usefixtures("archive")
def test_only_an_empty_stack_is_imported_into(server: Server, new: str, s3: Any, secret: Callable[[str], str]) -> None:
    server.run("new", "INSERT INTO chat_message VALUES (%s, 'user', %s, 'mine')", ID, ID)
    before = rows(new)
    done = bring(new, "--key-file", secret(KEY))
    assert (done.code, "not empty: there are rows in chat_message" in done.text) == (1, True), done.text
    server.run("new", "DELETE FROM chat_message")
    server.run("new", 'INSERT INTO "user" (id, email) VALUES (%s, %s)', USER, "second@example.com")
    before = rows(new)
    done = bring(new, "--key-file", secret(KEY))
    assert (done.code, "rows in user (more than the owner's)" in done.text) == (1, True), done.text
    assert rows(new) == before
    server.run("new", 'DELETE FROM "user" WHERE id = %s', USER)
    s3.put_object(Bucket="new", Key="org/other", Body=b"mine")
    before = rows(new)
    done = bring(new, "--key-file", secret(KEY))
    assert (done.code, "bucket new is not empty: it has org/other" in done.text) == (1, True), done.text
    assert rows(new) == before


def test_what_guardduty_puts_into_buckets_is_no_file(old: str, new: str, s3: Any, secret: Callable[[str], str]) -> None:
    for bucket, body in (("old", b"one"), ("new", b"other one")):
        s3.put_object(Bucket=bucket, Key="malware-protection-resource-validation-object", Body=body)
    assert export(old).code == 0
    done = bring(new, "--key-file", secret(KEY))
    assert done.code == 0, done.text
    assert objects(s3, "new")["malware-protection-resource-validation-object"][0] == b"other one"
    assert set(FILES) < set(objects(s3, "new"))


@pytest.mark.usefixtures("archive", "s3")
def test_an_older_program_is_refused(server: Server, new: str, secret: Callable[[str], str]) -> None:
    server.run("new", "DELETE FROM migrations WHERE name = 'Second2'")
    done = bring(new, "--key-file", secret(KEY))
    assert (done.code, "lacks the migrations Second2" in done.text) == (1, True), done.text


@pytest.mark.usefixtures("archive", "s3")
def test_rows_that_break_a_reference_are_not_kept(server: Server, new: str, secret: Callable[[str], str]) -> None:
    """The foreign keys are checked on every row: here the new program refers to what the archive does not have."""
    server.run("new", "ALTER TABLE chat_message ADD FOREIGN KEY (chatflowid) REFERENCES workspace(id)")
    before = rows(new)
    done = bring(new, "--key-file", secret(KEY))
    assert (done.code, "violates foreign key constraint" in done.text) == (1, True), done.text
    assert (rows(new), TEXT in done.text) == (before, False)


def test_an_interrupted_export_goes_on_and_is_of_one_moment(
    *,
    server: Server,
    old: str,
    new: str,
    s3: Any,
    secret: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as interrupted:
        interrupted.setattr("ops.portable.objects.Archive.object", _stop_at_second())
        assert export(old).code == 1
    assert not Path("archive/manifest.json").exists()
    assert bring(new).code == 1
    kept = Path("archive/tables/credential.jsonl").stat().st_ino
    server.run("old", "UPDATE chat_flow SET name = 'changed meanwhile'")
    fetched = len(list(Path("archive/objects").glob("*/*")))
    assert fetched == 1
    done = export(old)
    assert done.code == 0, done.text
    assert Path("archive/tables/credential.jsonl").stat().st_ino == kept
    assert bring(new, "--key-file", secret(KEY)).code == 0
    assert (rows(new), objects(s3, "new")) == (rows(old), objects(s3, "old"))
    assert not list(Path("archive").rglob("*progress*"))
    again = export(old)
    assert (again.code, "holds a complete export" in again.text) == (1, True)


def _stop_at_second() -> Callable[[Any, str], Path]:
    calls: list[str] = []

    def place(archive: Any, sha256: str) -> Path:
        calls.append(sha256)
        if len(calls) > 1:
            raise OSError(5, "Input/output error")
        return archive.directory / "objects" / sha256[:2] / sha256

    return place


def fill(dsn: str, messages: int) -> None:
    """Store messages of 2 KiB. Each text is in a hundred of them, so that PostgreSQL compresses it once for all."""
    texts = "CREATE TEMPORARY TABLE texts AS SELECT repeat(md5(n::text), 64) AS text FROM generate_series(1, %s) n"
    copies = "INSERT INTO chat_message SELECT gen_random_uuid(), 'user', %s, text FROM texts, generate_series(1, 100)"
    with psycopg.connect(dsn) as connection:
        psycopg.ClientCursor(connection).execute(texts, (messages // 100,))
        connection.execute(copies, (ID,))


PEAK = (
    "import sys; from ops.__main__ import make_app; sys.argv[0] = 'ops'\n"
    "try: make_app(sys.argv[1])()\n"
    "finally: print('peak', [int(l.split()[1]) for l in open('/proc/self/status') if 'VmHWM' in l][0] * 1024)"
)
"""From /proc, because what getrusage counts begins with the memory of the process that started this one."""


def peak(*arguments: str) -> int:
    """Largest resident memory of a command, in bytes."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK, *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[-1])


HASHES: LiteralString = """
CREATE FUNCTION hashed() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN NEW.content := hashtextextended(NEW.content, 0); RETURN NEW; END';
CREATE TRIGGER hashed BEFORE INSERT ON chat_message FOR EACH ROW EXECUTE FUNCTION hashed();
"""
"""Keeps of each message the hash of its text: PostgreSQL would take longer to compress the texts than to read them."""


def test_100000_messages_take_less_than_150_mib(
    server: Server, old: str, new: str, secret: Callable[[str], str]
) -> None:
    """200 MiB of messages, so that whoever holds them all does not pass."""
    fill(old, 100_000)
    assert peak("export", "--archive", "archive", "--database", old) < 150 * MIB
    path = Path("archive/tables/chat_message.jsonl")
    assert path.stat().st_size > 195 * MIB
    server.run("new", HASHES)
    assert peak("import", "--archive", "archive", "--database", new, "--key-file", secret(KEY)) < 150 * MIB
    stored = server.run("new", "SELECT count(*), sum(content::numeric) FROM chat_message")
    assert stored == server.run("old", "SELECT count(*), sum(hashtextextended(content, 0)) FROM chat_message")


def test_a_disk_that_fills_leaves_nothing_half_written(old: str) -> None:
    """A limit of the system on the size of a file stands for the disk."""
    fill(old, 1000)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MIB // 2, limits[1]))  # less than the 2 MiB of messages
    try:
        done = ops("export", "--archive", "archive", "--database", old)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert done.code == 1
    assert "File too large" in done.text
    assert "Make room" in done.text
    assert not Path("archive/tables/chat_message.jsonl").exists()
    assert not list(Path("archive").rglob("*.partial"))
    assert not Path("archive/manifest.json").exists()
