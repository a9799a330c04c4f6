"""Keys, secrets and topics."""

from collections.abc import Iterator

from policies.model import Resource, number, rule

KEY = "aws:kms/key:Key"
SECRET = "aws:secretsmanager/secret:Secret"  # noqa: S105  # a type token
_SHORTEST_WINDOW_DAYS = 14


@rule(KEY, fix="set enable_key_rotation to True", controls=("AWS KMS.4", "CIS-AWS 4.6"))
def kms_rotated(key: Resource) -> Iterator[str]:
    """Rotation bounds what one leaked key material can open."""
    if key.lacks("customerMasterKeySpec", "SYMMETRIC_DEFAULT", None):
        return  # AWS rotates symmetric keys only
    if key.lacks("enableKeyRotation", True):
        yield "enableKeyRotation is not true"


@rule(
    KEY,
    "aws:kms/replicaKey:ReplicaKey",
    fix="set deletion_window_in_days to at least 14",
    controls=("AWS KMS.3",),
    protected_only=True,
)
def kms_deletion_window(key: Resource) -> Iterator[str]:
    """A deleted key makes all that it encrypted unreadable; the window is the time to notice."""
    days = number(key.get("deletionWindowInDays"))
    if days is not None and days < _SHORTEST_WINDOW_DAYS:
        yield f"deletionWindowInDays is {days:g}"


@rule(SECRET, fix="set kms_key_id")
def secret_own_key(secret: Resource) -> Iterator[str]:
    """AWS's shared key lets every principal of the account that may read secrets read this one."""
    if secret.without("kmsKeyId"):
        yield "kmsKeyId names no key"


@rule(SECRET, fix="set recovery_window_in_days to at least 14", protected_only=True)
def secret_recovery_window(secret: Resource) -> Iterator[str]:
    """Losing Flowise's key loses every credential that people stored."""
    days = number(secret.get("recoveryWindowInDays"))
    if days is not None and days < _SHORTEST_WINDOW_DAYS:
        yield f"recoveryWindowInDays is {days:g}"


@rule("aws:sns/topic:Topic", fix="set kms_master_key_id", controls=("AWS SNS.1",))
def sns_encrypted(topic: Resource) -> Iterator[str]:
    """Alarms and backup reports name what is broken."""
    if topic.without("kmsMasterKeyId"):
        yield "kmsMasterKeyId names no key"


@rule("aws:sqs/queue:Queue", fix="set kms_master_key_id or sqs_managed_sse_enabled", controls=("AWS SQS.1",))
def sqs_encrypted(queue: Resource) -> Iterator[str]:
    """Messages wait on disk."""
    if queue.without("kmsMasterKeyId") and queue.lacks("sqsManagedSseEnabled", True):
        yield "neither kmsMasterKeyId nor sqsManagedSseEnabled is set"
