"""What the workflows do beyond Pulumi: digests, scans, comparisons, comments. Each command is a make target."""
