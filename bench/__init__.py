"""Measurements: `make bench`. Tests never assert time; docs/benchmarks.md keeps the figures."""
