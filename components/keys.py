"""FlowiseKeys: the keys that Flowise must never lose, and the owner's first password."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final, final

import pulumi
import pulumi_aws as aws
import pulumi_random as random
from pydantic import Field

from components.common.connections import FlowiseSecrets
from components.common.context import StackContext
from components.common.model import Settings
from components.common.names import physical_name

ENCRYPTION_KEY: Final = "FLOWISE_SECRETKEY_OVERWRITE"
KEYS: Final = (
    ENCRYPTION_KEY,  # encrypts the credentials stored in the database
    "JWT_AUTH_TOKEN_SECRET",
    "JWT_REFRESH_TOKEN_SECRET",
    "EXPRESS_SESSION_SECRET",
    "TOKEN_HASH_SECRET",
)
"""Variables of Flowise that hold its keys."""
_OWNER_PASSWORD = "FLOWISE_OWNER_PASSWORD"  # noqa: S105  # the name of a variable, not a password


_SHORTEST: Final = 32
"""Flowise's own generated key has 32."""
_FEWEST_DIFFERENT: Final = 8
"""Any random key of that length has more."""


def key_weaknesses(keys: Mapping[str, str], *, short_encryption_key: bool) -> Iterable[tuple[str, str]]:
    """Names of the keys with which no pod would start, and why; the rules of image/preload/keys.cjs."""
    for index, (name, value) in enumerate(keys.items()):
        if not (name == ENCRYPTION_KEY and short_encryption_key):
            length = len(value.encode("utf-16-le")) // 2  # as JavaScript counts
            if length < _SHORTEST:
                yield name, f"has {length} characters, at least {_SHORTEST} are needed"
            elif len(set(value)) < _FEWEST_DIFFERENT:
                yield name, f"has only {len(set(value))} different characters, it is no random key"
        if twins := [other for other in list(keys)[:index] if keys[other] == value]:
            yield name, f"is the same as {twins[0]}, each needs its own"


class KeysSettings(Settings):
    """The keys of a stack."""

    recovery_window_days: Annotated[int, Field(ge=7, le=30)] = 30
    """Days in which a deleted secret can still be restored; without `flowise:protected` it is gone at once."""
    short_encryption_key: bool = False
    """Accept a `flowise:flowise_secretkey_overwrite` of fewer than 32 characters, or of few different ones, from an
    instance that moves here: with another key its credentials cannot be read. Whoever gets the database guesses it."""


@dataclass(frozen=True, kw_only=True)
class FlowiseKeysArgs:
    """What a stack decides about its keys."""

    settings: KeysSettings
    stack: StackContext
    imported: Mapping[str, pulumi.Input[str]]
    """Keys of an instance that moves here, by the name of Flowise's variable (secret): all of `KEYS`, or none."""


@final
class FlowiseKeys(pulumi.ComponentResource):
    """Five keys and the owner's first password: made once, protected, kept in Secrets Manager.

    No setting changes them. The keys are random, unless an instance that moves here brings its own; the random ones
    are made all the same, so that neither bringing keys nor taking them back deletes anything. Without
    `FLOWISE_SECRETKEY_OVERWRITE` the credentials in a restored database are lost.
    """

    access: FlowiseSecrets
    """The five keys, and the password with which the owner account is made; the owner may change it in Flowise."""
    secret_arn: pulumi.Output[str]
    """Secrets Manager secret that holds all of them as JSON."""

    def __init__(self, resource_name: str, args: FlowiseKeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:security:FlowiseKeys", resource_name, None, opts)
        keep = pulumi.ResourceOptions(parent=self, protect=args.stack.protected, retain_on_delete=args.stack.protected)
        made = {
            name: random.RandomBytes(f"{resource_name}-{name.lower().replace('_', '-')}", length=32, opts=keep).hex
            for name in KEYS
        }
        keys = {name: pulumi.Output.secret(args.imported.get(name, made[name])) for name in KEYS}
        # Flowise asks for at least eight characters with an upper and a lower case letter, a digit and a sign.
        owner_password = random.RandomPassword(
            f"{resource_name}-owner",
            length=24,
            min_lower=1,
            min_upper=1,
            min_numeric=1,
            min_special=1,
            override_special="-_.!",
            opts=keep,
        ).result
        recovery = args.stack.recovery
        secret = aws.secretsmanager.Secret(
            resource_name,
            name=physical_name("secret", "keys", separator="/"),
            description="Keys of Flowise and the owner's first password. Losing them loses every stored credential.",
            kms_key_id=args.stack.kms_key_arn,
            # Secrets Manager keeps a deleted secret's name taken for this long (API reference, DeleteSecret); a stack
            # that is not protected can be created again at once.
            recovery_window_in_days=args.settings.recovery_window_days if args.stack.protected else 0,
            replicas=[{"region": recovery.region, "kms_key_id": recovery.kms_key_arn}] if recovery else None,
            opts=keep,
        )
        version = aws.secretsmanager.SecretVersion(
            resource_name,
            secret_id=secret.id,
            secret_string=pulumi.Output.json_dumps({**keys, _OWNER_PASSWORD: owner_password}),
            opts=keep,
        )
        self.access = FlowiseSecrets(
            keys=keys, owner_password=owner_password, short_encryption_key=args.settings.short_encryption_key
        )
        self.secret_arn = version.secret_arn
        self.register_outputs({"secret_arn": self.secret_arn})
