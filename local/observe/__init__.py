"""What `--observe` adds: a real OpenTelemetry Collector, and a page that shows what it received."""
