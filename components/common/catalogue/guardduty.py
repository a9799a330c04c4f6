"""Amazon GuardDuty: Malware Protection for S3."""

from typing import Final

from components.common.catalogue.entry import Actions, AwsEntry, Moto, Replacement, Service, TagRule

GUARDDUTY: Final = Service(
    name="guardduty",
    reference="guardduty/latest/APIReference",
    tags=TagRule(
        most=200, key_characters="[a-zA-Z0-9+=._:/-]", source="guardduty CreateMalwareProtectionPlan Tags.key"
    ),
)

ENTRIES = (
    AwsEntry(
        type="aws:guardduty/malwareProtectionPlan:MalwareProtectionPlan",
        unnamed="its bucket",
        tags=GUARDDUTY,
        replacement=Replacement(
            properties="protectedResource.s3Bucket.bucketName",
            source="guardduty/malware_protection_plan.go",
            cloudformation="AWS::GuardDuty::MalwareProtectionPlan",
        ),
        price="rule",
        actions=Actions(
            read="guardduty:GetMalwareProtectionPlan",
            create="guardduty:CreateMalwareProtectionPlan guardduty:TagResource iam:PassRole",
            update=("guardduty:UpdateMalwareProtectionPlan guardduty:TagResource guardduty:UntagResource iam:PassRole"),
            delete="guardduty:DeleteMalwareProtectionPlan",
        ),
        moto=Moto(recorded_only="moto has GuardDuty's detectors and no plans of Malware Protection"),
        picture="security/guardduty.png",
    ),
)
