"""What the workflows do beyond Pulumi: digests, scans, comparisons, comments. Each module is one make target."""
