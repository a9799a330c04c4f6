"""Amazon Route 53."""

from typing import Final

from components.common.catalogue.entry import ABSENT, Actions, AwsEntry, Moto, NameRule, Replacement, Service

ROUTE53: Final = Service(name="route53", reference="Route53/latest/APIReference")

ENTRIES = (
    AwsEntry(
        type="aws:route53/record:Record",
        names=(
            NameRule(
                longest=1024,
                pattern="[A-Za-z0-9_*.-]+",
                source="route53 ChangeResourceRecordSets ChangeBatch.Changes.ResourceRecordSet.Name",
            ),
        ),
        autoname="none",
        replacement=Replacement(
            properties="name zoneId",
            source="route53/record.go",
            cloudformation="AWS::Route53::RecordSet",
            in_place={
                "HostedZoneId": "zoneId here",
                "HostedZoneName": ABSENT,
            },
        ),
        price="left out",
        left_out="DNS queries",
        actions=Actions(
            read="route53:GetHostedZone route53:ListResourceRecordSets",
            create="route53:ChangeResourceRecordSets route53:GetChange",
            update="route53:ChangeResourceRecordSets route53:GetChange",
            delete="route53:ChangeResourceRecordSets route53:GetChange",
        ),
        moto=Moto(lost={"zoneId": "moto gives zones ids of its own; one for the same domain stands in"}, put=True),
        picture="network/route-53.png",
    ),
)
