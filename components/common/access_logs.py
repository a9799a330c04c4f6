"""Folders of the log bucket: agreed between the bucket, which admits them, and those who write there."""

from typing import Final

S3_PREFIX: Final = "s3"
LOAD_BALANCER_PREFIX: Final = "load-balancer"
