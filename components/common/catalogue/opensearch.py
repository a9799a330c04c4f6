"""Amazon OpenSearch Service."""

from typing import Final

from components.common.catalogue.entry import (
    ABSENT,
    Actions,
    AwsEntry,
    Call,
    Given,
    LogConsent,
    Moto,
    NameRule,
    Replacement,
    Service,
    TagRule,
    Unique,
)

OPENSEARCH: Final = Service(
    name="opensearch",
    reference="opensearch-service/latest/APIReference",
    tags=TagRule(source="opensearch CreateDomain TagList.Key"),
)

ENTRIES = (
    AwsEntry(
        type="aws:opensearch/domain:Domain",
        data="protected",
        names=(
            NameRule(
                property="domainName",
                longest=28,
                shortest=3,
                pattern=r"[a-z][a-z0-9\-]+",
                source="opensearch CreateDomain DomainName",
            ),
        ),
        given=Given(kind="opensearch-domain", forbidden="[^a-z0-9-]"),
        tags=OPENSEARCH,
        replacement=Replacement(
            properties="domainName encryptAtRest.kmsKeyId vpcOptions",
            source="opensearch/domain.go",
            cloudformation="AWS::OpenSearchService::Domain",
            in_place={
                "AdvancedSecurityOptions": "only switching it off replaces (`ForceNewIf`)",
                "EngineMode": ABSENT,
            },
        ),
        price="rule",
        actions=Actions(
            read="es:DescribeDomain es:DescribeDomainConfig es:GetCompatibleVersions es:ListTags",
            create=(
                "es:CreateDomain es:AddTags kms:CreateGrant kms:DescribeKey iam:CreateServiceLinkedRole "
                "ec2:DescribeVpcs ec2:DescribeSubnets ec2:DescribeSecurityGroups logs:DescribeResourcePolicies"
            ),
            update="es:UpdateDomainConfig es:UpgradeDomain es:GetUpgradeStatus es:AddTags es:RemoveTags",
            delete="es:DeleteDomain",
        ),
        moto=Moto(
            delete=Call(service="opensearch", operation="delete_domain", arguments={"DomainName": "domainName"}),
            read=Call(service="opensearch", operation="describe_domain", arguments={"DomainName": "domainName"}),
        ),
        unique=Unique(
            keys=("domainName",),
            code="ResourceAlreadyExistsException",
            status=409,
            source=OPENSEARCH.api("CreateDomain"),
        ),
        log_consent=LogConsent(
            name="retrieval",
            service="es.amazonaws.com",
            log_groups="flowise/*/retrieval/*",
            sender="es::domain/flowise-*",
            source='OpenSearch developer guide, "Monitoring OpenSearch logs"',
        ),
        picture="analytics/amazon-opensearch-service.png",
    ),
)
