"""Log groups."""

from collections.abc import Iterator

from policies.model import Resource, number, rule

GROUP = "aws:cloudwatch/logGroup:LogGroup"
_SHORTEST_RETENTION_DAYS = 30


@rule(GROUP, fix="set retention_in_days")
def log_group_ends(group: Resource) -> Iterator[str]:
    """Without a retention every line is kept, and paid, indefinitely."""
    if group.without("retentionInDays"):
        yield "retentionInDays is not set"


@rule(GROUP, fix="set retention_in_days to at least 30", controls=("AWS CloudWatch.16",), protected_only=True)
def log_group_kept(group: Resource) -> Iterator[str]:
    """An intrusion is found weeks later, on average."""
    days = number(group.get("retentionInDays"))
    if days is not None and 0 < days < _SHORTEST_RETENTION_DAYS:
        yield f"retentionInDays is {days:g}"


@rule(GROUP, fix="set kms_key_id to a key of the group's region")
def log_group_encrypted(group: Resource) -> Iterator[str]:
    """Logs hold statements, addresses and mistakes of people."""
    if group.without("kmsKeyId"):
        yield "kmsKeyId names no key"
