"""The account as AWS would show it: made in moto, read back with boto3."""

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest
from moto import mock_aws

from analysis.recorder import Recording
from local.aws import MotoCloud
from tests.bootstrap.account import recorded_account

Account = tuple[Recording, Any]


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    """The recording and a function that gives clients."""
    with mock_aws():
        cloud = MotoCloud("us-east-1")
        yield (
            recorded_account({"pulumi_cloud.organization": "acme", "delivery": "pulumi-deployments"}, cloud=cloud),
            cast("Any", cloud.client),
        )


def test_state_is_versioned_encrypted_and_closed(account: Account) -> None:
    recording, client = account
    s3, bucket = client("s3"), recording.only("aws:s3/bucket:Bucket", "state").id
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    key = recording.only("aws:kms/key:Key", "key").outputs["arn"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    (denial,) = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    assert denial["Effect"] == "Deny"
    assert denial["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    (lifecycle,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert lifecycle["NoncurrentVersionExpiration"] == {"NoncurrentDays": 365}
    assert "Days" not in lifecycle["Expiration"], "a state that nobody touches stays"


def test_key_rotates_and_is_known_by_its_alias(account: Account) -> None:
    recording, client = account
    kms = client("kms")
    assert kms.get_key_rotation_status(KeyId=recording.only("aws:kms/key:Key", "key").id)["KeyRotationEnabled"]
    alias = recording.exports["secrets_provider"].removeprefix("awskms://").partition("?")[0]
    assert (
        kms.describe_key(KeyId=alias)["KeyMetadata"]["Arn"] == recording.only("aws:kms/key:Key", "key").outputs["arn"]
    )


def test_each_stack_has_a_key_of_its_own_which_carries_its_tags(account: Account) -> None:
    recording, client = account
    kms = client("kms")
    found: set[str] = set()
    for stack, provider in recording.exports["secrets_providers"].items():
        assert provider.startswith("awskms://alias/")
        key = kms.describe_key(KeyId=provider.removeprefix("awskms://").partition("?")[0])["KeyMetadata"]["KeyId"]
        tags = {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=key)["Tags"]}
        assert (tags["project"], tags["stack"]) == ("flowise", stack)
        found.add(key)
    assert len(found) == len(recording.exports["secrets_providers"]) == 2
    assert recording.only("aws:kms/key:Key", "key").id not in found


def test_registry_scans_and_never_moves_a_tag(account: Account) -> None:
    recording, client = account
    ecr = client("ecr")
    (repository,) = ecr.describe_repositories()["repositories"]
    assert repository["repositoryUri"] == recording.exports["registry"]
    assert repository["imageTagMutability"] == "IMMUTABLE"
    scanning = ecr.get_registry_scanning_configuration()["scanningConfiguration"]
    (rule,) = scanning["rules"]
    assert (scanning["scanType"], rule["scanFrequency"]) == ("BASIC", "SCAN_ON_PUSH")
    assert rule["repositoryFilters"] == [{"filter": repository["repositoryName"], "filterType": "WILDCARD"}]
    assert repository["encryptionConfiguration"]["encryptionType"] == "KMS"
    policy = json.loads(ecr.get_lifecycle_policy(repositoryName="flowise")["lifecyclePolicyText"])
    assert [rule["selection"]["countNumber"] for rule in policy["rules"]] == [14, 100]


def test_issuers_have_one_audience_each(account: Account) -> None:
    _, client = account
    iam = client("iam")
    found = [
        iam.get_open_id_connect_provider(OpenIDConnectProviderArn=provider["Arn"])
        for provider in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    ]
    assert {(provider["Url"], *provider["ClientIDList"]) for provider in found} == {
        ("token.actions.githubusercontent.com", "sts.amazonaws.com"),
        ("api.pulumi.com/oidc", "acme"),
    }


def test_roles_are_apart_short_lived_and_bounded(account: Account) -> None:
    _, client = account
    iam = client("iam")
    roles = {
        role["RoleName"].removeprefix("flowise-bootstrap-account-"): iam.get_role(RoleName=role["RoleName"])["Role"]
        for role in iam.list_roles(PathPrefix="/flowise-bootstrap/")["Roles"]
    }
    assert roles.keys() == {"preview-dev", "preview-prod", "drift", "image", "deploy-dev", "deploy-prod"}
    for name, role in roles.items():
        deploys = name.startswith("deploy-")
        assert role["MaxSessionDuration"] == (7200 if deploys else 3600)
        assert ("PermissionsBoundary" in role) is deploys
        attached = iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]
        assert [policy["PolicyArn"] for policy in attached] == (
            [role["PermissionsBoundary"]["PermissionsBoundaryArn"]] if deploys else []
        )
