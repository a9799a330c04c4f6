"""ImageRegistry: where the Flowise image is kept."""

import json
from dataclasses import dataclass
from typing import Final, final

import pulumi
import pulumi_aws as aws

from bootstrap.settings import RegistrySettings

REPOSITORY: Final = "flowise"
"""Name of the repository, also of its copy in the recovery region."""
_UNTAGGED_DAYS = 14


@dataclass(frozen=True, kw_only=True)
class ImageRegistryArgs:
    """What an account decides about its images."""

    settings: RegistrySettings
    protected: bool
    kms_key_arn: pulumi.Output[str]
    """Key that encrypts the images; ECR cannot change it later."""


@final
class ImageRegistry(pulumi.ComponentResource):
    """Private ECR repository: tags never move, every push is scanned, old images go."""

    url: pulumi.Output[str]
    """Address without a tag, such as 123456789012.dkr.ecr.us-east-1.amazonaws.com/flowise."""
    arn: pulumi.Output[str]

    def __init__(self, resource_name: str, args: ImageRegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:bootstrap:ImageRegistry", resource_name, None, opts)
        repository = aws.ecr.Repository(
            resource_name,
            name=REPOSITORY,
            image_tag_mutability="IMMUTABLE",
            encryption_configurations=[{"encryption_type": "KMS", "kms_key": args.kms_key_arn}],
            opts=pulumi.ResourceOptions(parent=self, protect=args.protected, retain_on_delete=args.protected),
        )
        if args.settings.account_scanning:
            # Scanning is a setting of the registry: that of a repository is being deprecated (ECR API Reference,
            # PutImageScanningConfiguration). Two of these in one account would replace each other's rules.
            aws.ecr.RegistryScanningConfiguration(
                resource_name,
                scan_type="BASIC",
                rules=[
                    {
                        "scan_frequency": "SCAN_ON_PUSH",
                        "repository_filters": [{"filter": REPOSITORY, "filter_type": "WILDCARD"}],
                    }
                ],
                opts=pulumi.ResourceOptions(parent=self),
            )
        aws.ecr.LifecyclePolicy(
            resource_name,
            repository=repository.name,
            policy=json.dumps(_lifecycle(args.settings.keep_images)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.url = repository.repository_url
        self.arn = repository.arn
        self.register_outputs({"url": self.url, "arn": self.arn})


def _lifecycle(keep_images: int) -> dict[str, object]:
    """ECR keeps an untagged image as long as a multi-platform image refers to it."""
    expire = {"type": "expire"}
    return {
        "rules": [
            {
                "rulePriority": 1,
                "description": "builds that were never tagged",
                "selection": {
                    "tagStatus": "untagged",
                    "countType": "sinceImagePushed",
                    "countUnit": "days",
                    "countNumber": _UNTAGGED_DAYS,
                },
                "action": expire,
            },
            {
                "rulePriority": 2,
                "description": "old releases",
                "selection": {
                    "tagStatus": "tagged",
                    "tagPatternList": ["*"],
                    "countType": "imageCountMoreThan",
                    "countNumber": keep_images,
                },
                "action": expire,
            },
        ]
    }
