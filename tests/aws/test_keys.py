"""The key, the secrets and the log groups as AWS would show them."""

import json

from tests.aws.environment import ACCOUNT, REGION, LocalEnvironment

_KEYS = (
    "FLOWISE_SECRETKEY_OVERWRITE",
    "JWT_AUTH_TOKEN_SECRET",
    "JWT_REFRESH_TOKEN_SECRET",
    "EXPRESS_SESSION_SECRET",
    "TOKEN_HASH_SECRET",
)


def _lengths(local_env: LocalEnvironment, secret_id: str, region: str = REGION) -> dict[str, int]:
    """How long each value of a secret is; no test ever shows the values."""
    value = local_env.aws("secretsmanager", region).get_secret_value(SecretId=secret_id)["SecretString"]
    return {name: len(text) for name, text in json.loads(value).items()}


def test_key_is_rotated(local_env: LocalEnvironment) -> None:
    kms, record = local_env.aws("kms"), local_env.only("kms/key:Key", "key")
    assert kms.get_key_rotation_status(KeyId=record.id)["KeyRotationEnabled"]
    metadata = kms.describe_key(KeyId=f"alias/flowise-{local_env.stack}")["KeyMetadata"]
    assert metadata["Arn"] == local_env.key_arn
    assert metadata["KeyManager"] == "CUSTOMER"
    assert record.inputs["deletionWindowInDays"] == 30  # only the provider knows it
    assert record.protect is local_env.promise.protected


def test_account_decides_who_uses_the_key(local_env: LocalEnvironment) -> None:
    policy = local_env.aws("kms").get_key_policy(KeyId=local_env.only("kms/key:Key", "key").id, PolicyName="default")[
        "Policy"
    ]
    account, logs, topics = json.loads(policy)["Statement"]
    assert account["Principal"] == {"AWS": [f"arn:aws:iam::{ACCOUNT}:root"]}
    assert logs["Principal"] == {"Service": [f"logs.{REGION}.amazonaws.com"]}
    groups = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:*"
    assert logs["Condition"] == {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}}
    senders = ("budgets", "cloudwatch", "events", "events.rds")
    assert topics["Principal"] == {"Service": [f"{sender}.amazonaws.com" for sender in senders]}
    assert topics["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]
    own = {"kms:EncryptionContext:aws:sns:topicArn": f"arn:aws:sns:*:{ACCOUNT}:*"}
    assert topics["Condition"] == {"ArnLike": own}


def test_the_recovery_region_has_a_key_of_its_own(local_env: LocalEnvironment) -> None:
    region = local_env.promise.recovery_region
    if not region:
        assert [record.name for record in local_env.all("kms/key:Key")] == ["key"]
        return
    record = local_env.only("kms/key:Key", "key-recovery")
    kms = local_env.aws("kms", region)
    assert (
        kms.describe_key(KeyId=f"alias/flowise-{local_env.stack}-recovery")["KeyMetadata"]["Arn"]
        == record.outputs["arn"]
    )
    assert kms.get_key_rotation_status(KeyId=record.id)["KeyRotationEnabled"]
    assert record.protect is record.retain_on_delete is local_env.promise.protected
    (replica,) = local_env.only("secretsmanager/secret:Secret").inputs["replicas"]  # moto forgets the key of a copy
    assert replica == {"region": region, "kmsKeyId": record.outputs["arn"]}


def test_keys_are_kept_encrypted(local_env: LocalEnvironment) -> None:
    record = local_env.only("secretsmanager/secret:Secret")
    secret = local_env.aws("secretsmanager").describe_secret(SecretId=record.id)
    assert secret["Name"] == f"flowise/{local_env.stack}/keys"
    assert secret["KmsKeyId"] == local_env.key_arn
    assert record.protect is record.retain_on_delete is local_env.promise.protected
    window = 30 if local_env.stack == "prod" else 0  # an unprotected stack frees the name at once
    assert record.inputs["recoveryWindowInDays"] == window  # only the provider knows it
    assert "secretString" in local_env.only("secretsmanager/secretVersion:SecretVersion").secrets


def test_secret_holds_every_key(local_env: LocalEnvironment) -> None:
    expected = {**dict.fromkeys(_KEYS, 64), "FLOWISE_OWNER_PASSWORD": 24}
    assert _lengths(local_env, local_env.only("secretsmanager/secret:Secret").id) == expected


def test_keys_have_a_copy_in_another_region(local_env: LocalEnvironment) -> None:
    secret = local_env.aws("secretsmanager").describe_secret(SecretId=f"flowise/{local_env.stack}/keys")
    copies = {copy["Region"]: copy["Status"] for copy in secret.get("ReplicationStatus", [])}
    region = local_env.promise.recovery_region
    assert copies == ({region: "InSync"} if region else {})
    if region:
        copy = local_env.only("secretsmanager/secret:Secret").id.replace(REGION, region)
        assert _lengths(local_env, copy, region) == _lengths(local_env, f"flowise/{local_env.stack}/keys")


def test_administrator_secret_is_complete(local_env: LocalEnvironment) -> None:
    arn = local_env.only("rds/instance:Instance").outputs["masterUserSecrets"][0]["secretArn"]
    lengths = _lengths(local_env, arn)
    assert lengths["username"] == len("flowise_admin")
    assert lengths["password"] >= 24


def test_log_groups_expire_and_are_encrypted(local_env: LocalEnvironment) -> None:
    logs = local_env.aws("logs")
    groups = {group["logGroupName"]: group for group in logs.describe_log_groups()["logGroups"]}
    database = f"/aws/rds/instance/flowise-{local_env.stack}-database"
    waf = f"aws-waf-logs-flowise-{local_env.stack}"
    ours = {
        f"/aws/eks/flowise-{local_env.stack}/cluster",
        f"flowise/{local_env.stack}/vpc-flow",
        *(f"{database}/{export}" for export in ("postgresql", "upgrade", "iam-db-auth-error")),
    }
    shipped = {f"flowise/{local_env.stack}/{name}" for name in ("containers", "metrics") if local_env.promise.telemetry}
    assert set(groups) == {*ours, *shipped, waf}
    for name in ours:
        assert groups[name]["retentionInDays"] == local_env.promise.log_days
        assert groups[name]["kmsKeyId"] == local_env.key_arn
    for name in shipped:
        assert groups[name]["retentionInDays"] == 30
        assert groups[name]["kmsKeyId"] == local_env.key_arn
    assert groups[waf]["retentionInDays"] == 90
