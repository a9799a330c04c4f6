"""The real Pulumi engine, run on this machine against providers that behave as the real ones do."""
