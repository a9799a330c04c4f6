"""The estate on one machine: no AWS account, no Docker, no Pulumi CLI."""

from local.sdk import load_sdks_lazily

load_sdks_lazily()
