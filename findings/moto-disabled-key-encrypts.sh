#!/usr/bin/env bash
# In moto a key of KMS that is disabled, or waits for its deletion, still encrypts and decrypts.
#
# What: DisableKey and ScheduleKeyDeletion change the state that DescribeKey tells, and nothing else: Encrypt, Decrypt
#   and GenerateDataKey answer as before. AWS's API model names the errors for it in each of these calls:
#   DisabledException for a disabled key, KMSInvalidStateException for one that is pending deletion.
# Versions: moto 5.2.5 with boto3 1.43.106.
# Why it matters: the pending window is there to find out who still uses a key. A rehearsal of that in moto (disable
#   the key, see what stops, enable it again) finds that nothing stops, and the first who learn otherwise are readers
#   of data on AWS.
# Here: a key is protected from deletion by `protected` and by the policy pack (docs/keys.md, docs/changes.md), not by
#   a test that a disabled one fails.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check 'moto[kms]==5.2.5' boto3==1.43.106

seen=$("$work/venv/bin/python" -W ignore - <<'PYTHON'
import boto3
from moto import mock_aws

KEY = {"region_name": "us-east-1", "aws_access_key_id": "none", "aws_secret_access_key": "none"}

with mock_aws():
    kms = boto3.client("kms", **KEY)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    text = kms.encrypt(KeyId=key, Plaintext=b"example")["CiphertextBlob"]

    def outcome() -> str:
        state = kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
        try:
            kms.encrypt(KeyId=key, Plaintext=b"example")
            kms.generate_data_key(KeyId=key, KeySpec="AES_256")
            kms.decrypt(CiphertextBlob=text)
        except kms.exceptions.ClientError as error:
            return f"{state}: {error.response['Error']['Code']}"
        return f"{state}: encrypts and decrypts"

    kms.disable_key(KeyId=key)
    disabled = outcome()
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    print(f"{disabled}; {outcome()}")
PYTHON
)
echo "version: $("$work/venv/bin/pip" freeze --disable-pip-version-check | grep -E '^(moto|boto3)==' | tr '\n' ' ')"
echo "behaviour: the state of a key is told, and keeps nobody from using it"
echo "seen: $seen"
expected='Disabled: encrypts and decrypts; PendingDeletion: encrypts and decrypts'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed; it was: $expected" >&2; exit 1; }
