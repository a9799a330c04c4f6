"""Keys of KMS, and secrets."""

from typing import Final

from analysis.cost.service import Amount, Amounts, Figure, Price, Resource, Service, Usage, flat


class KeysUsage(Usage):
    """What keys are asked."""

    kms_requests_millions: Figure = 0.1
    """Requests to KMS, in millions."""


def _key(resource: Resource) -> Amounts:
    """A key; its first two yearly rotations add a dollar each, which is not counted."""
    yield Amount(what="KMS key", price="kms.key", quantity=1)
    if ":EncryptionKey" in resource.record.parent and "region" not in resource.inputs:
        requests = resource.usage.of(KeysUsage).kms_requests_millions
        yield Amount(what="KMS requests", price="kms.requests", quantity=requests, part="use")


def _secret(resource: Resource) -> Amounts:
    """Every replica in another region is charged as a secret of its own."""
    copies = 1 + len(resource.inputs.get("replicas") or [])
    yield Amount(what="secret and its replicas", price="secrets.secret", quantity=copies)


SERVICE: Final = Service(
    usage=KeysUsage,
    prices={
        "kms.key": Price(1.00, "key", "infracost", at="kms_key_test"),
        "kms.requests": Price(3.00, "M requests", "infracost", at="kms_key_test"),
        "secrets.secret": Price(0.40, "secret", "infracost", at="secretsmanager_secret_test"),
    },
    rules={
        "aws:kms/key:Key": _key,
        "aws:kms/replicaKey:ReplicaKey": flat("KMS key", "kms.key"),
        "aws:secretsmanager/secret:Secret": _secret,
    },
)
