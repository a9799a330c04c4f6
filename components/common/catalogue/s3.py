"""Amazon S3."""

from typing import Final

from components.common.catalogue.entry import (
    AT_DELETION,
    IGNORED,
    Actions,
    Automatic,
    AwsEntry,
    Call,
    Container,
    Moto,
    NameRule,
    Reference,
    Replacement,
    Service,
    TagRule,
    Unique,
)

S3: Final = Service(
    name="s3",
    reference="AmazonS3/latest/API",
    tags=TagRule(source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_Tag.html"),
)

ENTRIES = (
    AwsEntry(
        type="aws:s3/bucket:Bucket",
        data="irreplaceable",
        names=(
            NameRule(
                property="bucket",
                longest=63,
                shortest=3,
                pattern="[a-z0-9][a-z0-9-]*[a-z0-9]",
                source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
            ),
        ),
        autoname="lower",
        tags=S3,
        automatic=Automatic(pattern="flowise-${stack}--${name}-${hex(7)}", longest="telemetry-archive"),
        reference=Reference(key="bucket", name="bucket"),
        replacement=Replacement(
            properties="bucket bucketPrefix objectLockEnabled",
            source="s3/bucket.go",
            cloudformation="AWS::S3::Bucket",
            in_place={
                "BucketName": "bucket here",
                "BucketNamePrefix": "bucketPrefix here",
                "BucketNamespace": "part of the name here",
            },
        ),
        price="rule",
        actions=Actions(
            read=(
                "s3:ListBucket s3:GetBucketLocation s3:GetBucketTagging s3:ListTagsForResource "
                "s3:GetBucketPolicy s3:GetBucketAcl s3:GetBucketCORS s3:GetBucketWebsite "
                "s3:GetBucketVersioning s3:GetAccelerateConfiguration s3:GetBucketRequestPayment "
                "s3:GetBucketLogging s3:GetLifecycleConfiguration s3:GetReplicationConfiguration "
                "s3:GetEncryptionConfiguration s3:GetBucketObjectLockConfiguration"
            ),
            create="s3:CreateBucket s3:PutBucketTagging s3:TagResource",
            update="s3:PutBucketTagging s3:TagResource s3:UntagResource",
            delete="s3:DeleteBucket s3:ListBucketVersions s3:DeleteObject s3:DeleteObjectVersion",
        ),
        moto=Moto(
            lost={"forceDestroy": AT_DELETION},
            delete=Call(service="s3", operation="delete_bucket", arguments={"Bucket": "id"}),
            read=Call(service="s3", operation="head_bucket", arguments={"Bucket": "id"}),
        ),
        unique=Unique(
            keys=("bucket",),
            code="BucketAlreadyOwnedByYou",
            status=409,
            everywhere=True,
            source=S3.api("CreateBucket"),
        ),
        container=Container(
            code="BucketNotEmpty",
            status=409,
            says="The bucket you tried to delete is not empty. You must delete all versions in the bucket.",
            source=S3.api("DeleteBucket"),
        ),
        picture="storage/simple-storage-service-s3.png",
    ),
    AwsEntry(
        type="aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        unnamed="its bucket",
        replacement=Replacement(properties="bucket expectedBucketOwner", source="s3/bucket_lifecycle_configuration.go"),
        price="free",
        actions=Actions(
            read="s3:GetLifecycleConfiguration",
            create="s3:PutLifecycleConfiguration",
            update="s3:PutLifecycleConfiguration",
            delete="s3:PutLifecycleConfiguration",
        ),
        moto=Moto(
            delete=Call(service="s3", operation="delete_bucket_lifecycle", arguments={"Bucket": "bucket"}), put=True
        ),
    ),
    AwsEntry(
        type="aws:s3/bucketLogging:BucketLogging",
        unnamed="its bucket",
        replacement=Replacement(properties="bucket expectedBucketOwner", source="s3/bucket_logging.go"),
        price="free",
        actions=Actions(
            read="s3:GetBucketLogging",
            create="s3:PutBucketLogging",
            update="s3:PutBucketLogging",
            delete="s3:PutBucketLogging",
        ),
        moto=Moto(
            apart="moto writes an object for every read, the provider's too: the log bucket would never be empty"
        ),
    ),
    AwsEntry(
        type="aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        unnamed="its bucket",
        replacement=Replacement(properties="bucket", source="s3/bucket_ownership_controls.go"),
        price="free",
        actions=Actions(
            read="s3:GetBucketOwnershipControls",
            create="s3:PutBucketOwnershipControls",
            update="s3:PutBucketOwnershipControls",
            delete="s3:PutBucketOwnershipControls",
        ),
        moto=Moto(
            delete=Call(service="s3", operation="delete_bucket_ownership_controls", arguments={"Bucket": "bucket"}),
            put=True,
        ),
    ),
    AwsEntry(
        type="aws:s3/bucketPolicy:BucketPolicy",
        unnamed="its bucket",
        replacement=Replacement(
            properties="bucket", source="s3/bucket_policy.go", cloudformation="AWS::S3::BucketPolicy"
        ),
        price="free",
        actions=Actions(
            read="s3:GetBucketPolicy",
            create="s3:PutBucketPolicy",
            update="s3:PutBucketPolicy",
            delete="s3:DeleteBucketPolicy",
        ),
        moto=Moto(
            delete=Call(service="s3", operation="delete_bucket_policy", arguments={"Bucket": "bucket"}),
            read=Call(service="s3", operation="get_bucket_policy", arguments={"Bucket": "bucket"}),
            put=True,
        ),
    ),
    AwsEntry(
        type="aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        unnamed="its bucket",
        replacement=Replacement(properties="bucket", source="s3/bucket_public_access_block.go"),
        price="free",
        actions=Actions(
            read="s3:GetBucketPublicAccessBlock",
            create="s3:PutBucketPublicAccessBlock",
            update="s3:PutBucketPublicAccessBlock",
            delete="s3:PutBucketPublicAccessBlock",
        ),
        moto=Moto(
            delete=Call(service="s3", operation="delete_public_access_block", arguments={"Bucket": "bucket"}), put=True
        ),
    ),
    AwsEntry(
        type="aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        unnamed="its bucket",
        replacement=Replacement(properties="bucket", source="s3/bucket_replication_configuration.go"),
        price="rule",
        actions=Actions(
            read="s3:GetReplicationConfiguration",
            create="s3:PutReplicationConfiguration iam:PassRole",
            update="s3:PutReplicationConfiguration iam:PassRole",
            delete="s3:PutReplicationConfiguration",
        ),
        moto=Moto(
            lost={
                "rules.deleteMarkerReplication": IGNORED,
                "rules.sourceSelectionCriteria": IGNORED,
            },
            delete=Call(service="s3", operation="delete_bucket_replication", arguments={"Bucket": "bucket"}),
            put=True,
        ),
    ),
    AwsEntry(
        type="aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        unnamed="its bucket",
        replacement=Replacement(
            properties="bucket expectedBucketOwner", source="s3/bucket_server_side_encryption_configuration.go"
        ),
        price="free",
        actions=Actions(
            read="s3:GetEncryptionConfiguration",
            create="s3:PutEncryptionConfiguration",
            update="s3:PutEncryptionConfiguration",
            delete="s3:PutEncryptionConfiguration",
        ),
        moto=Moto(
            delete=Call(service="s3", operation="delete_bucket_encryption", arguments={"Bucket": "bucket"}), put=True
        ),
    ),
    AwsEntry(
        type="aws:s3/bucketVersioning:BucketVersioning",
        unnamed="its bucket",
        replacement=Replacement(properties="bucket expectedBucketOwner", source="s3/bucket_versioning.go"),
        price="free",
        actions=Actions(
            read="s3:GetBucketVersioning",
            create="s3:PutBucketVersioning",
            update="s3:PutBucketVersioning",
            delete="s3:PutBucketVersioning",
        ),
        moto=Moto(delete="function", put=True),
    ),
)
