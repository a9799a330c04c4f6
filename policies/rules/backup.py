"""AWS Backup."""

from collections.abc import Iterator

from policies.model import Resource, Stack, at, number, owner_rule, rule
from policies.unknown import those

VAULT = "aws:backup/vault:Vault"
PLAN = "aws:backup/plan:Plan"
_SHORTEST_RETENTION_DAYS = 7


@rule(VAULT, fix="set kms_key_arn", controls=("AWS Backup.1",))
def backup_vault_encrypted(vault: Resource) -> Iterator[str]:
    """A copy is as valuable as what it was copied from."""
    if vault.without("kmsKeyArn"):
        yield "kmsKeyArn names no key"


@owner_rule(VAULT, fix="add a VaultLockConfiguration with min_retention_days", protected_only=True)
def backup_vault_locked(stack: Stack, vault: Resource) -> Iterator[str]:
    """Who takes over an administrator's rights deletes the backups first; a lock outlasts them."""

    def locks(lock: Resource) -> bool:
        named = lock.get("backupVaultName")
        return bool(named == vault.get("name")) or stack.belongs(lock, named, vault)

    if not any(
        lock.get("minRetentionDays")
        for lock in those(stack.of("aws:backup/vaultLockConfiguration:VaultLockConfiguration"), locks)
    ):
        yield "has no lock with minRetentionDays"


@rule(VAULT, fix="remove force_destroy", protected_only=True)
def backup_vault_kept(vault: Resource) -> Iterator[str]:
    """With force_destroy a destroy deletes every recovery point first."""
    if vault.lacks("forceDestroy", False, None):
        yield "forceDestroy is true"


@rule(PLAN, fix="set lifecycle.delete_after of each rule to at least 7 days")
def backup_kept_and_ended(plan: Resource) -> Iterator[str]:
    """Too short a time and the last good copy is gone; none at all and every copy costs indefinitely."""
    for entry in plan.items("rules"):
        after = at(entry, "lifecycle.deleteAfter")
        days = number(after)
        if not after:
            yield f"rule {entry.get('ruleName')} never deletes"
        elif days is not None and days < _SHORTEST_RETENTION_DAYS:
            yield f"rule {entry.get('ruleName')} deletes after {days:g} days"


@owner_rule(PLAN, fix="add a Selection for the plan")
def backup_plan_selects(stack: Stack, plan: Resource) -> Iterator[str]:
    """A plan without a selection copies nothing, and nobody notices."""
    if not stack.companions(plan, "aws:backup/selection:Selection", "planId"):
        yield "no Selection names the plan"
