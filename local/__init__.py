"""The estate on one machine: no AWS account, no Docker, no Pulumi CLI."""
