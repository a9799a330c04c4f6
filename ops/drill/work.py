"""What the drill puts into Flowise before the disaster, and how it is compared afterwards."""

import hashlib
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from ops.drill.flowise import Flowise
from ops.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3.client import S3Client

T = TypeVar("T")
_FLOWS, _FILES, _QUESTIONS = 3, 12, 6
_CHAT = "0f7c2d52-8a3e-4a55-9d3d-0c1f6e1c7a10"


@dataclass(frozen=True, kw_only=True)
class Compared:
    """How much of a kind came back as it was."""

    kind: str
    made: int
    right: int


@dataclass(kw_only=True)
class DrillData:
    """Everything that must come back."""

    flows: dict[str, str] = field(default_factory=dict[str, str])
    """Contents by name."""
    flow: str = ""
    """The one that is asked."""
    credentials: dict[str, str] = field(default_factory=dict[str, str])
    """User names by id."""
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """Contents by name."""
    history: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Messages by id."""
    objects: dict[str, str] = field(default_factory=dict[str, str])
    """SHA-256 of everything in the bucket, by key."""
    bucket: str = ""

    def make(self, flowise: Flowise, s3: "S3Client") -> None:
        """Work as people would."""
        ids = [flowise.create_flow(f"flow {number}") for number in range(_FLOWS)]
        self.flow = ids[0]
        self.flows = flowise.flows()
        for number in range(_FLOWS):
            user = f"ada-{number}"
            self.credentials[flowise.create_credential(f"credential {number}", user, "kept-secret")] = user
        letters = random.Random(1)  # noqa: S311 - contents of files, not secrets
        for number in range(_FILES):
            size = 100 * 4**number if number < 6 else 1000 + number  # noqa: PLR2004 - up to 100 kB
            self.files[f"file-{number}.txt"] = bytes(letters.choices(b"abcdefgh \n", k=size))
        for name, content in self.files.items():
            flowise.attach(self.flow, _CHAT, name, content)
        for number in range(_QUESTIONS):
            flowise.ask(self.flow, f"question {number}", _CHAT)
        self.history = flowise.history(self.flow)
        if len(self.history) != 2 * _QUESTIONS:
            raise OpsError(f"Flowise kept {len(self.history)} messages of {_QUESTIONS} questions and answers")
        self.bucket = _bucket_of(s3, self.flow)
        # But for Flowise's request logs, which it goes on writing between this look and the recovery point.
        self.objects = {key: digest for key, digest in contents(s3, self.bucket).items() if not key.startswith("logs/")}

    def compare(self, flowise: Flowise, s3: "S3Client") -> list[Compared]:
        """Look at everything again; what fails is not right."""
        now = _or({}, flowise.flows)
        found = contents(s3, self.bucket)
        answers = [
            _or("", lambda q=f"after {number}": flowise.ask(self.flow, q, "new")) == f"answer:AFTER {number}"
            for number in range(_QUESTIONS)
        ]
        history = _or({}, lambda: flowise.history(self.flow))
        rights = {
            "flows": [now.get(name) == content for name, content in self.flows.items()],
            "answers of a flow": answers,
            "credentials, decrypted": [
                _or("", lambda c=credential: flowise.credential_user(c)) == user
                for credential, user in self.credentials.items()
            ],
            "chat messages": [history.get(message) == said for message, said in self.history.items()],
            "files, downloaded": [
                _or(b"", lambda n=name: flowise.attached(self.flow, _CHAT, n)) == content
                for name, content in self.files.items()
            ],
            "objects of the bucket": [found.get(key) == digest for key, digest in self.objects.items()],
        }
        return [Compared(kind=kind, made=len(right), right=sum(right)) for kind, right in rights.items()]


def contents(s3: "S3Client", bucket: str) -> dict[str, str]:
    """SHA-256 of every object, by key."""
    found: dict[str, str] = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for entry in page.get("Contents", []):
            key = entry.get("Key", "")
            with s3.get_object(Bucket=bucket, Key=key)["Body"] as body:
                found[key] = hashlib.sha256(body.read()).hexdigest()
    return found


def destroy(s3: "S3Client", bucket: str) -> tuple[int, int]:
    """Delete every other object, and overwrite half of the rest; return how many of each."""
    keys = sorted(contents(s3, bucket))
    deleted, kept = keys[::2], keys[1::2]
    for key in deleted:
        s3.delete_object(Bucket=bucket, Key=key)
    overwritten = kept[::2]
    for key in overwritten:
        s3.put_object(Bucket=bucket, Key=key, Body=b"nonsense")
    return len(deleted), len(overwritten)


def _bucket_of(s3: "S3Client", flow: str) -> str:
    for bucket in s3.list_buckets()["Buckets"]:
        name = bucket.get("Name", "")
        if "files" in name and any(flow in key for key in contents(s3, name)):
            return name
    raise OpsError("no bucket of the environment holds the uploaded files")


def _or(instead: T, read: "Callable[[], T]") -> T:
    try:
        return read()
    except OpsError:
        return instead
