"""What recovery tells a person in trouble, and AWS's own errors in the same words."""

import re
from typing import final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own name; it is the base of what no connection raises
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    TokenRetrievalError,
)

ACTIONS = {
    "ListObjectVersions": "s3:ListBucketVersions",
    "GetBucketVersioning": "s3:GetBucketVersioning",
    "GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "GetBucketReplication": "s3:GetReplicationConfiguration",
    "CopyObject": "s3:GetObjectVersion, s3:GetObjectVersionTagging, s3:PutObject, s3:PutObjectTagging "
    "(and kms:Decrypt, kms:GenerateDataKey on the bucket's key)",
    "UploadPartCopy": "s3:GetObjectVersion, s3:PutObject (and kms:Decrypt, kms:GenerateDataKey on the bucket's key)",
    "CreateMultipartUpload": "s3:PutObject (and kms:GenerateDataKey on the bucket's key)",
    "CompleteMultipartUpload": "s3:PutObject (and kms:Decrypt on the bucket's key)",
    "ListObjectsV2": "s3:ListBucket",
    "GetObject": "s3:GetObject (and kms:Decrypt on the bucket's key)",
    "HeadObject": "s3:GetObjectVersion (and kms:Decrypt on the bucket's key)",
    "GetObjectTagging": "s3:GetObjectVersionTagging",
    "PutObjectTagging": "s3:PutObjectTagging, s3:PutObjectVersionTagging",
    "DeleteObject": "s3:DeleteObject",
    "DescribeDBInstances": "rds:DescribeDBInstances",
    "DescribeDBSnapshots": "rds:DescribeDBSnapshots",
    "DescribeDBInstanceAutomatedBackups": "rds:DescribeDBInstanceAutomatedBackups",
    "ListRecoveryPointsByBackupVault": "backup:ListRecoveryPointsByBackupVault",
    "DescribeSecret": "secretsmanager:DescribeSecret",
    "GetSecretValue": "secretsmanager:GetSecretValue (and kms:Decrypt on the secret's key)",
}
"""IAM actions behind each call, where AWS's message does not name one. docs/recovery.md lists them by command."""

DENIED = frozenset(
    {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AllAccessDisabled", "403", "Forbidden"}
)
_EXPIRED = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidToken",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_HINT_CREDENTIALS = "Sign in again, and look at who you are with: aws sts get-caller-identity"


@final
class OpsError(Exception):
    """Something cannot be done: what, and what to do about it."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def code_of(error: ClientError) -> str:
    """AWS's code of an error, such as NoSuchBucket."""
    return str(error.response.get("Error", {}).get("Code", ""))


def concerns_everything(error: Exception) -> bool:
    """Whether an error would meet every further request too: no right, no valid credentials, no connection."""
    if isinstance(error, ClientError):
        return code_of(error) in DENIED | _EXPIRED
    return isinstance(error, BotoCoreError)


def explained(error: BotoCoreError | ClientError) -> OpsError:
    """Say in plain words what AWS (or the way to it) refused."""
    if isinstance(error, ClientError):
        return _explained_answer(error)
    match error:
        case NoCredentialsError() | PartialCredentialsError() | ProfileNotFound() | TokenRetrievalError():
            return OpsError(f"there are no credentials for AWS: {error}", hint=_HINT_CREDENTIALS)
        case NoRegionError():
            return OpsError("no AWS region is set", hint="Give --region, or set AWS_DEFAULT_REGION.")
        case EndpointConnectionError() | ConnectionError() | HTTPClientError():
            return OpsError(
                f"AWS cannot be reached: {error}", hint="Check the network, the proxy settings and the region."
            )
        case _:
            return OpsError(f"the AWS SDK refused: {error}")


def _explained_answer(error: ClientError) -> OpsError:
    code, operation = code_of(error), error.operation_name
    message = str(error.response.get("Error", {}).get("Message", "")) or code
    if code in DENIED:
        named = re.search(r"not authorized to perform: ([\w-]+:\w+)", message)
        needed = named.group(1) if named else ACTIONS.get(operation, operation)
        return OpsError(
            f"AWS denies {operation} ({message})",
            hint=f"Who runs this needs: {needed}. docs/recovery.md lists the rights of every command.",
        )
    if code in _EXPIRED:
        return OpsError(f"AWS does not accept these credentials in {operation} ({message})", hint=_HINT_CREDENTIALS)
    return OpsError(f"AWS answered {operation} with {code}: {message}")
