"""AWS Certificate Manager."""

from typing import Final

from components.common.catalogue.entry import (
    Actions,
    AwsEntry,
    Call,
    InUse,
    Moto,
    NameRule,
    Replacement,
    Service,
    TagRule,
)

ACM: Final = Service(
    name="acm", reference="acm/latest/APIReference", tags=TagRule(source="acm RequestCertificate Tags.Key")
)

ENTRIES = (
    AwsEntry(
        type="aws:acm/certificate:Certificate",
        names=(
            NameRule(
                property="domainName",
                longest=64,
                pattern=r"(\*\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])",
                source="acm RequestCertificate DomainName",
                says="cannot exceed 64 octets (characters), including periods",
            ),
        ),
        tags=ACM,
        replacement=Replacement(
            properties=(
                "certificateAuthorityArn domainName keyAlgorithm subjectAlternativeNames validationMethod "
                "validationOptions options.export"
            ),
            source="acm/certificate.go",
            cloudformation="AWS::CertificateManager::Certificate",
            in_place={
                "DomainValidationOptions": "an output here; its input is validationOptions",
                "CertificateExport": "options.export here",
            },
        ),
        price="free",
        actions=Actions(
            read="acm:DescribeCertificate acm:ListTagsForCertificate",
            create="acm:RequestCertificate acm:AddTagsToCertificate",
            update="acm:UpdateCertificateOptions acm:AddTagsToCertificate acm:RemoveTagsFromCertificate",
            delete="acm:DeleteCertificate",
        ),
        moto=Moto(
            lost={"validationMethod": "moto says DNS whatever it was told"},
            delete=Call(service="acm", operation="delete_certificate", arguments={"CertificateArn": "id"}),
        ),
        used_by=(
            InUse(
                user="aws:lb/listener:Listener",
                path="certificateArn",
                code="ResourceInUseException",
                source=ACM.api("DeleteCertificate"),
            ),
            InUse(
                user="aws:cloudfront/distribution:Distribution",
                path="viewerCertificate.acmCertificateArn",
                code="ResourceInUseException",
                source=ACM.api("DeleteCertificate"),
            ),
        ),
        picture="security/certificate-manager.png",
    ),
    AwsEntry(
        type="aws:acm/certificateValidation:CertificateValidation",
        unnamed="its certificate",
        replacement=Replacement(
            properties="certificateArn validationRecordFqdns", source="acm/certificate_validation.go"
        ),
        price="free",
        actions=Actions(read="acm:DescribeCertificate", create="acm:DescribeCertificate"),
        moto=Moto(recorded_only="the provider waits for a certificate; nothing is made"),
    ),
)
