"""The drill's own judgement: it must see what was lost. The drill itself runs in `make e2e`."""

from typing import cast

import pytest
from rich.console import Console

from ops.clients import s3_client
from ops.commands.drill import show
from ops.drill.checkout import STACK, Checkout, copy_program
from ops.drill.exercise import Exercise
from ops.drill.flowise import Flowise
from ops.drill.work import Compared, DrillData, contents, destroy
from ops.errors import OpsError
from tests.ops.bucket_history import BucketHistory


class _Forgetful:
    """A Flowise after a bad recovery: it answers, and has another key, an older chat and one file less."""

    def flows(self) -> dict[str, str]:
        return {"kept": "content"}

    def ask(self, _flow: str, question: str, _chat: str) -> str:
        return f"answer:{question.upper()}"

    def history(self, _flow: str) -> dict[str, tuple[str, ...]]:
        return {"1": ("userMessage", "hi")}

    def attached(self, _flow: str, _chat: str, name: str) -> bytes:
        if name == "gone.txt":
            raise OpsError("404")
        return b"here"

    def credential_user(self, _credential: str) -> str:
        raise OpsError("500: malformed UTF-8 data")


def test_what_does_not_come_back_as_it_was_is_counted(bucket: BucketHistory) -> None:
    s3 = s3_client("us-east-1")
    for key in ("a", "b", "c", "d"):
        s3.put_object(Bucket=bucket.name, Key=key, Body=key.encode())
    work = DrillData(
        flows={"kept": "content", "lost": "content"},
        credentials={"id": "ada"},
        files={"here.txt": b"here", "gone.txt": b"gone"},
        history={"1": ("userMessage", "hi"), "2": ("apiMessage", "answer:HI")},
        objects=contents(s3, bucket.name),
        bucket=bucket.name,
    )
    assert destroy(s3, bucket.name) == (2, 1)
    compared = work.compare(cast("Flowise", _Forgetful()), s3)
    assert {each.kind: each.made - each.right for each in compared} == {
        "flows": 1,
        "answers of a flow": 0,
        "credentials, decrypted": 1,
        "chat messages": 1,
        "files, downloaded": 1,
        "objects of the bucket": 3,
    }


@pytest.mark.parametrize(("right", "says"), [(3, "Nothing was lost"), (2, "Data was lost")])
def test_the_verdict_follows_from_the_counts(right: int, says: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    checkout = Checkout(directory=tmp_path_factory.mktemp("none"), port=1)
    exercise = Exercise(checkout=checkout, show=lambda _: None, compared=[Compared(kind="flows", made=3, right=right)])
    console = Console(record=True)
    show(console, exercise)
    assert says in console.export_text()


def test_the_copy_has_a_stack_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    source = tmp_path_factory.mktemp("program")
    for name in (".local", ".git", "components", "tests"):
        (source / name).mkdir()
    (source / "Pulumi.prod.yaml").write_text("config:\n  aws:region: eu-west-1\n  flowise:protected: true\n")
    checkout = copy_program(source, tmp_path_factory.mktemp("copies") / "copy", stack="prod")
    assert sorted(path.name for path in checkout.directory.iterdir()) == [
        ".local",
        f"Pulumi.{STACK}.yaml",
        "Pulumi.prod.yaml",
        "components",
    ]
    text = (checkout.directory / f"Pulumi.{STACK}.yaml").read_text()
    assert text == "config:\n  aws:region: us-east-1\n  flowise:protected: true\n"
    assert (source / "Pulumi.prod.yaml").read_text().count("eu-west-1") == 1
    with pytest.raises(OpsError, match=r"no Pulumi\.other\.yaml"):
        copy_program(source, checkout.directory / "again", stack="other")
