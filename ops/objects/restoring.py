"""Makes an old version of an object the current one, by a copy inside S3."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

from boto3.s3.transfer import TransferConfig

from ops.objects.history import ARCHIVED, Version

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

GIB = 1024**3


@final
@dataclass(frozen=True, kw_only=True)
class Restorer:
    """Copies versions onto their own keys. The bucket's default encryption applies, and its object lock, if it has one.

    Content, metadata and tags stay; access lists and redirections do not (S3 copies neither). May be used from any
    thread.
    """

    client: "S3Client"
    bucket: str
    largest_single_copy: int = 5 * GIB
    """Bytes; S3 copies no more in one request."""
    part_size: int = GIB // 4

    def restore(self, version: Version) -> str:
        """Make `version` current again; return the id of the version that this made."""
        source: CopySourceTypeDef = {"Bucket": self.bucket, "Key": version.key, "VersionId": version.id}
        # Unless it is named, the class of a copy is STANDARD; what comes from an archive is wanted at once.
        storage: dict[str, Any] = {}
        if version.storage_class not in ARCHIVED:
            storage["StorageClass"] = version.storage_class
        if version.size > self.largest_single_copy:
            return self._restore_in_parts(version, source, storage)
        made = self.client.copy_object(Bucket=self.bucket, Key=version.key, CopySource=source, **storage)
        return made["VersionId"]

    def hide(self, key: str) -> str:
        """Put a delete marker on top of a key; return its id. Never names a version, so nothing is deleted."""
        return self.client.delete_object(Bucket=self.bucket, Key=key)["VersionId"]

    def _restore_in_parts(self, version: Version, source: "CopySourceTypeDef", storage: dict[str, Any]) -> str:
        size = self.part_size
        self.client.copy(  # takes the metadata along by itself, tags when asked to
            source,
            self.bucket,
            version.key,
            ExtraArgs={**storage, "TaggingDirective": "COPY"},
            Config=TransferConfig(multipart_threshold=size, multipart_chunksize=size, max_concurrency=4),
        )
        return self.client.head_object(Bucket=self.bucket, Key=version.key)["VersionId"]
